"""Sentences, numbers and units for reps: pure, without any table or model."""

from salesml.words.reasons import direction, effect, sentence, strength, value_text

__all__ = ["direction", "effect", "sentence", "strength", "value_text"]
