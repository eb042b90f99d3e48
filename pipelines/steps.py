"""The line in order, one plain function a step: read this page as the method document.

    receive   what lies in data/raw, by content hash            → Plan
    read      every file to the cell, in batches                → shelf of readings
    ingest    readings → submissions, returns, answers          → workshop
    check     rules → findings, status of every return          → workshop
    build     indicators, then the snapshot, swapped in whole   → data/processed
    document  the same rules as Great Expectations Data Docs    → data/processed/quality
    publish   charts, tables, bulletin, query sheets            → reports/<year>

Each step reads what the step before left on disk and can be run again.  A killed run leaves the
published state as it was; the next run begins anew in a work folder of its own.  Nothing here
knows Prefect: ``flows`` wraps these functions, ``cli`` calls them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import intake
from pipelines.checks.arrangement import Arrangement, read_arrangement
from pipelines.checks.thresholds import read_thresholds
from pipelines.errors import ConservationError, PublicationError
from pipelines.products import Made, Publication, chosen
from pipelines.shelf import Shelf
from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Root, Snapshot, Workshop
from pipelines.warehouse.dimensions import load_dimensions, load_meta
from pipelines.warehouse.layout import DRAFT_FILE, legible
from pipelines.warehouse.manifest import (
    Manifest,
    Section,
    code_fingerprint,
    file_hash,
    fingerprint_of,
    hash_outputs,
)
from pipelines.warehouse.publication import (
    exclusive,
    storage_errors,
    swap_file,
    swap_folder,
    write_atomically,
)
from pipelines.warehouse.release import Release, compared_with, releases_of

if TYPE_CHECKING:
    from pipelines.indicators import Definitions

#: Quality documents and reports may be finished at the same time, by two threads of a flow.
_recording = threading.Lock()

#: Files a batch: large enough that starting a task does not show, small enough to share out.
BATCH = 50


@dataclass(frozen=True)
class Plan:
    """What one run works on; ``fingerprint`` identifies everything it depends on."""

    root: Root
    years: tuple[int, ...]
    report_year: int
    overlay: Path | None
    inventory: intake.Inventory
    corrections: tuple[intake.Correction, ...] = field(repr=False)
    explanations: tuple[dict[str, Any], ...] = field(repr=False)
    progress: tuple[dict[str, Any], ...] = field(repr=False)
    arrangement: Arrangement
    thresholds: tuple[dict[str, Any], ...] = field(repr=False)
    rulings: tuple[intake.Ruling, ...] = field(repr=False)
    inputs: dict[str, str] = field(repr=False)
    made: Made
    #: The release of the report year that this state is compared with in print.
    since: Release | None
    fingerprint: str

    @property
    def bench(self) -> Path:
        """The work folder of this state."""
        return self.root.work / self.fingerprint[:16]

    @property
    def workshop(self) -> Path:
        return self.bench / "workshop.duckdb"

    @property
    def report_section(self) -> str:
        return f"reports/{self.report_year}"

    def survey(self) -> Survey:
        return self._survey

    def definitions(self) -> Definitions:
        return self._definitions

    @cached_property
    def _survey(self) -> Survey:
        # Read once a plan: what is planned is done by the definition of that moment.
        return load_survey(self.overlay)

    @cached_property
    def _definitions(self) -> Definitions:
        from pipelines.indicators import load_definitions

        return load_definitions(self.overlay)


def receive(root: Root, year: int | None = None) -> Plan:
    """List and hash what has been received.

    Raises RootError when there is no inbox, DecisionFileError when 更正.yaml or
    认定.yaml is malformed.
    """
    years = root.require_inbox(year)
    survey = load_survey(root.overlay)
    for each in years:
        root.require_names(each)
        survey.edition_of(each)
        intake.read_mappings(root, each, survey)
    inputs = _hash_inputs(root)
    looked_at = {each: read_arrangement(root, each, survey).as_of for each in years}
    report_year = year if year is not None else years[-1]
    # A year whose inbox is still empty is in no path below, but on every page.
    parts = [code_fingerprint(), survey.fingerprint, *map(str, years)]
    parts += [f"{path}={hashed}" for path, hashed in sorted(inputs.items())]

    def made_from(since: Release | None) -> str:
        told = [f"since {since.name}={since.fingerprint}"] if since else []
        return fingerprint_of([*parts, *told])

    since = compared_with(releases_of(root, report_year), made_from)
    return Plan(
        root=root,
        years=tuple(years),
        report_year=report_year,
        overlay=root.overlay,
        inventory=intake.scan(root, years),
        thresholds=tuple(read_thresholds(root, years, survey)),
        corrections=intake.read_corrections(root, years, survey),
        explanations=intake.read_explanations(root, years, survey),
        progress=intake.read_progress(root, survey, looked_at),
        arrangement=read_arrangement(root, report_year, survey),
        rulings=intake.read_rulings(root, years),
        inputs=inputs,
        made=chosen(root.overlay),
        since=since,
        fingerprint=made_from(since),
    )


def stage_of(plan: Plan) -> str:
    """How far a killed or staged run of this very plan has come: "", ingested, checked, built."""
    if section_is_current(plan, "snapshot"):
        return "built"
    mark = plan.bench / "stage"
    return mark.read_text(encoding="utf-8") if mark.is_file() else ""


def is_current(plan: Plan) -> bool:
    """Whether snapshot, quality documents and reports are those of this plan, untouched."""
    return all(section_is_current(plan, name) for name in sections(plan))


def sections(plan: Plan) -> tuple[str, ...]:
    return ("snapshot", *(("quality",) if plan.made.quality else ()), plan.report_section)


def section_is_current(plan: Plan, name: str) -> bool:
    manifest = Manifest.read(plan.root.manifest)
    return manifest.is_current(name, plan.fingerprint, plan.root.path)


def batches(plan: Plan) -> list[list[intake.InboxFile]]:
    """The files to read, shared out in batches of about BATCH."""
    files = list(plan.inventory.files)
    return [files[start : start + BATCH] for start in range(0, len(files), BATCH)]


def read(root: Root, overlay: Path | None, files: Iterable[intake.InboxFile]) -> intake.Readings:
    """Read one batch; runs in a reader process, which lives no longer than the run."""
    return _reader(root, overlay).read(files)


@lru_cache(maxsize=1)
def _reader(root: Root, overlay: Path | None) -> intake.Reader:
    return intake.Reader(root, load_survey(overlay))


def shelf(plan: Plan) -> Shelf:
    """Where the readings of a new run are put aside; what a killed run left there is removed."""
    shutil.rmtree(plan.bench, ignore_errors=True)
    return Shelf(plan.bench / "readings")


def ingest(plan: Plan, readings: Iterable[intake.Readings]) -> None:
    """Start the workshop with everything that was read, and the definition it was read by.

    ``readings`` is gone through twice: a list, or a shelf.
    """
    survey = plan.survey()
    register = intake.read_registers(plan.root, list(plan.years), survey)
    with storage_errors(plan.bench):
        for half_made in plan.bench.glob(f"{plan.workshop.name}*"):
            half_made.unlink()
    with storage_errors(plan.workshop), Workshop(plan.workshop) as workshop:
        tables = intake.assemble(plan.inventory, readings, survey, register, plan.rulings)
        for name, table in tables:
            workshop.load(name, table)
        workshop.load("published_series", intake.read_published(plan.root, survey))
        workshop.load("explanations", plan.explanations)
        workshop.load("progress_reports", plan.progress)
        workshop.load("corrections", intake.settle(workshop, plan.corrections))
        load_dimensions(workshop, survey, plan.years)
        _assert_conserved(workshop, plan)
    _mark(plan, "ingested")


def check(plan: Plan) -> None:
    """Hold every rule against every return; set what each return's status is."""
    from pipelines import checks

    with storage_errors(plan.workshop), Workshop.reopened(plan.workshop) as workshop:
        checks.evaluate(workshop, plan.survey(), plan.thresholds)
    _mark(plan, "checked")


def build(plan: Plan) -> None:
    """Compute the indicators, find what must not be published, and swap the snapshot in."""
    from pipelines import indicators
    from pipelines.indicators import disclosure

    survey = plan.survey()
    snapshot, parquet = plan.bench / "kepu.duckdb", plan.bench / "parquet"
    with storage_errors(plan.workshop), Workshop.reopened(plan.workshop) as workshop:
        definitions = plan.definitions()
        indicators.compute(workshop, survey, definitions)
        disclosure.protect(workshop, survey, definitions, plan.overlay)
        indicators.score_composites(workshop, survey, definitions, plan.overlay)
        indicators.score_measures(workshop, survey, definitions, plan.overlay)
        load_meta(workshop, _facts(workshop, plan))
        workshop.assert_keys()
        workshop.write_snapshot(snapshot)
        workshop.write_parquet(parquet)
        tables = workshop.content_hashes()
        counts = {name: workshop.count(name) for name in tables}
    outputs = {
        _published(plan, plan.root.snapshot): "content",
        **hash_outputs(parquet, _published(plan, plan.root.parquet)),
    }
    swap_folder(parquet, plan.root.parquet, plan.bench / "old-parquet")
    swap_file(snapshot, plan.root.snapshot)
    _record(plan, "snapshot", Section(plan.fingerprint, outputs, counts, tables))


def document(plan: Plan) -> None:
    """Write the quality documents, in a process of their own (the import alone costs 10 s)."""
    with documenting(plan):
        pass


def wants_document(plan: Plan) -> bool:
    """Whether quality documents are to be made, and those that are there are not this plan's."""
    return plan.made.quality and not section_is_current(plan, "quality")


@contextlib.contextmanager
def documenting(plan: Plan) -> Iterator[None]:
    """Write the quality documents beside the work done inside the ``with`` block."""
    folder = plan.bench / "quality"
    command = [
        sys.executable, "-m", "pipelines.checks.quality", str(plan.root.snapshot), str(folder),
    ]  # fmt: skip
    worker = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        yield
        _, said = worker.communicate()
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
    if worker.returncode != 0:
        reason = (said.strip().splitlines() or ["未知原因"])[-1]
        raise PublicationError(f"数据质量文档没有生成：{reason}", "请运行 kepu doctor 检查安装")
    outputs = hash_outputs(folder, _published(plan, plan.root.quality))
    swap_folder(folder, plan.root.quality, plan.bench / "old-quality")
    _record(plan, "quality", Section(plan.fingerprint, outputs))


def publish(plan: Plan) -> None:
    """Make everything people read for the report year, and swap it in whole."""
    folder = plan.bench / "reports"
    with storage_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with Snapshot(plan.root.snapshot) as snapshot:
            Publication(
                snapshot,
                plan.survey(),
                plan.definitions(),
                plan.report_year,
                folder,
                plan.overlay,
                plan.root.inbox(plan.report_year) / DRAFT_FILE,
                intake.Originals(plan.root, plan.inventory),
                plan.arrangement,
                plan.since,
            ).make()
    outputs = hash_outputs(folder, _published(plan, plan.root.report(plan.report_year)))
    _keep_blanks(plan.root.blanks(plan.report_year), folder)
    swap_folder(folder, plan.root.report(plan.report_year), plan.bench / "old-reports")
    _record(plan, plan.report_section, Section(plan.fingerprint, outputs))
    if not plan.made.quality:
        _withdraw_documents(plan)


def clear(plan: Plan) -> None:
    """Remove work folders: this run's, and what killed runs left behind."""
    shutil.rmtree(plan.root.work, ignore_errors=True)


@contextlib.contextmanager
def sole_run(root: Root) -> Iterator[None]:
    """Only one run of a root at a time; raises RunInProgressError for the second."""
    with exclusive(root.lock):
        yield


def _keep_blanks(blanks: Path, folder: Path) -> None:
    """Carry the year's blank forms over into the folder that will take the place of theirs."""
    if blanks.is_dir():
        with storage_errors(folder):
            shutil.copytree(blanks, folder / blanks.name)


def _mark(plan: Plan, stage: str) -> None:
    write_atomically(plan.bench / "stage", stage.encode())


def _hash_inputs(root: Root) -> dict[str, str]:
    """The hash of every file received; a link, or a file that cannot be opened, is named only."""
    with storage_errors(root.raw):
        files = sorted(path for path in root.raw.rglob("*") if path.is_symlink() or path.is_file())
    return {legible(path.relative_to(root.raw).as_posix()): _hash_input(path) for path in files}


def _hash_input(path: Path) -> str:
    with contextlib.suppress(OSError):
        if not path.is_symlink():
            return file_hash(path)
    return "-"


def _published(plan: Plan, path: Path) -> str:
    return path.relative_to(plan.root.path).as_posix()


def _record(plan: Plan, name: str, section: Section) -> None:
    with _recording:
        manifest = Manifest.read(plan.root.manifest)
        manifest.with_section(name, section, plan.inputs).write(plan.root.manifest)


def _withdraw_documents(plan: Plan) -> None:
    """Quality documents of an earlier state must not stand beside a snapshot they do not judge."""
    with storage_errors(plan.root.quality):
        if plan.root.quality.exists():
            shutil.rmtree(plan.root.quality)
    with _recording:
        Manifest.read(plan.root.manifest).without_section("quality").write(plan.root.manifest)


def _facts(workshop: Workshop, plan: Plan) -> dict[str, str]:
    """What a reader must know of the snapshot; no clock, no machine."""
    row = workshop.rows(
        "SELECT coalesce(bool_or(simulated), false) AS simulated,"
        " coalesce(CAST(max(fill_date) AS VARCHAR), '') AS newest FROM returns"
    )[0]
    return {
        "years": "、".join(str(year) for year in plan.years),
        "fingerprint": plan.fingerprint,
        "simulated": "yes" if row["simulated"] else "no",
        "data_as_of": row["newest"],
    }


def _assert_conserved(workshop: Workshop, plan: Plan) -> None:
    """Rows in = rows loaded + rows rejected (law 3)."""
    listed = len(plan.inventory.files) + len(plan.inventory.skipped)
    if workshop.count("submissions") != listed:
        raise ConservationError(f"收到 {listed} 个文件，登记 {workshop.count('submissions')} 个")
    loaded = workshop.rows("SELECT coalesce(sum(figures_loaded), 0) AS n FROM submissions")[0]["n"]
    if workshop.count("answers") != loaded:
        raise ConservationError(f"应载入 {loaded} 格，指标值表有 {workshop.count('answers')} 格")


def run_id() -> str:
    """Identifies a run in its log; the only clock of the line, never in an output."""
    from datetime import UTC, datetime

    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}"
