"""Which item a row or column means, from its label, its code and what stands above it."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.layouts.lexicon import Lexicon, Word
from pipelines.intake.layouts.parents import Told, check_told_apart
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.models import Item

_NO_NOTES: tuple[str, ...] = ()


class ItemFinder:
    """Finds items one after another; remembers the last, whose parents give labels their meaning.

    ``其中：女性`` stands under two parents: the nearest parent above decides, and ``check`` holds
    afterwards whether it was ground to decide on.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._items = lexicon.edition.item
        self._last: Item | None = None
        self._heading = ""
        self._told: list[Told] = []
        self._by = ""
        self._self_words = frozenset(plain_label(word) for word in vocabulary().self_words)

    def find(
        self, texts: Sequence[str], code: str, place: Place
    ) -> tuple[Item | None, tuple[str, ...]]:
        """The item of labels (outermost first) and a code, with notes; None when it is none."""
        coded = self._lexicon[code] if code else None
        by_code = coded.code if coded else None
        word = self._lexicon[texts[-1]] if texts else None
        self._by = "label"
        item = self._by_label(texts, word, by_code) if word else None
        if item is None:
            item = self._by_code_alone(word, by_code, place)
            notes = (
                (f"没有指标名称，按代码 {by_code.code} 认定",) if item and by_code else _NO_NOTES
            )
        else:
            notes = _notes(item, word, by_code, coded)
        if item is not None:
            self._remember(item, word, place)
        elif word and word.plain:
            self._heading = word.plain
        return item, notes

    def check(self) -> None:
        """Raise UnclearLayoutError when the rows do not stand so that places tell anything."""
        check_told_apart(self._told, self._lexicon.edition)

    def is_heading(self, texts: Sequence[str]) -> bool:
        """Whether a row only repeats or marks the header: 甲 乙 丙 1."""
        return bool(texts) and bool(self._lexicon[texts[-1]].role)

    def _remember(self, item: Item, word: Word | None, place: Place) -> None:
        by_place = None
        if self._by == "code" and word is not None:
            by_place = self._under_last(word.items)
        self._told.append(Told(item, self._by, place, by_place))
        self._last = item
        # A heading holds for the rows under it, until an item that stands for itself.
        if self._by != "heading" and not item.parent_id:
            self._heading = ""

    def _by_label(self, texts: Sequence[str], word: Word, by_code: Item | None) -> Item | None:
        above = [self._lexicon[text] for text in texts[:-1]]
        if not word.items and word.plain in self._self_words and above:
            return self._by_label(texts[:-1], above[-1], by_code)
        candidates = word.items
        if not candidates:
            candidates = self._joined(above, word)
        if len(candidates) <= 1:
            return candidates[0] if candidates else None
        if by_code in candidates:
            self._by = "code"
            return by_code
        for parent in reversed(above):
            under = [item for item in candidates if item.parent_id in _ids(parent.items)]
            if len(under) == 1:
                self._by = "parent"
                return under[0]
        self._by = "place"
        return self._under_last(candidates)

    def _joined(self, above: Sequence[Word], word: Word) -> tuple[Item, ...]:
        """A label split over a heading and the row under it: 科普（技）讲座 · 举办次数."""
        for heading in [*(w.plain for w in reversed(above)), self._heading]:
            found = self._lexicon.items_of(heading, word.plain) if heading else ()
            if found:
                self._by = "heading"
                return found
        return ()

    def _under_last(self, candidates: tuple[Item, ...]) -> Item | None:
        """The candidate whose parent is the last item or stands above it."""
        step = self._last
        while step is not None:
            under = [item for item in candidates if item.parent_id == step.item_id]
            if len(under) == 1:
                return under[0]
            step = self._items.get(step.parent_id)
        return None

    def _by_code_alone(self, word: Word | None, by_code: Item | None, place: Place) -> Item | None:
        if by_code is None:
            return None
        if word is None or not word.plain:
            return by_code
        if word.items and by_code in word.items:
            return by_code
        raise UnclearLayoutError(
            f"代码 {by_code.code} 应是“{by_code.name_zh}”，表上写的是“{word.plain}”，"
            "认不准是哪一项",
            place=place,
        )


def _ids(items: tuple[Item, ...]) -> frozenset[str]:
    return frozenset(item.item_id for item in items)


def _notes(
    item: Item, word: Word | None, by_code: Item | None, coded: Word | None
) -> tuple[str, ...]:
    notes = _NO_NOTES
    if coded and coded.code_text and item.code and by_code is not item:
        notes = (f"表上代码 {coded.code_text} 与指标名称不符，按名称认定为“{item.name_zh}”",)
    if word and word.near:
        notes = (*notes, f"指标名称“{word.plain}”与表样略有不同，认定为“{item.name_zh}”")
    return notes
