"""An office's own official blank form, read as a proposed edition of the questionnaire."""
