"""What belongs to arXiv itself: ids, the announcement calendar, titles, a paper as JSON."""
