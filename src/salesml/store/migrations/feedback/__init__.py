"""Changes of the part `feedback`."""
