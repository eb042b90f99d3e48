"""WHAT is asked: the questionnaire and its world, as data and typed models.

This room imports nothing of ours but the error types.  Its data files are reviewed by
statisticians: ``editions/<id>/`` (items, forms, rules, crosswalk), ``reference/`` (divisions,
departments, population, policy measures) and ``published_series/`` (series others have published).
"""

from pipelines.survey.definition import Survey, load_survey
from pipelines.survey.models import Edition, Form, Item, Rule

__all__ = ["Edition", "Form", "Item", "Rule", "Survey", "load_survey"]
