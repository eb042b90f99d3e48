"""A simulated province: two years of returns as a folder of files, for training and tests."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import UnknownYearError, UsageError
from pipelines.forms.filling import FormTemplate, Value
from pipelines.forms.layout import SIMULATED_MARK
from pipelines.forms.register import register_book
from pipelines.forms.simulation.chance import Chance
from pipelines.forms.simulation.figures import Answers, Drawer
from pipelines.forms.simulation.hostile import hostile_files
from pipelines.forms.simulation.ledger import Ledger
from pipelines.forms.simulation.mistakes import MistakeMaker
from pipelines.forms.simulation.returns import SimReturn, cover_of
from pipelines.forms.simulation.roster import Roster, SimUnit
from pipelines.forms.simulation.sending import Post, Trace
from pipelines.forms.simulation.settings import settings
from pipelines.survey import Survey
from pipelines.survey.reference import PROVINCE
from pipelines.warehouse import Root
from pipelines.warehouse.layout import REGISTER_FILE

#: Beside the inboxes, never in one: which mistakes were made where.  For tests only.
SIDECAR = "模拟错误.csv"
SIDECAR_HEADER = (
    "年度",
    "文件",
    "单位名称",
    "场馆名称",
    "错误",
    "说明",
    "指标",
    "封面项",
    "单元格",
    "真实值",
)
FEWEST = 20


@dataclass(frozen=True)
class SimulationSummary:
    """What was made: distinct returns a year, files, and returns with a mistake."""

    returns: dict[int, int]
    files: int
    mistakes: int
    sidecar: Path


def simulate(
    survey: Survey,
    root: Root,
    *,
    years: tuple[int, ...] = (2022, 2023),
    returns: int = 400,
    seed: int = 20231231,
    published: bool = True,
) -> SimulationSummary:
    """Fill the inboxes of ``years`` with ``returns`` simulated returns each, mistakes included."""
    if returns < FEWEST:
        raise UsageError(f"模拟的调查表每年不能少于 {FEWEST} 份（给的是 {returns}）")
    province = _Province(survey, tuple(sorted(years)), returns, Chance(seed))
    ledger = Ledger(root)
    ledger.start(province.years)
    files = mistakes = 0
    traces: list[tuple[int, Trace]] = []
    last: dict[int, Answers] = {}
    for year in province.years:
        made = _Year(province, year, last)
        inbox = made.files()
        ledger.put(root.inbox(year), inbox)
        files += len(inbox)
        traces += [(year, trace) for trace in made.post.traces]
        mistakes += made.mistakes
        last = made.answers
    sidecar = root.path / "data" / SIDECAR
    ledger.put(sidecar.parent, [(SIDECAR, _sidecar(traces))])
    if published:
        from pipelines.forms.published import write_published

        write_published(root.published)
    return SimulationSummary(dict.fromkeys(province.years, returns), files, mistakes, sidecar)


class _Province:
    """What all years share."""

    def __init__(
        self, survey: Survey, years: tuple[int, ...], returns: int, chance: Chance
    ) -> None:
        self.survey = survey
        self.years = years
        self.chance = chance
        self.settings = settings()
        for year in years:
            edition = survey.edition_of(year)
            if edition.edition_id != self.settings.edition_id:
                raise UnknownYearError(
                    f"不能模拟 {year} 年度：模拟参数只适用于调查表 {self.settings.edition_id}"
                )
        self.edition = survey.edition(self.settings.edition_id)
        self.roster = Roster(survey, self.settings, chance, years, returns)
        self.drawer = Drawer(self.edition, self.settings, chance, years[0])

    def population(self, year: int) -> float:
        """万人; the nearest year known where the year itself is not."""
        rows = [
            r for r in self.survey.population.rows if r.code == PROVINCE and r.vintage == "first"
        ]
        found = self.survey.population.first_published(PROVINCE, year)
        figure = found or min(rows, key=lambda row: (abs(row.year - year), row.year))
        return float(figure.population_wan)


class _Year:
    """The inbox of one year."""

    def __init__(self, province: _Province, year: int, last: dict[int, Answers]) -> None:
        self.province = province
        self.year = year
        self.last = last
        self.reporting = province.roster.reporting(year)
        population = province.population(year)
        self.answers = province.drawer.draw(self.reporting, year, population)
        template = FormTemplate(province.survey, year, SIMULATED_MARK)
        self.post = Post(province.settings, province.chance, template)
        self.mistakes = 0

    def files(self) -> list[tuple[str, bytes]]:
        """Path in the inbox and bytes of every file."""
        returns = [self._return(unit, self.answers[unit.number]) for unit in self.reporting]
        self.post.shape(returns)
        maker = MistakeMaker(
            self.province.edition, self.province.chance, self.province.settings.mistakes
        )
        self.mistakes = maker.make(returns, self.year)
        made = [(parcel.path, parcel.data) for parcel in self.post.parcels(returns)]
        made += self._hostile()
        made.append((REGISTER_FILE, self._register()))
        return made

    def _return(self, unit: SimUnit, answers: Answers) -> SimReturn:
        cover = cover_of(self.province.survey, self.province.chance, unit, self.year)
        figures: dict[str, Value] = dict(answers)
        return SimReturn(self.year, unit, cover, figures, dict(self.last.get(unit.number, {})))

    def _hostile(self) -> list[tuple[str, bytes]]:
        """From units that have not reported otherwise: they tried."""
        reported = {unit.number for unit in self.reporting}
        silent = [
            unit
            for unit in self.province.roster.expected(self.year)
            if unit.number not in reported and unit.channel == "county"
        ]
        answers = self.province.drawer.draw(silent, self.year, 1.0)
        senders = [self._return(unit, answers[unit.number]) for unit in silent]
        made = []
        for one, name, data, slip in hostile_files(self.post.template, senders):
            path = "/".join(["县区", *one.unit.folders, name])
            made.append((path, data))
            self.post.traces.append(Trace(path, "", one, slip))
        return made

    def _register(self) -> bytes:
        units = [
            {
                "unit_name": unit.unit_name,
                "uscc": unit.uscc,
                "venue_name": unit.venue_name,
                "division_code": unit.division_code,
                "department_id": unit.department_id,
                "level_id": unit.level_id,
                "channel": unit.channel,
            }
            for unit in self.province.roster.expected(self.year)
        ]
        return register_book(self.province.survey, self.year, units, "模拟数据")


def _sidecar(traces: list[tuple[int, Trace]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(SIDECAR_HEADER)
    for year, trace in traces:
        unit, slip = trace.one.unit, trace.slip
        writer.writerow(
            (
                year,
                trace.file,
                unit.unit_name,
                unit.venue_name,
                slip.kind,
                slip.note,
                slip.item_id,
                slip.field_id,
                trace.cell,
                slip.true_value,
            )
        )
    return buffer.getvalue().encode("utf-8-sig")
