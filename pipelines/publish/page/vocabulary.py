"""The words of the report page, one by one, so that an office's own list is complete or refused."""

from __future__ import annotations

import string

from pydantic import BaseModel, ConfigDict, model_validator

#: What the program fills in; a word not named here stands as it is written.
_FILLED: dict[str, set[str]] = {
    "composition_finding": {"whole", "part", "share"},
    "changes_finding": {"count", "up", "down"},
    "profile_title": {"place"},
    "search_none": {"text"},
    "search_some": {"count"},
    "nothing": {"year"},
    "no_last_year": {"year"},
    "covers_little": {"covered"},
    "nation": {"value", "year"},
    "this_year": {"year"},
    "rank_of": {"rank"},
    "rank_tied": {"rank"},
    "from_to_up": {"last", "this"},
    "from_to_down": {"last", "this"},
    "rank_span": {"rank", "last"},
    "rank_hidden": {"count"},
    "rank_among": {"count", "group"},
    "share_of_whole": {"whole"},
    "all_files": {"count"},
    "elsewhere": {"names"},
    "scatter_title": {"x", "y"},
    "scatter_missing": {"missing", "shown"},
    "nothing_here": {"place", "year"},
    "all_hidden": {"place"},
    "hidden_some": {"count", "group"},
    "missing_some": {"count", "group", "reasons"},
    "province_line": {"value"},
    "part_of": {"parent", "place"},
    "break_note": {"years"},
}


class LinkWords(BaseModel):
    """Heads of the groups of files to download."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pdf: str
    table: str
    document: str
    picture: str
    member: str
    other: str


class Vocabulary(BaseModel):
    """Everything under ``words`` in page.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    skip: str
    contents: str
    overview: str
    by_indicator: str
    by_place: str
    tables: str
    downloads: str
    notes: str
    search: str
    search_hint: str
    search_none: str
    search_some: str
    data_as_of: str
    fingerprint: str
    offline: str
    no_script: str
    nothing: str
    no_last_year: str
    covers_little: str
    province: str
    nation: str
    nation_name: str
    no_nation: str
    indicator: str
    unit: str
    this_year: str
    change: str
    share: str
    rank: str
    rank_of: str
    rank_tied: str
    rank_span: str
    rank_among: str
    rank_hidden: str
    not_ranked: str
    rank_note: str
    standing_note: str
    share_of_whole: str
    definition: str
    formula: str
    basis: str
    tells: str
    not_tells: str
    caveats: str
    remark: str
    covered: str
    copies: str
    response: str
    no_register: str
    low_response: str
    year: str
    why: str
    state: str
    close: str
    about_number: str
    choose_indicator: str
    choose_place: str
    choose_table: str
    choose_scatter: str
    tile_title: str
    tile_note: str
    no_value: str
    hidden_value: str
    zero: str
    elsewhere: str
    chart_table: str
    years_title: str
    years_nation: str
    only_one_year: str
    composition: str
    composition_finding: str
    changes_title: str
    changes_finding: str
    no_rate: str
    no_changes: str
    scatter_title: str
    median: str
    scatter_missing: str
    standing_title: str
    profile_title: str
    missing_list: str
    nothing_here: str
    all_hidden: str
    hidden_some: str
    missing_some: str
    suppressed: str
    province_line: str
    part_of: str
    counties_of: str
    sort: str
    table_hint: str
    marks: str
    download_hint: str
    no_downloads: str
    all_files: str
    broken: str
    hidden_last: str
    no_last: str
    flat: str
    from_to_up: str
    from_to_down: str
    break_note: str
    kilobytes: str
    megabytes: str
    made_with: str
    links: LinkWords

    @model_validator(mode="after")
    def _can_be_filled(self) -> Vocabulary:
        problems = [
            f"“{name}”中的{{{field}}}不认识"
            for name, text in self
            if isinstance(text, str)
            for field in _fields_of(name, text)
            if field not in _FILLED.get(name, set())
        ]
        if problems:
            raise ValueError("；".join(problems))
        return self


def _fields_of(name: str, text: str) -> list[str]:
    try:
        return [field for _, field, _, _ in string.Formatter().parse(text) if field is not None]
    except ValueError as error:
        raise ValueError(f"“{name}”的花括号不成对") from error
