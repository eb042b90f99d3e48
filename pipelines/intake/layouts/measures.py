"""The unit of measure that a row, a header or a heading states, held against the item's own.

A form retyped in 元 where the items are in 万元 looks right and is wrong by 10,000; a form of an
earlier edition may ask the same label in 人月 instead of 人天.  Figures are never scaled: a stated
unit of the same family stops the file, any other difference is noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.models import Item

_SCALES = "百千万亿"
_BRACKETED = re.compile(r"\(([^()]+)\)")
_ANNOUNCED = re.compile(r"\(?(?:计量|金额|货币)?单位:([^()]+)\)?")
_SEPARATORS = re.compile(r"[、,，/;]")
#: 经费以元为单位, 金额单位为元, 按元填列.
_SAID = re.compile(
    r"以([^,。;:()、]{1,6})为单位|单位[为是]([^,。;:()、]{1,6})|按([^,。;:()、]{1,6})填"
)


def stated_measures(plain: str, units: frozenset[str]) -> tuple[str, ...]:
    """Units that a plain text states in brackets or after 单位：; ``units`` are the edition's."""
    if "(" not in plain and "单位" not in plain and "填" not in plain:
        return ()
    plain = _in_yuan(plain)
    parts = _BRACKETED.findall(plain)
    parts += [part for found in _SAID.findall(plain) for part in found]
    announced = _ANNOUNCED.fullmatch(plain)
    if announced:
        parts = [announced[1]]
    texts = (
        text.removeprefix("单位:") for part in parts for text in _SEPARATORS.split(part) if text
    )
    return tuple(text for text in texts if is_measure(text, units))


def check_measures(stated: Sequence[str], items: Iterable[Item], place: Place) -> None:
    """Hold the units that a heading or header states against the items under it."""
    for item in items:
        if any(same(one, item.unit) for one in stated):
            continue
        wrong = next((one for one in stated if contradicts(one, item.unit)), None)
        if wrong:
            raise _refusal(f"表上写明单位是“{wrong}”", item, place)


def measure_note(item: Item, stated: Iterable[str], place: Place) -> tuple[str, ...]:
    """A note on a unit beside a label that is not the item's own; one of its family stops."""
    for one in stated:
        if one and not same(one, item.unit):
            # 元/年 is 元 as well.
            if any(contradicts(part, item.unit) for part in (one, one.partition("/")[0])):
                raise _refusal(f"“{item.name_zh}”的计量单位写的是“{one}”", item, place)
            return (f"计量单位写的是“{one}”，表样是“{item.unit}”",)
    return ()


def _refusal(problem: str, item: Item, place: Place) -> UnclearLayoutError:
    return UnclearLayoutError(
        f"{problem}，表样是“{item.unit}”（{item.name_zh}）；程序不作换算",
        f"请报送单位按“{item.unit}”填报，或确认数值已按“{item.unit}”填写并改正所写的单位后重新报送",
        place,
    )


def contradicts(stated: str, unit: str) -> bool:
    """Whether figures in the stated unit differ by a factor from figures in the item's unit."""
    stated, unit = _usual(stated), _usual(unit)
    return stated != unit and _family(stated) == _family(unit)


def same(stated: str, unit: str) -> bool:
    """Whether two units are one unit, perhaps written in two ways."""
    return _usual(stated) == _usual(unit)


def is_measure(text: str, units: frozenset[str]) -> bool:
    """Whether a plain text is a unit of measure; ``units`` are the edition's."""
    usual = _usual(text)
    return usual in units or usual.lstrip(_SCALES) in units or _family(usual) in _families()


@lru_cache(maxsize=4096)
def _usual(text: str) -> str:
    same = vocabulary().measures.same
    plain = _in_yuan(text)
    return same.get(plain, plain)


def _in_yuan(text: str) -> str:
    """A text without the name of our currency: 人民币元, 元(人民币) and RMB are 元."""
    return _currency().sub(lambda found: "" if found[1] or found[2] else "元", text)


@cache
def _currency() -> re.Pattern[str]:
    names = "|".join(map(re.escape, vocabulary().measures.currency))
    return re.compile(
        rf"(?:{names})[:,]?(?=([百千万亿]*元))|(?<=元)(\((?:{names})\)|(?:{names}))|(?:{names})",
        re.IGNORECASE,
    )


def _family(unit: str) -> str:
    base = unit.lstrip(_SCALES) or unit
    return _family_of().get(base, base)


@cache
def _family_of() -> dict[str, str]:
    return {unit: group[0] for group in vocabulary().measures.families for unit in group}


@cache
def _families() -> frozenset[str]:
    return frozenset(_family_of().values())
