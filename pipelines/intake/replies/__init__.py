"""Query sheets that come back: a new revision of the return they asked about."""
