"""Layouts nobody foresaw: what the line would read them as, and what a person decided."""
