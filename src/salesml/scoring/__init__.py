"""Scores with reasons from a bundle, and ranked lists."""
