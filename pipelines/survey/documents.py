"""Read the definition files (CSV and YAML) into models, and say file and line when one is wrong."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pipelines.errors import Place, SurveyDefinitionError

Model = TypeVar("Model", bound=BaseModel)

_ADVICE = "请按 docs 中的格式说明改正该行后重试"

#: The C parser where PyYAML has it: ten times as fast, the same result.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TextLoader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

#: What pydantic finds, in the words of the people who edit these files.
_REASONS_ZH = {
    "missing": "缺少该项",
    "extra_forbidden": "没有这一项",
    "literal_error": "只能填 {expected}",
    "int_parsing": "应填整数",
    "int_type": "应填整数",
    "int_from_float": "应填整数",
    "decimal_parsing": "应填数字",
    "bool_parsing": "应填 yes 或 no",
    "bool_type": "应填 yes 或 no",
    "string_type": "应填文字；数字和 yes、no 请加引号",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "写法不合规定，应符合 {pattern}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "tuple_type": "应填列表",
    "list_type": "应填列表",
    "dict_type": "应是“键: 值”的形式",
    "date_type": "应填日期，如 2024-05-20",
    "date_parsing": "应填日期，如 2024-05-20",
    "date_from_datetime_parsing": "应填日期，如 2024-05-20",
    "date_from_datetime_inexact": "应填日期，如 2024-05-20，不带时间",
    "decimal_type": "应填数字",
    "float_parsing": "应填数字",
    "float_type": "应填数字",
    "finite_number": "应填数字",
    "model_type": "应是“键: 值”的形式",
}

_DAY = re.compile(r"\b(\d{4})-(\d\d?)-(\d\d?)\b")

_COLON = "，冒号多了一个，或上一行缺少冒号；值里有冒号的，请整个加引号"

#: What the YAML parser finds most; of the rest it is enough to name the line.
_YAML_FAULTS_ZH = {
    "found character that cannot start any token": "，行首用了制表符（Tab）或不能用的符号",
    "found unexpected end of stream": "，引号没有成对",
    "found unexpected ':'": _COLON,
    "mapping values are not allowed in this context": _COLON,
    "mapping values are not allowed here": _COLON,
    "could not find expected ':'": "，缺少冒号，或冒号后面没有空格",
    "did not find expected key": "，缩进没有对齐",
    "did not find expected '-' indicator": "，缩进没有对齐，或缺少“- ”",
    "did not find expected node content": "，方括号、花括号没有成对",
    "did not find expected ',' or ']'": "，方括号没有成对",
    "did not find expected ',' or '}'": "，花括号没有成对",
}


def read_csv_models(path: Path, model: type[Model]) -> tuple[Model, ...]:
    """Every row of a UTF-8 CSV with a header, validated; raises SurveyDefinitionError."""
    return tuple(row for _, row in read_csv_lines(path, model))


def read_csv_lines(path: Path, model: type[Model]) -> list[tuple[int, Model]]:
    """As ``read_csv_models``, each row with the line it ends on."""
    rows = csv.DictReader(io.StringIO(_text_of(path)), strict=True)
    models = []
    try:
        for row in rows:
            if None in row or None in row.values():
                raise SurveyDefinitionError(
                    "列数与表头不一致", _ADVICE, Place(file=path.name, line=rows.line_num)
                )
            models.append((rows.line_num, _validated(model, row, path, rows.line_num)))
    except csv.Error as error:
        raise SurveyDefinitionError(
            f"不是规范的 CSV，多为引号不成对（{error}）",
            _ADVICE,
            Place(file=path.name, line=rows.line_num),
        ) from error
    return models


class YamlDocument:
    """A YAML file that remembers the line of every value in it.

    ``as_written`` keeps every value the text that stands in the file: for figures and codes, of
    which YAML would make something else (010 is eight to it, 1:30 ninety).
    """

    def __init__(self, path: Path, *, as_written: bool = False) -> None:
        self.path = path
        text = _text_of(path)
        loader = (_TextLoader if as_written else _Loader)(text)
        try:
            self._root = loader.get_single_node()
            self.data: Any = loader.construct_document(self._root) if self._root else None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 0
            begun = getattr(error, "context_mark", None)
            since = f"，从第 {begun.line + 1} 行起" if begun and begun.line + 1 < line else ""
            problem = _YAML_FAULTS_ZH.get(getattr(error, "problem", None) or "", "")
            raise SurveyDefinitionError(
                f"不是规范的 YAML{since}{problem or '，多为缩进、冒号或引号有误'}",
                _ADVICE,
                Place(file=path.name, line=line),
            ) from error
        except ValueError as error:
            # A date that the calendar does not have; the parser does not say where.
            raise SurveyDefinitionError(
                "有不存在的日期或数字", _ADVICE, Place(file=path.name, line=_wrong_day(text))
            ) from error
        finally:
            loader.dispose()
        self._refuse_repeated(self._root)

    def _refuse_repeated(self, node: Any) -> None:
        """Of two equal keys YAML takes the last and says nothing; here that is an error."""
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                if key.value in seen and isinstance(key, yaml.ScalarNode):
                    raise SurveyDefinitionError(
                        f"“{key.value}”写了两次",
                        _ADVICE,
                        Place(file=self.path.name, line=key.start_mark.line + 1),
                    )
                if isinstance(key, yaml.ScalarNode):
                    seen.add(key.value)
                self._refuse_repeated(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                self._refuse_repeated(value)

    def line_of(self, location: Sequence[str | int]) -> int:
        """Line (from 1) of the value at ``location``, or of its nearest ancestor."""
        node = self._root
        line: int = node.start_mark.line + 1 if node else 0
        for step in location:
            child = None
            if isinstance(node, yaml.MappingNode):
                child = next((v for k, v in node.value if k.value == str(step)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                child = node.value[step] if step < len(node.value) else None
            if child is None:
                return line
            node, line = child, child.start_mark.line + 1
        return line

    def model(self, model: type[Model], value: object, at: Sequence[str | int] = ()) -> Model:
        """Validate ``value``, found at location ``at``, as ``model``."""
        if not isinstance(value, Mapping):
            raise SurveyDefinitionError(
                "这里应是“键: 值”的形式", _ADVICE, Place(self.path.name, line=self.line_of(at))
            )
        try:
            return model.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            line = self.line_of([*at, *first["loc"]])
            raise SurveyDefinitionError(
                _reason(error), _ADVICE, Place(file=self.path.name, line=line)
            ) from error


def _validated(model: type[Model], row: Mapping[str, object], path: Path, line: int) -> Model:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        raise SurveyDefinitionError(
            _reason(error), _ADVICE, Place(file=path.name, line=line)
        ) from error


def _reason(error: ValidationError) -> str:
    parts = []
    for problem in error.errors():
        where = ".".join(str(step) for step in problem["loc"])
        template = _REASONS_ZH.get(problem["type"])
        context = dict(problem.get("ctx", {}))
        if "expected" in context:
            context["expected"] = context["expected"].replace(" or ", ", ").replace(", ", "、")
        if template:
            said = template.format_map(context)
        elif problem["type"] == "value_error":
            # What our own models say.
            said = problem["msg"].removeprefix("Value error, ")
        else:
            said = "写法不对"
        parts.append(f"“{where}”{said}" if where else said)
    return "；".join(parts)


def _wrong_day(text: str) -> int:
    """The line of the first day that the calendar does not have, 0 where there is none."""
    for number, line in enumerate(text.splitlines(), 1):
        for year, month, day in _DAY.findall(line.partition("#")[0]):
            try:
                datetime.date(int(year), int(month), int(day))
            except ValueError:
                return number
    return 0


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SurveyDefinitionError(
            "缺少该文件",
            "请在“调查制度”文件夹的同一位置补上（可复制另一版的同名文件改写）",
            Place(file="/".join(path.parts[-3:])),
        ) from error
    except UnicodeDecodeError as error:
        raise SurveyDefinitionError(
            "不是 UTF-8 编码", "请另存为 UTF-8 后重试", Place(file=path.name)
        ) from error
