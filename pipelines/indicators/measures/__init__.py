"""The measures of the provincial plan, scored by the statistics that can measure them.

Which indicators those are is data (``measurements.yaml``); what no statistic measures says so.
"""

from pipelines.indicators.measures.book import Measurement, Measurements, load_measurements
from pipelines.indicators.measures.scoring import score_measures

__all__ = ["Measurement", "Measurements", "load_measurements", "score_measures"]
