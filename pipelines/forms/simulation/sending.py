"""How returns reach the office: county folders, department folders and zips, odd file formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.forms.filling import FormTemplate
from pipelines.forms.layout import FormLayout
from pipelines.forms.simulation.chance import Chance
from pipelines.forms.simulation.returns import SimReturn, Slip
from pipelines.forms.simulation.settings import Sending, Settings
from pipelines.forms.simulation.writers import CsvForm, SummaryTable, write_legacy
from pipelines.warehouse.packing import Part, pack

_COUNTY_FOLDER = "县区"
_DEPARTMENT_FOLDER = "部门"
_OTHER_CHANNEL = "转报"


@dataclass
class Parcel:
    """One file as it lies in the inbox."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Trace:
    """A slip with the file and cell where it can be found."""

    file: str
    cell: str
    one: SimReturn
    slip: Slip


@dataclass
class Post:
    """Decides the shape of every return and packs them into parcels."""

    settings: Settings
    chance: Chance
    template: FormTemplate
    traces: list[Trace] = field(default_factory=list)

    @property
    def layout(self) -> FormLayout:
        return self.template.layout

    def shape(self, returns: Sequence[SimReturn]) -> None:
        """Give some counties one table of all their units, and some units an odd format."""
        sending = self.settings.sending
        for county in self._summary_counties(returns, sending):
            for one in returns:
                if one.unit.folders == county and not one.unit.venue_name:
                    one.shape = "summary"
        single = [r for r in returns if r.shape == "xlsx" and r.unit.channel == "county"]
        line = self.chance.shuffled(single, lambda r: r.unit.number, "shape")
        for shape, share in (("xls", sending.xls), ("et", sending.et), ("csv", sending.csv)):
            taken = max(1 if len(returns) >= 60 else 0, round(share * len(returns)))
            for one in line[:taken]:
                one.shape = shape
            line = line[taken:]

    def parcels(self, returns: Sequence[SimReturn]) -> Iterator[Parcel]:
        """Every file of the inbox; fills ``traces`` on the way."""
        yield from self._summaries([r for r in returns if r.shape == "summary"])
        single = [r for r in returns if r.shape != "summary"]
        yield from self._county_files([r for r in single if r.unit.channel == "county"])
        yield from self._departments(
            [r for r in single if r.unit.channel == "department"],
            [r for r in single if r.again == "other_channel"],
        )

    # -- counties ------------------------------------------------------------------------------

    def _summary_counties(
        self, returns: Sequence[SimReturn], sending: Sending
    ) -> list[tuple[str, ...]]:
        several: dict[tuple[str, ...], int] = {}
        for one in returns:
            if one.unit.level_id == "county" and not one.unit.venue_name:
                several[one.unit.folders] = several.get(one.unit.folders, 0) + 1
        fit = [folders for folders, count in several.items() if count >= 2]
        line = self.chance.shuffled(fit, "/".join, "summary")
        return line[: round(sending.summary_counties * len(several) + 0.4)]

    def _summaries(self, returns: Sequence[SimReturn]) -> Iterator[Parcel]:
        by_county: dict[tuple[str, ...], list[SimReturn]] = {}
        for one in returns:
            by_county.setdefault(one.unit.folders, []).append(one)
        for folders, ones in by_county.items():
            table = SummaryTable(self.layout, "".join(folders), ones)
            path = "/".join([_COUNTY_FOLDER, *folders, f"{folders[-1]}汇总表.xlsx"])
            for number, one in enumerate(ones):
                for slip in one.slips:
                    name = slip.item_id or slip.field_id
                    self._note(path, one, slip, table.cell_of(number, name).address)
            yield Parcel(path, table.data())

    def _county_files(self, returns: Sequence[SimReturn]) -> Iterator[Parcel]:
        for one in returns:
            folder = "/".join([_COUNTY_FOLDER, *one.unit.folders])
            path = f"{folder}/{one.unit.label}.{one.shape}"
            data = self._written(one, path)
            yield Parcel(path, data)
            if one.again == "same":
                copy = f"{folder}/{one.unit.label}（重发）.{one.shape}"
                self._note(copy, one, one.slips[0], "")
                yield Parcel(copy, data)
            if one.truth is not None:
                corrected = self.template.fill(
                    one.truth.cover, one.truth.answers, one.truth.last_year
                )
                yield Parcel(f"{folder}/{one.unit.label}（更正）.xlsx", corrected)

    # -- departments ---------------------------------------------------------------------------

    def _departments(
        self, returns: Sequence[SimReturn], relayed: Sequence[SimReturn]
    ) -> Iterator[Parcel]:
        by_folder: dict[str, list[SimReturn]] = {}
        for one in returns:
            by_folder.setdefault(one.unit.folders[0], []).append(one)
        folders = {d.id: d.folder for d in self.settings.departments}
        for one in relayed:
            by_folder.setdefault(folders[one.unit.department_id], []).append(one)
        for folder, ones in by_folder.items():
            yield from self._department(folder, ones)

    def _department(self, folder: str, returns: Sequence[SimReturn]) -> Iterator[Parcel]:
        sending = self.settings.sending
        zipped = self.chance.happens(sending.zipped_departments, "zip", folder)
        archive = f"{_DEPARTMENT_FOLDER}/{folder}/{folder}科普统计.zip"
        parts = []
        for one in returns:
            name = f"{one.unit.label}.{one.shape}"
            path = f"{archive}!{name}" if zipped else f"{_DEPARTMENT_FOLDER}/{folder}/{name}"
            data = (
                self._relayed(one, path)
                if one.again == "other_channel"
                else self._written(one, path)
            )
            if zipped:
                parts.append(Part.of(name, data))
            else:
                yield Parcel(path, data)
        if zipped:
            gbk = self.chance.happens(sending.gbk_zips, "gbk", folder)
            yield Parcel(archive, pack(parts, "gbk" if gbk else "utf-8"))

    # -- both ----------------------------------------------------------------------------------

    def _relayed(self, one: SimReturn, path: str) -> bytes:
        """The same return through the department: same figures, another file."""
        self._note(path, one, one.slips[0], "")
        cover = {**one.cover, "stat_head": _OTHER_CHANNEL}
        return self.template.fill(cover, one.answers, one.last_year)

    def _written(self, one: SimReturn, path: str) -> bytes:
        csv_form = CsvForm(one, self.layout) if one.shape == "csv" else None
        for slip in one.slips:
            name = slip.item_id or slip.field_id
            if not name:
                continue
            if csv_form:
                cell = csv_form.cell(name)
            else:
                at = self.layout
                cell = at.figure(name) if slip.item_id else at.cover(name)
            self._note(path, one, slip, cell.a1 if csv_form else cell.address)
        if csv_form:
            return csv_form.data()
        if one.shape in {"xls", "et"}:
            return write_legacy(one, self.layout)
        return self.template.fill(one.cover, one.answers, one.last_year)

    def _note(self, file: str, one: SimReturn, slip: Slip, cell: str) -> None:
        self.traces.append(Trace(file, cell, one, slip))
