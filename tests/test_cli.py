"""The command line: Chinese help, exit codes 0/1/2 that scripts rely on, never a traceback."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer.main

from pipelines import cli
from pipelines.account import Account, Refusal
from pipelines.commands import console
from pipelines.commands.setup import lay_out
from pipelines.runs import Outcome

COMMANDS = ["init", "demo", "simulate", "forms", "run", "status", "queries", "trace", "release",
            "doctor", "mappings", "rules"]  # fmt: skip
#: Latin words that stay: names of commands, options, folders and products; r of 2023-r1.
NAMES = {"as", "of", "kepu", "help", "h", "root", "year", "out", "by", "limit", "returns", "seed",
         "x",
         "region", "department", "level", "unit", "open", "xlsx", "csv", "import",
         "prefect", "plain", "provisional", "data", "reports", "r", "raw", *COMMANDS}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What one command came to."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def kepu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command as the installed program does, in this process."""

    def run(*arguments: str) -> Said:
        monkeypatch.setattr("sys.argv", ["kepu", *arguments])
        monkeypatch.delenv("PREFECT_API_URL", raising=False)
        with pytest.raises(SystemExit) as left:
            cli.main()
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Said(int(left.value.code or 0), captured.out, captured.err)

    return run


def test_the_commands_are_the_promised_ones() -> None:
    assert sorted(typer.main.get_command(cli.app).commands) == sorted(COMMANDS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_chinese(kepu: Command, command: str) -> None:
    said = kepu(*([command] if command else []), "--help")
    assert said.code == 0
    assert said.out.startswith("用法：kepu")
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", said.out)}
    assert words <= NAMES, f"left in English: {words - NAMES}"
    lines = [line for line in said.out.splitlines() if line.strip().startswith("--")]
    assert all(re.search(r"[一-鿿]", line.split("  ", 2)[-1]) for line in lines)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["run", "--bogus"], "--bogus"),
        (["no-such-command"], "kepu --help"),
        (["run", "--year", "abc"], "--year"),
        (["run", "--year", "1800"], "--year"),
        (["forms", "--out"], "--out"),
        (["trace"], "指标"),
        (["trace", "一", "二"], "kepu trace --help"),
        (["release"], "--by"),
        (["release", "--by", " "], "--by"),
    ],
)
def test_wrong_use_is_2_and_says_what_is_wrong(
    kepu: Command, arguments: list[str], names: str
) -> None:
    said = kepu(*arguments)
    assert said.code == 2
    assert said.err.startswith("[K601]")
    assert names in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run"], "K200"),
        (["status"], "K200"),
        (["queries"], "K202"),
        (["trace", "科普经费筹集额"], "K202"),
        (["release", "--by", "张三"], "K200"),
    ],
)
def test_what_is_missing_is_1_and_says_what_to_do(
    kepu: Command, tmp_path: Path, arguments: list[str], code: str
) -> None:
    said = kepu(*arguments, "--root", str(tmp_path))
    assert said.code == 1
    assert said.err.startswith(f"[{code}]")
    assert "请" in said.err
    assert "kepu" in said.err


def test_a_year_without_an_inbox_is_named(kepu: Command, tmp_path: Path) -> None:
    lay_out(tmp_path, 2023)
    said = kepu("run", "--root", str(tmp_path), "--year", "2022")
    assert said.code == 1
    assert "没有 2022 年度的收件夹" in said.err


def test_init_then_forms_is_0(kepu: Command, tmp_path: Path) -> None:
    assert kepu("init", "--root", str(tmp_path), "--year", "2023").code == 0
    assert (tmp_path / "data" / "raw" / "2023" / "县区" / "说明.txt").is_file()
    said = kepu("forms", "--root", str(tmp_path), "--year", "2023")
    assert (said.code, said.err) == (0, "")
    assert "已生成 1 份调查表" in said.out
    assert len(list((tmp_path / "reports" / "2023" / "空白表").glob("*.xlsx"))) == 1


@pytest.mark.parametrize("refused", [False, True])
def test_a_run_that_refused_files_is_1_and_names_them(
    kepu: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    lay_out(tmp_path, 2023)
    refusal = Refusal("县区/坏.xlsx", "K401", "文件损坏", "请报送单位另存后重新报送")
    account = Account(2023, refusals=(refusal,) if refused else ())
    outcome = Outcome(account, outputs=(), seconds=1.0, was_current=False)
    monkeypatch.setattr(console, "run_visibly", lambda *_, **__: outcome)
    said = kepu("run", "--root", str(tmp_path))
    assert said.code == (1 if refused else 0)
    assert ("县区/坏.xlsx" in said.out) == refused
    assert ("[K401] 文件损坏。请报送单位另存后重新报送。" in said.out) == refused


def test_simulated_returns_never_join_real_ones(kepu: Command, tmp_path: Path) -> None:
    lay_out(tmp_path, 2023)
    (tmp_path / "data" / "raw" / "2023" / "真.xlsx").write_bytes(b"PK")
    said = kepu("simulate", "--root", str(tmp_path), "--returns", "20")
    assert said.code == 1
    assert "不能放入模拟数据" in said.err


def test_a_demonstration_overwrites_nothing_of_ours(kepu: Command, tmp_path: Path) -> None:
    (tmp_path / "重要.txt").write_text("留着", encoding="utf-8")
    said = kepu("demo", "--plain", "--root", str(tmp_path))
    assert said.code == 1
    assert "不能覆盖" in said.err
    assert (tmp_path / "重要.txt").read_text(encoding="utf-8") == "留着"


def test_the_doctor_sends_for_a_person_where_something_is_wrong(
    kepu: Command, tmp_path: Path
) -> None:
    ill = kepu("doctor", "--root", str(tmp_path))
    assert ill.code == 1
    assert "有问题  收件夹" in ill.out
    lay_out(tmp_path, 2023)
    well = kepu("doctor", "--root", str(tmp_path), "--year", "2023")
    assert (well.code, "有问题" in well.out) == (0, False)


def test_without_a_command_the_help_is_shown(kepu: Command) -> None:
    said = kepu()
    assert said.code == 2
    assert said.err.startswith("用法：kepu [选项] 命令")


def test_an_interrupted_command_says_that_nothing_is_lost(
    kepu: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    said = kepu("run")
    assert said.code == 130
    assert "已发布的数据没有改变" in said.err
