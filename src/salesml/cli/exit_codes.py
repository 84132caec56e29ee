"""What a command's exit code says; errors bring their own."""

REFUSED = 1
ALARMS = 3
STOPPED = 130
"""What a shell says of a command that was interrupted."""
