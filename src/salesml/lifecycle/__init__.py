"""The verbs that join the stages."""
