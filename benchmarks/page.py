"""The page docs/读取验证.md, whose sections the benchmarks write."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "读取验证.md"


def record(heading: str, section: str, path: Path = PAGE) -> None:
    """Put the section in the place of the last one of this heading, or at the end of the page."""
    page = path.read_text(encoding="utf-8") if path.is_file() else f"# {path.stem}\n"
    before, _, after = page.partition(f"{heading}\n")
    rest = after.partition("\n## ")
    tail = f"\n## {rest[2]}" if rest[1] else ""
    path.write_text(f"{before.rstrip()}\n\n{section.rstrip()}\n{tail}", encoding="utf-8")
