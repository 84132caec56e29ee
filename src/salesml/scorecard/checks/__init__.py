"""The seven checks: the metrics of each, and the tables that are no metric."""
