"""Sentences, numbers and units for reps: pure, without any table or model."""
