"""Random questionnaires in every supported layout, with what must be read from each cell.

A layout is drawn on pages of cells with merges and hidden parts, then given to a writer.  The
same seed always gives the same file.  Nothing here knows how intake reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from pipelines.survey.models import Edition, Item

Position = tuple[int, int]
#: State, value and raw text of an answer.
Said = tuple[str, Decimal | None, str]


def letters(column: int) -> str:
    """Spreadsheet letters of a column counted from 0."""
    high, low = divmod(column, 26)
    return (letters(high - 1) if high else "") + chr(65 + low)


@dataclass
class Page:
    """One sheet as it will be written."""

    name: str
    cells: dict[Position, object] = field(default_factory=dict)
    merges: list[tuple[Position, Position]] = field(default_factory=list)
    hidden: bool = False
    hidden_columns: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)

    def put(self, row: int, column: int, value: object) -> None:
        if value is not None and value != "":
            assert (row, column) not in self.cells, f"{self.name} {row},{column} written twice"
            self.cells[row, column] = value

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if (top, left) != (bottom, right):
            self.merges.append(((top, left), (bottom, right)))

    @property
    def height(self) -> int:
        return max((row for row, _ in self.cells), default=-1) + 1

    def rows(self) -> list[list[object]]:
        width = max((column for _, column in self.cells), default=-1) + 1
        found: list[list[object]] = [[""] * width for _ in range(self.height)]
        for (row, column), value in self.cells.items():
            found[row][column] = value
        return found

    def turned(self, page: Page, down: int) -> None:
        """Copy ``page`` onto this one with rows and columns exchanged, ``down`` rows lower."""
        for (row, column), value in page.cells.items():
            self.put(column + down, row, value)
        for (top, left), (bottom, right) in page.merges:
            self.merge(left + down, top, right + down, bottom)


@dataclass
class Return:
    """What must come back of one return: by item what it says, and where it stands."""

    unit: str
    said: dict[str, Said] = field(default_factory=dict)
    at: dict[str, tuple[str, str]] = field(default_factory=dict)

    def place(self, item: Item, page: str, row: int, column: int, said: Said) -> None:
        self.said[item.item_id] = said
        self.at[item.item_id] = (page, f"{letters(column)}{row + 1}")


@dataclass
class Drawn:
    """A file to write, what must be read from it, and how it was drawn."""

    pages: list[Page]
    returns: list[Return]
    traits: list[str]
    #: The file itself, where a writer of the project made it.
    data: bytes = b""
    #: Whether it was spoilt so that it can only be refused.
    spoilt: bool = False


NOTES = ("注：1. 本表由填报单位填写，共 12 项。", "说明：单位取整数。", "注：2023年共举办 12 次。")
UNITS = (
    "长春市朝阳区教育局",
    "白山市科学技术局",
    "延边朝鲜族自治州气象局",
    "吉林大学第一医院",
    "镇赉县农业农村局",
)
VALUE_WORDS = (
    "数量",
    "数值",
    "本年数",
    "本年实际",
    "2023年",
    "2023年度",
    "数  量",
    "本 年",
    "数\n量",
    "实际数",
)
PREVIOUS_WORDS = ("上年数", "上年", "去年数", "2022年", "上年同期")
LABEL_WORDS = ("指标名称", "指标", "项目", "指 标 名 称", "指标\n名称", "调查项目")
CODE_WORDS = ("代码", "指标代码", "编码")
UNIT_WORDS = ("计量单位", "单位", "计量\n单位")
OTHER_WORDS = ("备注", "说明", "增减", "审核提示", "比上年增长%")
WITHIN = ("其中：", "其中:", "其中：\n", "", "  其中：", "#", "——", "（其中）")
MARKS = ("一、", "1.", "（一）", "(1)", "① ", "1、", "1．", "- ", "2）", "十一、")
NUMBER_WORDS = ("序号", "行次")


def figure(rng: Random, unit: str) -> tuple[object, Said]:
    """A cell as people fill it, and what it says."""
    kind = rng.randrange(12)
    number = rng.choice([1, 7, 12, 300, 4521, 10**6, rng.randrange(1, 10**8)])
    match kind:
        case 0:
            return 0, ("zero", Decimal(0), "0")
        case 1:
            return "-", ("not_applicable", None, "-")
        case 2:
            return None, ("blank", None, "")
        case 3:
            text = rng.choice(["约500", "3万", "5-10", "待统计", "12/5个"])
            return text, ("unreadable", None, text)
        case 4:
            value = Decimal(number) + Decimal(rng.randrange(1, 100)) / 100
            plain = f"{value:f}".rstrip("0")
            return float(value), ("reported", value, plain)
        case 5:
            text = str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
            return text, ("reported", Decimal(number), text)
        case 6:
            text = f"{number:,}"
            return text, ("reported", Decimal(number), text)
        case 7:
            text = f"{number}{unit}"
            return text, ("reported", Decimal(number), text)
    return number, ("reported", Decimal(number), str(number))


def retyped(rng: Random, item: Item) -> str:
    """A label as somebody retypes it."""
    label = item.label_zh
    match rng.randrange(12):
        case 0:
            label = " ".join(label)
        case 1:
            label = label.translate(str.maketrans("（）", "()"))
        case 2:
            label = f"{label}（{item.unit}）"
        case 3:
            label = label + rng.choice(["：", "。", ":", "、", "*"])
        case 4:
            middle = len(label) // 2
            label = f"{label[:middle]}\n{label[middle:]}"
        case 5:
            label = f"\u3000\u3000{label}"
    if item.relation == "of_which":
        label = (
            rng.choice(["其中：", "其中:", "其中：\n", "", "  其中：", "#", "——", "（其中）"])
            + label
        )
    elif rng.random() < 0.3:
        label = rng.choice(MARKS) + label
    return label


@dataclass
class Style:
    """How the tables of a file look; drawn once a file, as one person makes it."""

    columns: list[str]
    words: dict[str, str]
    depth: int
    retype: bool
    marks_row: bool
    blank_rows: float
    nested: bool
    shuffle_groups: bool
    merged_rows: float
    signed: bool
    noted: bool
    decoy: bool
    hidden_rows: float

    @staticmethod
    def drawn(rng: Random) -> Style:
        columns = ["label", "value"]
        for name, share in (
            ("code", 0.6), ("unit", 0.7), ("number", 0.3), ("other", 0.4), ("previous", 0.5),
        ):  # fmt: skip
            if rng.random() < share:
                columns.append(name)
        rng.shuffle(columns)
        deep = rng.choice([1, 1, 1, 2, 3]) if "previous" in columns else 1
        if deep > 1:
            columns.remove("previous")
            columns.insert(columns.index("value") + 1, "previous")
        nested = rng.random() < 0.2
        if nested:
            columns.insert(columns.index("label") + 1, "inner")
        words = {
            "label": rng.choice(LABEL_WORDS),
            "value": rng.choice(VALUE_WORDS),
            "code": rng.choice(CODE_WORDS),
            "unit": rng.choice(UNIT_WORDS),
            "number": rng.choice(NUMBER_WORDS),
            "other": rng.choice(OTHER_WORDS),
            "previous": rng.choice(PREVIOUS_WORDS),
            "inner": "",
        }
        return Style(
            columns=columns,
            words=words,
            depth=deep,
            retype=rng.random() < 0.7,
            marks_row=rng.random() < 0.4,
            blank_rows=rng.choice([0, 0, 0.15]),
            nested=nested,
            shuffle_groups=rng.random() < 0.3,
            merged_rows=rng.choice([0, 0, 0.2]) if not nested else 0,
            signed=rng.random() < 0.5,
            noted=rng.random() < 0.5,
            decoy=rng.random() < 0.15,
            hidden_rows=rng.choice([0, 0, 0.1]),
        )

    def traits(self) -> list[str]:
        names = ["columns " + " ".join(self.columns), f"header of {self.depth}"]
        flags = ("retype", "marks_row", "nested", "shuffle_groups", "signed", "decoy")
        return [*names, *(flag for flag in flags if getattr(self, flag))]


def groups_of(items: Sequence[Item]) -> list[list[Item]]:
    """Items under the one that has no parent."""
    groups: list[list[Item]] = []
    for item in items:
        if not item.parent_id or not groups:
            groups.append([])
        groups[-1].append(item)
    return groups


class Scribe:
    """Draws tables onto pages and keeps what must be read from them."""

    def __init__(self, rng: Random, edition: Edition, style: Style) -> None:
        self.rng = rng
        self.edition = edition
        self.style = style

    def form(
        self, page: Page, top: int, left: int, items: Sequence[Item], to: Return, *, sent: str = ""
    ) -> int:
        """A table of items downwards; returns the row after it.

        ``sent`` is the page the table is turned onto, when the cells end up elsewhere.
        """
        style, rng = self.style, self.rng
        first = self._header(page, top, left)
        groups = groups_of(items)
        if style.shuffle_groups:
            rng.shuffle(groups)
        row = first
        for group in groups:
            row += rng.random() < style.blank_rows
            start = row
            for n, item in enumerate(group):
                row += n > 0 and rng.random() < style.blank_rows
                row = self._row(page, row, left, item, to, inner=n > 0, sent=sent)
            if style.nested:
                column = left + style.columns.index("label")
                page.merge(start, column, row - 1, column)
        if style.noted and not sent:
            page.put(
                row,
                left,
                rng.choice(["注：1. 本表由填报单位填写，共 12 项。", "说明：单位取整数。"]),
            )
            row += 1
        if style.signed and not sent:
            for n, text in enumerate(("单位负责人：甲", "填表人：乙", "联系电话：0431-80000000")):
                page.put(row, left + 2 * n, text)
            row += 1
        return row

    @property
    def width(self) -> int:
        return len(self.style.columns)

    def _header(self, page: Page, top: int, left: int) -> int:
        style = self.style
        last = top + style.depth - 1
        for n, name in enumerate(style.columns):
            column = left + n
            if name in ("value", "previous") and style.depth > 1:
                continue
            page.put(top, column, style.words[name])
            right = column + 1 if name == "label" and style.nested else column
            if name != "inner":
                page.merge(top, column, last, right)
        if style.depth > 1:
            column = left + style.columns.index("value")
            for n, word in enumerate(["数量", "填报数"][: style.depth - 1]):
                page.put(top + n, column, word)
                page.merge(top + n, column, top + n, column + 1)
            page.put(last, column, "本年")
            page.put(last, column + 1, "上年")
        if not style.marks_row:
            return last + 1
        marks = iter("甲乙丙丁12345")
        for n, name in enumerate(style.columns):
            if name != "inner":
                page.put(last + 1, left + n, next(marks))
        return last + 2

    def _row(
        self, page: Page, row: int, left: int, item: Item, to: Return, *, inner: bool, sent: str
    ) -> int:
        style, rng = self.style, self.rng
        cell, said = figure(rng, item.unit)
        label = retyped(rng, item) if style.retype else item.printed_label_zh
        texts: dict[str, object] = {
            "label": "" if inner and style.nested else label,
            "inner": label if inner else "",
            "code": item.code,
            "unit": item.unit,
            "number": row,
            "other": rng.choice([None, "已核", 3, "增加5%"]),
            "previous": rng.choice([None, 999, "-", 31]),
            "value": cell,
        }
        if rng.random() < style.hidden_rows and not sent:
            page.hidden_rows.add(row)
        bottom = row + 1 if rng.random() < style.merged_rows else row
        for n, name in enumerate(style.columns):
            page.put(row, left + n, texts[name])
            page.merge(row, left + n, bottom, left + n)
        column = left + style.columns.index("value")
        if sent:
            to.said[item.item_id], to.at[item.item_id] = said, (sent, f"{row},{column}")
        else:
            to.place(item, page.name, row, column, said)
        return bottom + 1

    def cover(self, page: Page, top: int, unit: str) -> int:
        """Who it is, in one of the ways covers are laid out; returns the row after it."""
        fields = [f for f in self.edition.cover if f.field_id in _COVER]
        texts = _COVER | {"unit_name": unit}
        kind = self.rng.randrange(3)
        page.put(top, 0, self.rng.choice(["全国科普统计调查表（2023年度）", "科普统计调查表"]))
        row = top + self.rng.choice([1, 2, 3])
        for n, one in enumerate(fields):
            if kind == 0:
                page.put(row, 0, one.label_zh)
                page.put(row, 1, texts[one.field_id])
                row += 1
            elif kind == 1:
                page.put(row, 0, f"{one.label_zh}：{texts[one.field_id]}")
                row += 1
            else:
                page.put(row, 3 * (n % 2), one.label_zh)
                page.put(row, 3 * (n % 2) + 1, texts[one.field_id])
                row += n % 2
        return row + 2


_COVER = {
    "unit_name": "",
    "region": "吉林省长春市朝阳区",
    "department": "教育部门",
    "level": "区县级",
    "is_venue": "否",
    "filler": "某人",
    "fill_date": "2024年5月6日",
}


def some_items(rng: Random, edition: Edition, groups: int) -> list[list[Item]]:
    """A few groups of items, by form, so that an example stays small."""
    forms = []
    for form in edition.forms:
        found = groups_of(edition.items_of(form.form_id))
        kept = sorted(rng.sample(range(len(found)), min(groups, len(found))))
        forms.append([item for n in kept for item in found[n]])
    return [items for items in forms if items]


def names(units: Iterable[str]) -> str:
    return "、".join(units)
