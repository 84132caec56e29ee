"""Changes of the part `published`."""
