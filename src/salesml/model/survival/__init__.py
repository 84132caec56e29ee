"""When accounts leave, not only whether: hazards between horizons, curves of them, and how true they are."""
