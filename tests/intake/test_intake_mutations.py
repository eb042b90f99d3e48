"""Valid returns damaged at random: no crash, no hang, no lost return, no number silently changed.

The same is done with thousands of files, in the line's own reader processes, by
``python -m benchmarks.mutations``, which keeps its result in the docs.
"""

from __future__ import annotations

import faulthandler
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import intake
from pipelines.survey import Survey
from tests.intake.mutating import damage, figures, silently_changed, valid
from tests.intake.writing import YEAR, Office

#: A file that takes longer has hung; the whole test run is ended, for nothing else can.
_HUNG = 10


@pytest.fixture(scope="module")
def originals(survey: Survey) -> dict[str, bytes]:
    return valid(survey.edition_of(YEAR))


@pytest.fixture(scope="module")
def bench(survey: Survey) -> Office:
    return Office(Path(tempfile.mkdtemp()), survey)


def take(office: Office, reader: intake.Reader, data: bytes) -> intake.Readings:
    office.put("县区/表", data)
    return reader.read(intake.scan(office.root, [YEAR]).files)


@pytest.fixture(scope="module")
def reader(bench: Office) -> intake.Reader:
    return intake.Reader(bench.root, bench.survey)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "csv", "docx"])
def test_undamaged_each_format_is_read_right(
    office: Office, originals: dict[str, bytes], kind: str
) -> None:
    received = office.receive(originals[kind])
    assert received.file["status"] == "loaded", received.file
    read = {item: row["value"] for item, row in received.answers.items()}
    assert read == figures(office.survey.edition_of(YEAR))


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**9))
def test_damaged_files_are_refused_or_say_what_was_read(
    bench: Office, reader: intake.Reader, originals: dict[str, bytes], seed: int
) -> None:
    damaged = damage(originals, random.Random(seed))
    faulthandler.dump_traceback_later(_HUNG, exit=True)
    try:
        readings = take(bench, reader, damaged.data)
    finally:
        faulthandler.cancel_dump_traceback_later()
    assert len(readings.reports) >= 1
    for report in readings.reports:
        assert report.status in ("loaded", "rejected")
        assert report.status == "loaded" or (report.reason_code and report.advice_zh)
        # K412 stands for a fault that nobody thought of.
        assert report.reason_code != "K412", f"{damaged.how}: {report.reason_zh}"
    if readings.returns:
        wrong = silently_changed(
            bench.survey.edition_of(YEAR), damaged, readings.answers.to_pylist()
        )
        assert not wrong, f"{damaged.format} {damaged.how}: {wrong}"
