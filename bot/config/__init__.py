"""`config/keywords.yaml`, typed."""
