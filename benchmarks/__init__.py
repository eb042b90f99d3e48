"""Measurements of the line; they print figures and never fail a build."""
