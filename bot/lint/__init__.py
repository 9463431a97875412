"""What is wrong in a list today."""
