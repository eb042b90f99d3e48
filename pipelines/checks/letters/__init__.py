"""Workbooks that go back to their senders: what they sent, marked, with sheets of ours behind it.

``annotate(data, notes, sheets)`` is the face.  The file is changed as a package of parts: the cells
asked about get a fill and a comment, our sheets are added, every other byte stays.
"""

from pipelines.checks.letters.annotate import Note, annotate, sheet_names
from pipelines.checks.letters.grid import Choice, Grid, Line
from pipelines.checks.letters.xmledit import UneditableError

__all__ = ["Choice", "Grid", "Line", "Note", "UneditableError", "annotate", "sheet_names"]
