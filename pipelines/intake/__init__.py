"""Files IN: take stock of the inbox, read any spreadsheet to its cells, hand over tables.

``scan`` lists what was received, ``read_files`` reads a batch (in any process), ``assemble`` makes
the intake tables; ``read_registers`` and ``read_published`` read the inputs beside the returns,
``read_progress`` what a 督查台账 has collected, ``read_corrections`` and ``settle`` what
respondents have confirmed since, ``read_rulings`` what the office decided about whose a return is;
``write_open_rulings`` writes what it has to decide.
``write_proposals`` writes what unknown layouts may mean, ``read_mappings`` reads what people made
of it.  Nothing else in the project opens a respondent's file for its figures.
"""

from pipelines.intake.assemble import assemble
from pipelines.intake.decisions.corrections import Correction, read_corrections
from pipelines.intake.decisions.explained import read_explanations
from pipelines.intake.decisions.open_rulings import write_open_rulings
from pipelines.intake.decisions.rulings import Ruling, read_rulings
from pipelines.intake.decisions.settling import settle
from pipelines.intake.identity.register import read_register, read_registers
from pipelines.intake.inbox import InboxFile, Inventory, scan
from pipelines.intake.mappings.mapping import read_mappings
from pipelines.intake.mappings.proposal_file import write_proposals
from pipelines.intake.mappings.proposed import MISSING, OPEN, Proposal
from pipelines.intake.official.edition_proposal import ProposedEdition, propose_edition
from pipelines.intake.official.official_form import OfficialForm, read_official_form
from pipelines.intake.oversight import read_progress
from pipelines.intake.published import read_published
from pipelines.intake.read import Reader, read_files, refuse
from pipelines.intake.readings import Readings, joined
from pipelines.intake.replies.originals import Originals
from pipelines.intake.vocabulary import Limits, limits

__all__ = [
    "MISSING",
    "OPEN",
    "Correction",
    "InboxFile",
    "Inventory",
    "Limits",
    "OfficialForm",
    "Originals",
    "Proposal",
    "ProposedEdition",
    "Reader",
    "Readings",
    "Ruling",
    "assemble",
    "joined",
    "limits",
    "propose_edition",
    "read_corrections",
    "read_explanations",
    "read_files",
    "read_mappings",
    "read_official_form",
    "read_progress",
    "read_published",
    "read_register",
    "read_registers",
    "read_rulings",
    "refuse",
    "scan",
    "settle",
    "write_open_rulings",
    "write_proposals",
]
