"""Files IN: take stock of the inbox, read any spreadsheet to its cells, hand over tables.

``scan`` lists what was received, ``read_files`` reads a batch (in any process), ``assemble`` makes
the intake tables; ``read_registers`` and ``read_published`` read the inputs beside the returns.
Nothing else in the project opens a respondent's file for its figures.
"""

from pipelines.intake.assemble import assemble
from pipelines.intake.inbox import InboxFile, Inventory, scan
from pipelines.intake.published import read_published
from pipelines.intake.read import read_files, refuse
from pipelines.intake.readings import Readings, joined
from pipelines.intake.register import read_register, read_registers

__all__ = [
    "InboxFile",
    "Inventory",
    "Readings",
    "assemble",
    "joined",
    "read_files",
    "read_published",
    "read_register",
    "read_registers",
    "refuse",
    "scan",
]
