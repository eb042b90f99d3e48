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

COMMANDS = ["init", "demo", "simulate", "forms", "run", "status", "queries", "national", "trace",
            "release", "doctor", "mappings", "rules", "diff", "verify", "rebuild"]  # fmt: skip
#: Latin words that stay: names of commands, options, folders and products; r of 2023-r1.
NAMES = {"as", "of", "kepu", "help", "h", "root", "year", "out", "by", "limit", "returns", "seed",
         "x", "known", "differences",
         "region", "department", "level", "unit", "open", "xlsx", "csv", "import",
         "prefect", "plain", "provisional", "data", "reports", "r", "raw", "processed", "survey",
         *COMMANDS}  # fmt: skip


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
        (["no-such-command"], "没有命令“no-such-command”"),
        (["run", "--year", "abc"], "“--year”的取值不对：应是整数"),
        (["run", "--year", "1800"], "“--year”的取值不对：不能小于 1990"),
        (["run", "--year", "3000"], "“--year”的取值不对：不能大于 2100"),
        (["status", "--as-of", "2024-13-01"], "“--as-of”的取值不对：应写成 年-月-日"),
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


@pytest.mark.parametrize("command", ["forms", "run", "status", "mappings", "rules"])
@pytest.mark.parametrize("there", [False, True])
def test_a_root_that_is_no_folder_is_refused(
    kepu: Command, tmp_path: Path, command: str, there: bool
) -> None:
    """A slip in its name must not give an answer that leaves out what the office has put there."""
    place = tmp_path / "写错了"
    if there:
        place.write_text("", encoding="utf-8")
    said = kepu(command, "--root", str(place))
    assert said.code == 1
    assert said.err.startswith("[K200]")
    assert ("不是文件夹" if there else "没有这个工作目录") in said.err
    assert said.out == ""
    assert place.exists() == there, "nothing is made under a wrong name"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("更正.yml", "更正.yaml"),
        ("更正.yaml.txt", "更正.yaml"),
        ("认定.YAML", "认定.yaml"),
        ("工作安排 .yaml", "工作安排.yaml"),
        ("名录.xls", "名录.xlsx"),
        ("说明.xlsx.xlsx", "说明.xlsx"),
    ],
)
def test_a_decision_under_almost_its_name_stops_the_run(
    kepu: Command, tmp_path: Path, name: str, meant: str
) -> None:
    lay_out(tmp_path, 2023)
    (tmp_path / "data" / "raw" / "2023" / name).write_text("", encoding="utf-8")
    said = kepu("status", "--root", str(tmp_path))
    assert said.code == 1
    assert f"文件名应是“{meant}”" in said.err
    assert name in said.err


@pytest.mark.parametrize(
    "name", ["更正.xlsx", "说明.txt", "说明.docx", "单位名录.xlsx", "认定书.yaml"]
)
def test_other_names_are_left_alone(kepu: Command, tmp_path: Path, name: str) -> None:
    lay_out(tmp_path, 2023)
    (tmp_path / "data" / "raw" / "2023" / name).write_text("x", encoding="utf-8")
    assert kepu("status", "--root", str(tmp_path)).code == 0


@pytest.mark.parametrize(
    "name", ["更正.yaml", "认定.yaml", "说明.xlsx", "名录.xlsx", "工作安排.yaml", "审核阈值.yaml"]
)
def test_a_folder_where_a_decision_should_be_stops_the_run(
    kepu: Command, tmp_path: Path, name: str
) -> None:
    lay_out(tmp_path, 2023)
    (tmp_path / "data" / "raw" / "2023" / name).mkdir()
    said = kepu("status", "--root", str(tmp_path))
    assert said.code == 1
    assert f"{name}”：这里应是文件，不是文件夹" in said.err


def test_a_file_in_the_way_of_an_output_is_told_in_chinese(kepu: Command, tmp_path: Path) -> None:
    lay_out(tmp_path, 2023)
    in_the_way = tmp_path / "占位"
    in_the_way.write_text("", encoding="utf-8")
    said = kepu("forms", "--root", str(tmp_path), "--year", "2023", "--out", str(in_the_way))
    assert said.code == 1
    assert said.err.startswith("[K201]")
    told = said.err.replace(str(tmp_path), "")
    assert set(re.findall(r"[A-Za-z]{2,}", told)) <= {"xlsx"}


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
