"""What of a company's tables bears on its figures: named, never silently averaged in."""

from salesml.scorecard.data.notes import Note, data_notes, notes_table

__all__ = ["Note", "data_notes", "notes_table"]
