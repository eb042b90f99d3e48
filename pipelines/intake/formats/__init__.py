"""From bytes to cells: every file format the line reads, told by content, never by name."""
