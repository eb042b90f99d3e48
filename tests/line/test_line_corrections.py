"""更正.yaml through the whole line: totals, rules, account and trace follow; the answers stay."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipelines import steps
from pipelines.commands.tracing import Question, show_trace
from pipelines.errors import DecisionFileError
from pipelines.survey import Survey
from pipelines.warehouse import Root, Snapshot
from tests.conftest import publish_everything
from tests.line.test_line_known_numbers import FULL, USCC, YEAR, cover, fill, run, value

ENTRIES = """
- 单位: 吉林省气象局
  指标: 年度科普经费筹集额
  原值: "0.5"
  新值: 480
  确认人: 王五
  确认日期: 2024-06-01
  方式: 电话
  原因: 按亿元填报
- 文件: 部门/省气象局/气象局.xlsx
  指标: fund_raised_own
  原值: 约50
  新值: 50
  确认人: 王五
  确认日期: 2024-06-01
  原因: 原填约数
- 单位: 长春市朝阳区教育局
  指标: 年度科普经费筹集额
  原值: 5000
  新值: 600
  确认人: 张三
  确认日期: 2024-06-02
  原因: 误填
"""


def office(survey: Survey, root: Root) -> Root:
    """An education bureau, and a provincial department with a doubtful total and a rough one."""
    publish_everything(root)
    raw = root.inbox(YEAR)
    fill(
        survey,
        raw / "县区/长春市/朝阳区/教育局.xlsx",
        cover("长春市朝阳区教育局", USCC[0], "吉林省长春市朝阳区", "教育部门", "区县级"),
        FULL,
    )
    fill(
        survey,
        raw / "部门/省气象局/气象局.xlsx",
        cover("吉林省气象局", USCC[2], "吉林省长春市绿园区", "气象部门", "省级"),
        {**FULL, "fund_raised": 0.5, "fund_raised_own": "约50"},
    )
    return root


def findings(root: Root, rule_id: str) -> list[dict[str, object]]:
    with Snapshot(root.snapshot) as snapshot:
        return snapshot.rows("SELECT * FROM findings WHERE rule_id = $rule", {"rule": rule_id})


def said_by_trace(root: Root, capsys: pytest.CaptureFixture[str], unit: str) -> str:
    capsys.readouterr()
    show_trace(root.path, YEAR, Question("年度科普经费筹集额", unit=unit))
    return capsys.readouterr().out


def test_everything_follows_the_corrected_figure(
    survey: Survey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = office(survey, Root(tmp_path))
    (root.inbox(YEAR) / "更正.yaml").write_text(ENTRIES, encoding="utf-8")
    account = run(root)

    # Reported were 500 and 0.5; 50 and 约50.
    assert value(root, "fund_raised") == 980
    assert value(root, "fund_raised", "department", "meteorology") == 480
    assert value(root, "fund_raised_own") == 100
    assert not findings(root, "G03")
    # 480 is not 400 + 20 + 50 + 30: the rule sees the corrected figure, and says so.
    unbalanced = findings(root, "J01")
    assert len(unbalanced) == 1
    assert "0.5”" in str(unbalanced[0]["observed"])
    assert account.corrections == {"applied": 2, "guard_failed": 1}
    assert ("更正", "3 条 = 已采用 2 + 未采用 1（须处理，见审核发现 C01）") in account.lines()
    (open_,) = findings(root, "C01")
    assert "原值应为“5000”，现在是“500”" in str(open_["message_zh"])

    with Snapshot(root.snapshot) as snapshot:
        kept = snapshot.rows(
            "SELECT a.raw_text, a.value FROM answers a JOIN returns r USING (return_id)"
            " WHERE r.unit_name = '吉林省气象局' AND a.item_id = 'fund_raised'"
        )
    assert kept == [{"raw_text": "0.5", "value": Decimal("0.5")}], "answers are never changed"

    applied = said_by_trace(root, capsys, "吉林省气象局")
    assert "480  吉林省气象局" in applied
    assert "原文“0.5”" in applied
    assert "更正：“0.5”改为“480”，王五 2024-06-01 电话确认，原因：按亿元填报" in applied
    assert "规则 J01 不成立" in applied
    refused = said_by_trace(root, capsys, USCC[0])
    assert "更正没有采用" in refused
    assert "500  长春市朝阳区教育局" in refused


def test_a_later_return_ends_a_correction_of_the_earlier(survey: Survey, tmp_path: Path) -> None:
    root = office(survey, Root(tmp_path))
    (root.inbox(YEAR) / "更正.yaml").write_text(ENTRIES, encoding="utf-8")
    fill(
        survey,
        root.inbox(YEAR) / "部门/省气象局/气象局（更正）.xlsx",
        cover("吉林省气象局", USCC[2], "吉林省长春市绿园区", "气象部门", "省级")
        | {"fill_date": "2024-06-20"},
        {**FULL, "fund_raised": 490, "fund_raised_own": 40},
    )
    account = run(root)
    assert value(root, "fund_raised") == 990
    assert account.corrections == {"guard_failed": 2, "return_replaced": 1}
    said = " ".join(str(one["message_zh"]) for one in findings(root, "C01"))
    assert "现在是“490”" in said
    assert "气象局（更正）.xlsx" in said


def test_a_malformed_file_stops_before_anything(survey: Survey, tmp_path: Path) -> None:
    root = office(survey, Root(tmp_path))
    text = ENTRIES.replace("新值: 600", "新值: 约600")
    (root.inbox(YEAR) / "更正.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DecisionFileError, match=r"2023/更正\.yaml”，第 20 行"):
        steps.receive(root, YEAR)
    assert not root.processed.exists()
