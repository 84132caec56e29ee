"""Who sees what: a company in which every text says whose it is, and the table of routes."""
