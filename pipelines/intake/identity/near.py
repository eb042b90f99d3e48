"""Whether two names are one name written differently, or merely resemble each other.

Only the first is ever acted upon; resemblance is for listing what a person may want to look at.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache

from pipelines.intake.identity.identity_words import identity_words

_PLACE_SIGNS = "省市州县区旗"


@lru_cache(maxsize=65536)
def same_unit(one: str, other: str) -> bool:
    """Whether two plain names differ only by the places written before them or by abbreviation.

    朝阳区教育局 is 长春市朝阳区教育局, 朝阳区科协 is 朝阳区科学技术协会; 长春市教育局 is another.
    """
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if not short:
        return False
    if long.endswith(short) and any(sign in short for sign in _PLACE_SIGNS):
        return True
    places = all(short.count(sign) == long.count(sign) for sign in _PLACE_SIGNS)
    return places and short[:2] == long[:2] and _abbreviates(short, long)


@lru_cache(maxsize=65536)
def near(one: str, other: str) -> bool:
    """Whether one name resembles, contains or abbreviates the other."""
    return nearness(one, other) >= identity_words().near


def nearness(one: str, other: str) -> float:
    """From 0, nothing in common, to 1, the same or one an abbreviation of the other."""
    short, long = sorted((one, other), key=len)
    if not short:
        return 0.0
    if _abbreviates(short, long):
        return 1.0
    return SequenceMatcher(None, short, long, autojunk=False).ratio()


def _abbreviates(short: str, long: str) -> bool:
    """科协 of 科学技术协会: every character in order, and no less than a third of them."""
    if len(short) * 3 < len(long):
        return False
    rest = iter(long)
    return all(char in rest for char in short)
