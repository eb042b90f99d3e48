"""Read real spreadsheets of others and compare cells that are known: ``samples_check.py FOLDER``.

The files stay outside the project.  Exit 1 when a file that should be read is not, or a cell
differs.
"""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path

from pipelines.errors import KepuError
from pipelines.intake.formats.sniff import sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.intake.layouts.figures import shown
from pipelines.intake.published import read_published_file
from pipelines.survey.addresses import position

#: File, sheet ("" for the first), cell, what stands there.
CELLS: tuple[tuple[str, str, str, object], ...] = (
    ("nbs_分省年度数据_GDP.xls", "", "B4", "2019年"),
    ("nbs_分省年度数据_GDP.xls", "", "A5", "北京市"),
    ("nbs_分省年度数据_GDP.xls", "", "B5", 35371.28),
    ("nbs_季度数据_GDP.xls", "", "B4", 206504.3),
    ("ozmarriage.xlsx", "Table 1", "B8", 2374362.0),
    ("chinese-provinces.xls", "", "B2", "安徽省"),
    ("wps_fn.xls", "", "C2", 2.0),
    ("wps_fn.xls", "", "C3", "#VALUE!"),
    ("date_1904.xlsx", "", "A1", dt.date(2021, 1, 1)),
    ("blank_line.ods", "", "A4", ""),
    ("blank_line.ods", "", "A5", "Ian"),
    ("merged_range.xlsx", "Sheet2", "A1", "A1"),
)
#: File, region, indicator, year, figure.
FIGURES: tuple[tuple[str, str, str, int, str], ...] = (
    ("nbs_分省年度数据_GDP.xls", "北京市", "地区生产总值", 2019, "35371.28"),
    ("分省年度数据_投资增速_gb18030.csv", "北京市",
     "固定资产投资(不含农户)实际到位资金_比上年增长", 2024, "-4.7"),
    ("分省年度数据_专业技术人员_gb18030.csv", "吉林省",
     "公有经济企事业单位专业技术人员数", 2011, "535262"),
    ("kepu/raw/中国科协系统科普基础设施建设.csv", "全国学会", "科普网站数", 2008, "194"),
    ("kepu/raw/中国科协系统科普基础设施建设.csv", "省级学会", "科普网站数", 2008, "355"),
    ("kepu/raw/中国科协系统科普基础设施建设.csv", "学会(小计)", "科普网站数", 2008, "549"),
    ("kepu/raw/中国科协系统科普基础设施建设.csv", "科协(小计)", "科普网站数", 2008, "1265"),
    ("kepu/raw/中国科协系统科普基础设施建设.csv", "中国科协系统", "科普网站数", 2008, "1814"),
)  # fmt: skip
_SUFFIXES = {".xls", ".xlsx", ".ods", ".csv", ".et"}


def check(folder: Path) -> list[str]:
    """What differs, in Chinese; prints a line a file."""
    problems = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES):
        try:
            data = path.read_bytes()
            kind = sniff(data)
            sheets = read_sheets(data, kind)
            cells = sum(cell != "" for sheet in sheets for row in sheet.rows for cell in row)
            print(f"读出 {path.relative_to(folder)}：{kind}，{len(sheets)} 张表，{cells} 格")
        except KepuError as error:
            problems.append(f"{path.name}：{error}")
    problems += [p for row in CELLS for p in _cell_problem(folder, *row)]
    problems += [p for row in FIGURES for p in _figure_problem(folder, *row)]
    return problems


def _cell_problem(folder: Path, file: str, name: str, cell: str, want: object) -> list[str]:
    path = folder / file
    if not path.is_file():
        return []
    data = path.read_bytes()
    sheets = read_sheets(data, sniff(data))
    sheet = next(sheet for sheet in sheets if name in ("", sheet.name))
    got = sheet.at(*position(cell))
    if got == want or shown(got) == want:
        return []
    return [f"{file}!{cell} 应是 {want!r}，读到 {got!r}"]


def _figure_problem(
    folder: Path, file: str, region: str, name: str, year: int, want: str
) -> list[str]:
    path = folder / file
    if not path.is_file():
        return []
    figures = read_published_file(path.read_bytes(), path.name)
    got = [
        figure.value
        for figure in figures
        if (figure.region, figure.name_zh, figure.year) == (region, name, year)
    ]
    return (
        []
        if got == [Decimal(want)]
        else [f"{file} {region} {name} {year}：应是 {want}，读到 {got}"]
    )


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("用法：python tests/samples_check.py 样本文件夹", file=sys.stderr)
        return 2
    problems = check(Path(arguments[0]))
    for problem in problems:
        print(f"不符：{problem}", file=sys.stderr)
    print("有不符之处" if problems else "全部相符")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
