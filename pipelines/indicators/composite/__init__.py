"""Composite indexes: chosen indicators on one scale, weighed and put together, with their doubt.

Which indicators, which methods and which weights is data (``indexes.yaml``); no official weights
exist to be copied, and every result carries the label 本省测算，非国家发布指数.
"""

from pipelines.indicators.composite.book import LABEL_ZH, Index, IndexBook, load_indexes
from pipelines.indicators.composite.scoring import score_composites

__all__ = ["LABEL_ZH", "Index", "IndexBook", "load_indexes", "score_composites"]
