"""Whose return it is: covers resolved, the register matched, revisions put in order."""
