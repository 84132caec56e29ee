"""The JSON API: the same rows by the same rules, for programs that have a token."""
