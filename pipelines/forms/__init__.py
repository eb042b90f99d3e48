"""Forms OUT: the workbook a respondent fills, filled copies of it, and simulated returns."""

from pipelines.forms.blank import write_blank_form
from pipelines.forms.filling import CellError, FormTemplate, Formula, fill_form
from pipelines.forms.formset import write_form_set
from pipelines.forms.national import write_national
from pipelines.forms.register import write_register
from pipelines.forms.simulation import SimulationSummary, simulate

__all__ = [
    "CellError",
    "FormTemplate",
    "Formula",
    "SimulationSummary",
    "fill_form",
    "simulate",
    "write_blank_form",
    "write_form_set",
    "write_national",
    "write_register",
]
