"""LibreOffice as an independent calculator of the workbooks we write."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""


def recalculated(data: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """Every workbook after LibreOffice has opened, computed and saved it."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed on this machine")
    profile, source, target = (folder / name for name in ("profile", "in", "out"))
    for made in (profile / "user", source, target):
        made.mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_RECALCULATE, encoding="utf-8")
    for name, content in data.items():
        (source / f"{name}.xlsx").write_bytes(content)
    subprocess.run(
        [
            office,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(target),
            *(str(source / f"{name}.xlsx") for name in data),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return {name: (target / f"{name}.xlsx").read_bytes() for name in data}
