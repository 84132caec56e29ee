"""Engines that run a snapshot's query where DuckDB is too small: each on demand, none imported before."""
