"""Sentences, numbers and units for reps: pure, without any table or model."""

from salesml.words.facts import money_unit
from salesml.words.reasons import direction, effect, in_words, sentence, strength, value_text

__all__ = ["direction", "effect", "in_words", "money_unit", "sentence", "strength", "value_text"]
