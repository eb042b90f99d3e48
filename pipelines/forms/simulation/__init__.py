"""Simulated returns of a province, honest and useful for training: see ``settings.yaml``."""

from pipelines.forms.simulation.province import SimulationSummary, simulate

__all__ = ["SimulationSummary", "simulate"]
