"""One row per account and as-of date: what was known then and, where it is past, the outcome."""
