"""The Prefect flows: thin wrappers of ``steps``, and the only place that imports prefect.

Importing this package sets Prefect's own settings (no telemetry, a start limit that slow machines
meet) and costs nothing; the flows are loaded when asked for.
"""

from __future__ import annotations

import os
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.flows.line import annual, build, check, ingest, publish, watched_by

#: Ephemeral start takes 21-32 s on a small machine, over Prefect's default limit of 20 s.
_SETTINGS = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
for _name, _value in _SETTINGS.items():
    os.environ.setdefault(_name, _value)

_FLOWS = {"annual", "build", "check", "ingest", "publish", "watched_by"}

__all__ = [
    "annual",
    "build",
    "check",
    "ingest",
    "publish",
    "server_url",
    "use_own_home",
    "watched_by",
]


def server_url() -> str:
    """The Prefect server that is configured, "" when none is; does not import prefect."""
    if os.environ.get("PREFECT_API_URL"):
        return os.environ["PREFECT_API_URL"]
    home = Path(os.environ.get("PREFECT_HOME", Path.home() / ".prefect"))
    with suppress(OSError, tomllib.TOMLDecodeError):
        profiles = tomllib.loads((home / "profiles.toml").read_text(encoding="utf-8"))
        active = os.environ.get("PREFECT_PROFILE", profiles.get("active", ""))
        return str(profiles.get("profiles", {}).get(active, {}).get("PREFECT_API_URL", ""))
    return ""


def use_own_home(folder: Path) -> None:
    """Keep an ephemeral server's records in ``folder``, away from the user's own Prefect."""
    os.environ.setdefault("PREFECT_HOME", str(folder))


def __getattr__(name: str) -> Any:
    if name in _FLOWS:
        from pipelines.flows import line

        return getattr(line, name)
    raise AttributeError(name)
