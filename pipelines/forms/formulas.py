"""Rules as spreadsheet formulas: the SQL expression of a rule over the cells of the form.

The meaning is SQL's.  NULL (a blank or unreadable cell) is a formula error while it is computed:
errors spread through arithmetic and comparison as NULL does, AND and OR are written out so that
they settle what can be settled, and the outermost formula turns what is left into "not evaluated".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sqlglot
from sqlglot import exp

from pipelines.errors import SurveyDefinitionError
from pipelines.forms.layout import Cell, FormLayout
from pipelines.survey import Item, Rule

#: What a respondent may type for "no such business"; counts as 0 in rules.
_DASHES = ("-", "－", "−")

_COMPARISONS = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
}


def figure_value(cell: Cell) -> str:
    """A figure cell as a number: "-" is 0; blank and unreadable are empty text."""
    at = cell.reference
    dashes = ",".join(f'{at}="{dash}"' for dash in _DASHES)
    return f'=IF(ISNUMBER({at}),{at},IF(OR({dashes}),0,""))'


def yes_no_value(cell: Cell) -> str:
    at = cell.reference
    return f'=IF({at}="是",TRUE,IF({at}="否",FALSE,""))'


def text_value(cell: Cell) -> str:
    at = cell.reference
    return f'=IF({at}="","",{at})'


def rule_result(rule: Rule, layout: FormLayout) -> str:
    """TRUE, FALSE, or empty text where the rule does not apply or cannot be evaluated."""
    names = {item_id: _number(layout.value(item_id)) for item_id in layout.edition.item}
    names["is_venue"] = _not_blank(layout.value("is_venue"))
    names["level"] = _not_blank(layout.value("level"))
    body = translate(rule.expr, names, rule.id)
    if rule.when:
        body = f'IF({translate(rule.when, names, rule.id)},{body},"")'
    return f'=IFERROR({body},"")'


def each_fails(rule: Rule, item: Item, layout: FormLayout) -> str:
    """A condition, TRUE where an ``each`` rule does not hold for ``item``."""
    last_year = layout.last_year(item.item_id).reference
    names = {
        "v": _number(layout.value(item.item_id)),
        "prev": f"IF(ISNUMBER({last_year}),{last_year},NA())",
    }
    failing = f"NOT({translate(rule.expr, names, rule.id)})"
    if rule.when:
        failing = f"IF({translate(rule.when, names, rule.id)},{failing},FALSE)"
    return f"IFERROR({failing},FALSE)"


def items_of(rule: Rule, layout: FormLayout) -> tuple[str, ...]:
    """The items a rule is about: those of its ``expr``, in the order they are named."""
    columns = _parse(rule.expr, rule.id).find_all(exp.Column, bfs=False)
    found = dict.fromkeys(column.name for column in columns)
    return tuple(name for name in found if name in layout.edition.item)


def translate(sql: str, names: Mapping[str, str], rule_id: str = "") -> str:
    """A SQL expression as a formula; ``names`` gives the formula of every column."""
    return _Translation(names, rule_id).of(_parse(sql, rule_id))


@cache
def _parse(sql: str, rule_id: str) -> exp.Expr:
    try:
        parsed: exp.Expr = sqlglot.parse_one(sql, read="duckdb")
    except sqlglot.ParseError as error:
        raise SurveyDefinitionError(
            f"规则 {rule_id} 的表达式不合语法：{sql}", "请改正 rules.yaml"
        ) from error
    return parsed


class _Translation:
    """Walks one expression."""

    def __init__(self, names: Mapping[str, str], rule_id: str) -> None:
        self.names = names
        self.rule_id = rule_id

    def of(self, node: exp.Expr) -> str:
        for kind, sign in _COMPARISONS.items():
            if isinstance(node, kind):
                return f"({self.of(node.this)}{sign}{self.of(node.expression)})"
        write = getattr(self, f"_{type(node).__name__.lower()}", None)
        if write is None:
            raise self._refused(node)
        text: str = write(node)
        return text

    def _column(self, node: exp.Column) -> str:
        if node.name not in self.names:
            raise self._refused(node)
        return self.names[node.name]

    def _literal(self, node: exp.Literal) -> str:
        return '"' + node.name.replace('"', '""') + '"' if node.is_string else node.name

    def _boolean(self, node: exp.Boolean) -> str:
        return "TRUE" if node.this else "FALSE"

    def _null(self, node: exp.Null) -> str:
        return "NA()"

    def _paren(self, node: exp.Paren) -> str:
        return self.of(node.this)

    def _neg(self, node: exp.Neg) -> str:
        return f"(-{self.of(node.this)})"

    def _not(self, node: exp.Not) -> str:
        return f"NOT({self.of(node.this)})"

    def _and(self, node: exp.And) -> str:
        """FALSE when either side is FALSE, whatever the other."""
        left, right = self.of(node.this), self.of(node.expression)
        return f"IF(AND(IFERROR({left},TRUE),IFERROR({right},TRUE)),AND({left},{right}),FALSE)"

    def _or(self, node: exp.Or) -> str:
        """TRUE when either side is TRUE, whatever the other."""
        left, right = self.of(node.this), self.of(node.expression)
        return f"IF(OR(IFERROR({left},FALSE),IFERROR({right},FALSE)),TRUE,OR({left},{right}))"

    def _between(self, node: exp.Between) -> str:
        this, low, high = (self.of(node.args[part]) for part in ("this", "low", "high"))
        return f"AND(({this}>={low}),({this}<={high}))"

    def _in(self, node: exp.In) -> str:
        this = self.of(node.this)
        return f"OR({','.join(f'({this}={self.of(one)})' for one in node.expressions)})"

    def _is(self, node: exp.Is) -> str:
        if not isinstance(node.expression, exp.Null):
            raise self._refused(node)
        return f"ISERROR({self.of(node.this)})"

    def _abs(self, node: exp.Abs) -> str:
        return f"ABS({self.of(node.this)})"

    def _floor(self, node: exp.Floor) -> str:
        return f"INT({self.of(node.this)})"

    def _ceil(self, node: exp.Ceil) -> str:
        return f"(-INT(-{self.of(node.this)}))"

    def _round(self, node: exp.Round) -> str:
        places = self.of(node.args["decimals"]) if node.args.get("decimals") else "0"
        return f"ROUND({self.of(node.this)},{places})"

    def _coalesce(self, node: exp.Coalesce) -> str:
        text = self.of(node.expressions[-1])
        for part in (*reversed(node.expressions[:-1]), node.this):
            text = f"IFERROR({self.of(part)},{text})"
        return text

    def _greatest(self, node: exp.Greatest) -> str:
        return f"MAX({','.join(self.of(part) for part in (node.this, *node.expressions))})"

    def _least(self, node: exp.Least) -> str:
        return f"MIN({','.join(self.of(part) for part in (node.this, *node.expressions))})"

    def _refused(self, node: exp.Expr) -> SurveyDefinitionError:
        return SurveyDefinitionError(
            f"规则 {self.rule_id} 中的“{node.sql()}”不能译成表格公式",
            "规则可用：指标编号、is_venue、level、数字、+ - * /、比较、AND、OR、NOT、BETWEEN、IN、"
            "abs、floor、ceil、round、coalesce、greatest、least",
        )


def _number(cell: Cell) -> str:
    """A value cell inside arithmetic; its empty text becomes an error, which is our NULL."""
    return f"({cell.reference}+0)"


def _not_blank(cell: Cell) -> str:
    return f'IF({cell.reference}="",NA(),{cell.reference})'
