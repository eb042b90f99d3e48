"""Every table of the line, declared once: columns, types, Chinese labels, keys.

The declaration drives the Arrow schema that rooms exchange, the DuckDB table with its comments,
and the data dictionary.  ``_id`` and ``_code`` columns are text, always.

Arrow is imported where a table of it is made: commands that only ask the database do without it,
and its import costs more than their work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_SQL_TYPES = {
    "text": "VARCHAR",
    "texts": "VARCHAR[]",
    "integer": "BIGINT",
    "flag": "BOOLEAN",
    # Exact figures as reported: every digit that a spreadsheet can hold.
    "figure": "DECIMAL(38,15)",
    "date": "DATE",
}


@cache
def _arrow_types() -> dict[str, pa.DataType]:
    import pyarrow as pa

    return {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "integer": pa.int64(),
        "flag": pa.bool_(),
        "figure": pa.decimal128(38, 15),
        "date": pa.date32(),
    }


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    label_zh: str
    nullable: bool = False
    confidential: bool = False

    @property
    def arrow(self) -> pa.Field:
        import pyarrow as pa

        return pa.field(self.name, _arrow_types()[self.kind], nullable=self.nullable)

    @property
    def sql(self) -> str:
        return f"{self.name} {_SQL_TYPES[self.kind]}{'' if self.nullable else ' NOT NULL'}"


@dataclass(frozen=True)
class Table:
    """A declared table.  ``key`` columns identify a row; ``order`` fixes the stored order."""

    name: str
    label_zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        import pyarrow as pa

        return pa.schema([column.arrow for column in self.columns])

    @cached_property
    def column(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


def _table(name: str, label_zh: str, key: str, *columns: tuple[str, str, str] | Column) -> Table:
    """Columns as (name, kind, label); a kind that ends in ``?`` may be missing."""
    built = []
    for column in columns:
        if isinstance(column, Column):
            built.append(column)
        else:
            name_, kind, label = column
            built.append(Column(name_, kind.rstrip("?"), label, kind.endswith("?")))
    return Table(name, label_zh, tuple(key.split()), tuple(built))


SUBMISSIONS = _table(
    "submissions",
    "收到的文件（压缩包内逐个）",
    "year file",
    ("year", "integer", "数据年度"),
    ("file", "text", "收件夹内路径；压缩包内文件写作 包.zip!内部路径"),
    ("submission_id", "text", "文件内容的 sha256"),
    ("bytes", "integer", "字节数"),
    ("format", "text", "按内容识别的格式"),
    ("channel", "text", "渠道：county 属地 | department 部门 | unknown"),
    ("status", "text", "loaded 载入 | rejected 拒收 | skipped 跳过 | duplicate 相同文件"),
    ("reason_code", "text", "拒收、跳过的原因代码；载入为空"),
    ("reason_zh", "text", "原因"),
    ("advice_zh", "text", "请报送单位怎么做"),
    ("returns", "integer", "读出的调查表份数"),
    ("figures_in", "integer", "读到的指标格数"),
    ("figures_loaded", "integer", "载入的指标格数"),
)

RETURNS = _table(
    "returns",
    "调查表（一个单位一年一份；一馆一表）",
    "return_id",
    ("return_id", "text", "调查表编号"),
    ("submission_id", "text", "来自哪个文件"),
    ("file", "text", "文件"),
    ("sheet", "text", "封面所在工作表；汇总表为其工作表"),
    ("year", "integer", "数据年度"),
    ("edition_id", "text", "调查表版本"),
    ("layout", "text", "questionnaire 调查表 | table 汇总表中的一行"),
    ("role", "text", "basic 基层表 | summary 汇总行（不参与加总）"),
    ("unit_id", "text", "单位编号：有信用代码用信用代码，否则为区划+名称"),
    ("unit_name", "text", "单位名称"),
    ("venue_name", "text", "场馆名称；非场馆表为空"),
    ("uscc", "text", "统一社会信用代码；没有或不合规时为空"),
    ("is_venue", "flag?", "是否科普场馆单独填报"),
    ("division_code", "text", "所在地区划代码；认不出为空"),
    ("county_code", "text", "GB 口径县级代码；不在任何县为空"),
    ("prefecture_code", "text", "GB 口径市州代码；不在任何市州为空"),
    ("department_id", "text", "主管部门；认不出为空"),
    ("level_id", "text", "级别；认不出为空"),
    ("channel", "text", "渠道"),
    ("revision", "integer", "第几次报送，从 1 起"),
    ("fill_date", "date?", "填表日期"),
    (
        "status",
        "text",
        "received 已收 | accepted 通过 | queried 待核实 | rejected 退回 | superseded | duplicate",
    ),
    ("status_reason_zh", "text", "状态的原因"),
    ("simulated", "flag", "是否模拟数据"),
)

COVERS = _table(
    "covers",
    "封面填写内容（逐格原文）",
    "return_id field_id",
    ("return_id", "text", "调查表编号"),
    ("field_id", "text", "封面项"),
    Column("raw_text", "text", "原文", confidential=True),
    ("sheet", "text", "工作表"),
    ("cell", "text", "单元格"),
)

ANSWERS = _table(
    "answers",
    "指标值（一格一行）",
    "return_id item_id",
    ("return_id", "text", "调查表编号"),
    ("submission_id", "text", "来自哪个文件"),
    ("item_id", "text", "指标"),
    ("value", "figure?", "值；空白、- 与无法识别为空"),
    ("state", "text", "状态：reported | zero | not_applicable | blank | unreadable"),
    ("raw_text", "text", "单元格原文"),
    ("file", "text", "文件"),
    ("sheet", "text", "工作表"),
    ("cell", "text", "单元格"),
    ("notes", "texts", "读取时作过的写法归一"),
)

CORRECTIONS = _table(
    "corrections",
    "更正（更正.yaml 逐条）：经填报单位确认，指标值表的原文不变",
    "year number",
    ("year", "integer", "数据年度"),
    ("number", "integer", "文件中第几条"),
    ("line", "integer", "文件中的行号"),
    ("return_asked_zh", "text", "所写的调查表：文件、单位、场馆"),
    ("return_id", "text", "对应的调查表；没有对上为空"),
    ("item_id", "text", "指标"),
    ("old_text", "text", "所写的原值"),
    ("found_text", "text", "更正前格内的值；没有对上为空"),
    ("new_text", "text", "更正后的写法：数字、0 或 -"),
    ("new_value", "figure?", "更正后的值；- 为空"),
    ("new_state", "text", "更正后的状态：reported | zero | not_applicable"),
    Column("confirmed_by", "text", "确认人", confidential=True),
    ("confirmed_on", "date", "确认日期"),
    ("means_zh", "text", "确认方式；没写为空"),
    ("reason_zh", "text", "原因"),
    (
        "status",
        "text",
        (
            "applied 已采用 | guard_failed 原值已变 | cell_differs 单元格不符 | item_missing 表中无"
            " | return_missing 没有这份表 | return_ambiguous 对应多份 | return_replaced 已被取代"
        ),
    ),
    ("status_zh", "text", "没有采用的原因：应为什么，实际是什么；已采用为空"),
)

RULINGS = _table(
    "rulings",
    "认定（认定.yaml 逐条）：是谁的表、以哪份为准、有没有重复，由人决定",
    "year number",
    ("year", "integer", "数据年度"),
    ("number", "integer", "文件中第几条"),
    ("line", "integer", "文件中的行号"),
    ("return_asked_zh", "text", "所写的调查表：文件、工作表、单位、场馆"),
    (
        "decision_zh",
        "text",
        ("认定：属于名录单位 | 不是同一单位 | 以本份为准 | 以另一份为准 | 重复计算 | 没有重复"),
    ),
    ("return_id", "text", "对应的调查表；没有对上为空"),
    ("other_return_id", "text", "另一份调查表；不涉及为空"),
    ("unit_id", "text", "认定的单位编号；不涉及为空"),
    Column("decided_by", "text", "认定人", confidential=True),
    ("decided_on", "date", "认定日期"),
    ("reason_zh", "text", "原因"),
    ("status", "text", "applied 已采用 | stale 所说的文件已变"),
    ("status_zh", "text", "没有采用的原因；已采用为空"),
)

IDENTITY_QUESTIONS = _table(
    "identity_questions",
    "待认定：认不准是谁的表、以哪份为准、有没有重复计算",
    "question_id",
    ("question_id", "text", "编号"),
    ("year", "integer", "数据年度"),
    (
        "kind",
        "text",
        (
            "unknown_unit 名录里没有 | ambiguous_unit 对得上几个 | code_of_another 代码是别家的"
            " | name_differs 名称不同 | code_differs 代码不同 | place_differs 所在地不同"
            " | unknown_venue 没有该场馆 | duplicate 重复报送 | double_count 重复计算"
            " | stale_ruling 认定已过时"
        ),
    ),
    ("return_id", "text", "调查表；认定已过时的为空"),
    ("file", "text", "文件"),
    ("sheet", "text", "工作表"),
    ("content", "text", "文件内容 sha256 的开头，认定时照抄"),
    ("unit_name", "text", "表上写的单位名称"),
    ("venue_name", "text", "表上写的场馆名称"),
    ("other_return_id", "text", "另一份调查表；不涉及为空"),
    ("other_file", "text", "另一份的文件"),
    ("other_unit_name", "text", "另一份的单位名称"),
    ("candidates", "texts", "名录中可能的单位，仅供参考"),
    ("candidate_ids", "texts", "上述单位的编号"),
    ("items", "texts", "涉及的指标"),
    ("message_zh", "text", "说明"),
)

PROPOSALS = _table(
    "proposals",
    "版式建议：认不准的表式逐行可能是哪一项指标，供人决定",
    "year file place",
    ("year", "integer", "数据年度"),
    ("file", "text", "文件"),
    ("place", "integer", "次序"),
    ("layout_id", "text", "版式编号；同一版式的文件相同"),
    ("table_number", "integer", "文件中第几张要对照的表，从 0 起；缺少的指标为 -1"),
    ("sheet", "text", "工作表"),
    ("direction", "text", "rows 指标逐行 | columns 指标逐列"),
    ("signature", "text", "表的版式特征"),
    ("cell", "text", "名称所在单元格"),
    ("heading", "text", "名称所属的栏目；没有则为空"),
    ("label", "text", "表上写的名称"),
    ("code", "text", "表上写的代码"),
    ("unit", "text", "表上写的计量单位"),
    ("above", "text", "上面的指标或标题"),
    (
        "action",
        "text",
        "建议：item 是该指标 | heading 标题行 | ? 须人决定 | missing 表上没有的指标",
    ),
    ("item_id", "text", "可能是的指标；没有则为空"),
    ("confidence", "figure?", "把握，0—1；没有则为空"),
    ("why", "text", "依据"),
    ("alternatives", "texts", "其他可能"),
)

EXPLANATIONS = _table(
    "explanations",
    "说明：填报单位在查询单上、统计机构在 说明.xlsx 上对审核发现的答复",
    "explanation_id",
    ("explanation_id", "text", "编号：年度、文件、工作表和单元格"),
    ("year", "integer", "数据年度"),
    ("finding_id", "text", "所说明的审核发现；对不上为空"),
    ("rule_id", "text", "规则"),
    ("unit_id", "text", "单位编号"),
    ("unit_name", "text", "单位名称"),
    ("venue_name", "text", "场馆名称；非场馆为空"),
    ("items", "texts", "涉及的指标"),
    ("figures", "text", "说明时的数；数变了，说明即失效"),
    ("reason_code", "text", "原因类别"),
    ("text_zh", "text", "说明"),
    ("source", "text", "来源：respondent 填报单位 | office 统计机构"),
    Column("by_zh", "text", "说明人", confidential=True),
    ("file", "text", "文件"),
    ("sheet", "text", "工作表"),
    ("cell", "text", "单元格"),
    (
        "state",
        "text",
        (
            "read 未核对 | holds 有效 | stale 数已变 | hard 须更正，说明不能代替 | gone 已无此问题"
            " | incomplete 没有写明 | unmatched 对不上哪一条"
        ),
    ),
    ("state_reason_zh", "text", "没有采用的原因；采用为空"),
)

UNITS = _table(
    "units",
    "应报单位（名录）",
    "year unit_id venue_name",
    ("year", "integer", "数据年度"),
    ("unit_id", "text", "单位编号"),
    ("unit_name", "text", "单位名称"),
    ("venue_name", "text", "场馆名称；非场馆为空"),
    ("uscc", "text", "统一社会信用代码"),
    ("division_code", "text", "区划代码"),
    ("county_code", "text", "GB 口径县级代码"),
    ("prefecture_code", "text", "GB 口径市州代码"),
    ("department_id", "text", "主管部门"),
    ("level_id", "text", "级别"),
    ("channel", "text", "渠道"),
    ("file", "text", "文件"),
    ("sheet", "text", "工作表"),
    ("row", "integer", "行号"),
)

FINDINGS = _table(
    "findings",
    "审核发现（一条规则在一份表上不成立）",
    "finding_id",
    ("finding_id", "text", "编号"),
    ("year", "integer", "数据年度"),
    ("rule_id", "text", "规则"),
    ("scope", "text", "范围：cell | return | batch | year_on_year | aggregate"),
    ("severity", "text", "性质：reject_file | reject_return | query | note"),
    ("must_correct", "flag", "不改正不能定稿"),
    ("return_id", "text", "调查表；汇总层为空"),
    ("submission_id", "text", "文件；汇总层为空"),
    ("items", "texts", "涉及的指标"),
    ("cells", "texts", "涉及的单元格，写作 工作表!单元格"),
    ("observed", "texts", "涉及的值（原文）"),
    ("message_zh", "text", "带实际数字的说明"),
    ("likely_cause_zh", "text", "可能原因；没有则为空"),
    ("effect", "figure?", "对所涉指标全省合计的可能影响（指标单位）；不能算则为空"),
    ("effect_item_id", "text", "影响所指的指标；没有则为空"),
)

RULE_RESULTS = _table(
    "rule_results",
    "规则执行结果",
    "year rule_id",
    ("year", "integer", "数据年度"),
    ("rule_id", "text", "规则"),
    ("severity", "text", "级别"),
    ("evaluated", "integer", "判断了多少次"),
    ("passed", "integer", "成立"),
    ("failed", "integer", "不成立"),
    ("not_evaluated", "integer", "因空白、无法识别或无上年数而未评估"),
)

THRESHOLDS = _table(
    "thresholds",
    "审核阈值：由本年和上年数据算得，或由人固定",
    "year rule_id item_id base_id is_venue level_id department_id",
    ("year", "integer", "数据年度"),
    ("rule_id", "text", "规则"),
    ("item_id", "text", "指标"),
    ("base_id", "text", "比率的分母；不是比率为空"),
    ("is_venue", "flag", "同类单位：场馆；各级各部门合在一起时不分"),
    ("level_id", "text", "同类单位：级别；空为各级合在一起"),
    ("department_id", "text", "同类单位：主管部门；空为各部门合在一起"),
    ("n", "integer", "算得阈值的数据个数"),
    ("middle", "figure", "中位数（与上年比的规则为中位比值）"),
    ("lower", "figure", "下限"),
    ("upper", "figure", "上限"),
    ("pinned", "flag", "由人固定"),
)

INDICATOR_VALUES = _table(
    "indicator_values",
    "指标值",
    "indicator_id year breakdown member_id member2_id",
    ("indicator_id", "text", "指标"),
    ("year", "integer", "数据年度"),
    (
        "breakdown",
        "text",
        (
            "分组：province | prefecture | county | department | level | channel | 交叉表"
            " prefecture_department、department_level、prefecture_level | 分列口径 …_apart"
            " | 不变口径 …_constant | nation | region3 | peer_province"
        ),
    ),
    ("member_id", "text", "分组成员；全省为 220000"),
    ("member2_id", "text", "交叉表第二维成员；没有则为空"),
    ("member_zh", "text", "成员名称"),
    ("value", "figure?", "值，未舍入到发布位数；缺失为空"),
    ("unit", "text", "计量单位"),
    ("numerator", "figure?", "分子"),
    ("denominator", "figure?", "分母"),
    ("units_covered", "integer", "数据覆盖的调查表份数"),
    ("units_expected", "integer?", "应报份数；没有名录为空"),
    ("response_rate", "figure?", "回收率（比，0—1）；没有名录为空"),
    (
        "flags",
        "texts",
        (
            "break 断点 | territory_change 所辖范围有变化 | no_crosswalk 没有对照表"
            " | provisional 含待核实 | suppressed 不公布 | partial 有分项无人填报"
            " | recomputed 由公布数重算 | census 普查人口 | population_year:年 用该年人口"
            " | population_split 长白山人口按普查拆分；没有值的原因：no_return 没有调查表"
            " | not_filled 没有填报 | not_asked 没有这一项 | no_population 无可用人口"
            " | zero_denominator 分母为零 | beyond_table 数值过大 | no_last_year 没有上年数"
            " | not_comparable 不与上年比较"
        ),
    ),
)

SUPPRESSIONS = _table(
    "suppressions",
    "不公布的指标值：公布会泄露填报单位的数，或可由其他公布数推得（披露控制）",
    "year indicator_id breakdown member_id member2_id",
    ("year", "integer", "数据年度"),
    ("indicator_id", "text", "指标"),
    ("breakdown", "text", "分组"),
    ("member_id", "text", "分组成员"),
    ("member2_id", "text", "交叉表第二维成员；没有则为空"),
    ("reason", "text", "primary 本身敏感 | complementary 为防推算而不公布"),
    (
        "rule",
        "text",
        (
            "few 有数的单位太少 | dominance 一家独大 | p_percent 可被第二大单位推近"
            " | margin 可由合计与其他分项相减得到 | ratio 会推出分子或分母"
            " | change 会推出本年或上年的数"
        ),
    ),
)

PUBLISHED_SERIES = _table(
    "published_series",
    "已公布的数据（他人发布）",
    "source_id region series_id year",
    ("source_id", "text", "来源编号"),
    ("region", "text", "地区或层级"),
    ("series_id", "text", "序列：能对应我们的指标时为指标编号，否则为自有编号"),
    ("name_zh", "text", "原文名称"),
    ("year", "integer", "数据年度"),
    ("value", "figure?", "值（原文数字）"),
    ("raw_text", "text", "原文"),
    ("unit", "text", "单位；原文未标注为空"),
    ("derived", "flag", "是否公布的比率或推得的数"),
    ("publisher_zh", "text", "发布者"),
    ("title_zh", "text", "题名"),
    ("published_on", "text", "发布日期（可只到年月）"),
    ("note_zh", "text", "说明"),
    ("file", "text", "文件"),
    ("sheet", "text", "工作表"),
    ("cell", "text", "单元格"),
)

ITEMS = _table(
    "items",
    "指标目录（各版调查表）",
    "edition_id item_id",
    ("edition_id", "text", "版本"),
    ("item_id", "text", "指标"),
    ("form_id", "text", "表"),
    ("order", "integer", "表内次序"),
    ("parent_id", "text", "上级"),
    ("relation", "text", "与上级的关系"),
    ("label_zh", "text", "表上名称"),
    ("name_zh", "text", "全称"),
    ("unit", "text", "计量单位"),
    ("decimals", "integer", "小数位"),
    ("kind", "text", "stock 时点 | flow 时期"),
    ("additive", "flag", "可否加总"),
    ("code", "text", "表上代码"),
    ("evidence", "text", "依据"),
    ("note_zh", "text", "说明"),
)

DIVISIONS = _table(
    "divisions",
    "行政区划（当年有效）",
    "year code",
    ("year", "integer", "数据年度"),
    ("code", "text", "代码"),
    ("name_zh", "text", "名称"),
    ("level", "text", "层级"),
    ("parent_code", "text", "上级"),
    ("county_code", "text", "GB 口径县级代码"),
    ("prefecture_code", "text", "GB 口径市州代码"),
)

DEPARTMENTS = _table(
    "departments",
    "主管部门（当年有效）",
    "year department_id",
    ("year", "integer", "数据年度"),
    ("department_id", "text", "部门"),
    ("name_zh", "text", "名称"),
    ("code", "text", "代码；未公开为空"),
    ("order", "integer", "次序"),
)

INDICATORS = _table(
    "indicators",
    "指标定义",
    "indicator_id",
    ("indicator_id", "text", "指标"),
    ("name_zh", "text", "名称"),
    ("name_en", "text", "英文名称"),
    ("theme", "text", "主题"),
    (
        "kind",
        "text",
        "类别：level | share | per_head | per_unit | ratio | average | growth | difference",
    ),
    ("unit", "text", "计量单位"),
    ("decimals", "integer", "发布小数位"),
    ("formula_zh", "text", "算法"),
    ("basis", "text", "依据：证 | 算 | 推"),
    ("note_zh", "text", "说明"),
)

COMPOSITE_SCORES = _table(
    "composite_scores",
    "综合测算得分（本省测算，非国家发布指数）",
    "index_id year breakdown member_id",
    ("index_id", "text", "指数"),
    ("year", "integer", "数据年度"),
    ("breakdown", "text", "分组：prefecture | county"),
    ("member_id", "text", "成员"),
    ("member_zh", "text", "成员名称"),
    ("score", "figure?", "得分；不测算为空"),
    ("reason_zh", "text", "不测算的原因；有得分为空"),
    ("flags", "texts", "partial 有分项无人填报 | provisional 含待核实"),
    ("label_zh", "text", "标注"),
)

COMPOSITE_RANKS = _table(
    "composite_ranks",
    "综合测算名次及其稳健性（本省测算，非国家发布指数）",
    "index_id year breakdown member_id",
    ("index_id", "text", "指数"),
    ("year", "integer", "数据年度"),
    ("breakdown", "text", "分组"),
    ("member_id", "text", "成员"),
    ("rank", "integer", "名次；得分相同名次相同"),
    ("rank_low", "integer", "名次区间：靠前一端"),
    ("rank_high", "integer", "名次区间：靠后一端"),
    ("rank_best", "integer", "各次抽取中最好的名次"),
    ("rank_worst", "integer", "各次抽取中最差的名次"),
    ("scored", "integer", "参加排名的成员数"),
    ("draws", "integer", "抽取次数"),
    ("label_zh", "text", "标注"),
)

COMPOSITE_WEIGHTS = _table(
    "composite_weights",
    "综合测算权重（本省测算，非国家发布指数）",
    "index_id year breakdown indicator_id weighting",
    ("index_id", "text", "指数"),
    ("year", "integer", "数据年度"),
    ("breakdown", "text", "分组"),
    ("indicator_id", "text", "指标"),
    ("weighting", "text", "given 给定 | equal 等权 | entropy 熵值法 | critic CRITIC法"),
    ("weight", "figure", "权重，合计为1"),
    ("used", "flag", "得分用的是否这种权重"),
)

MEASURE_SCORES = _table(
    "measure_scores",
    "措施监测：措施、指标、对象一行",
    "year measure scope subject_id order",
    ("year", "integer", "数据年度"),
    ("measure", "integer", "措施序号"),
    ("title_zh", "text", "措施"),
    ("measurability", "text", "measurable 可度量 | partial 部分可度量 | qualitative 不可度量"),
    ("scope", "text", "对象：province 全省 | system 部门系统 | unit 责任单位"),
    ("subject_id", "text", "对象编号"),
    ("subject_zh", "text", "对象名称"),
    ("department_id", "text", "主管部门类别；全省和没有对应类别的为空"),
    ("order", "integer", "措施内指标次序"),
    ("indicator_id", "text", "指标；没有统计指标为空"),
    ("name_zh", "text", "指标名称"),
    ("fit", "text", "direct 直接度量 | partial 部分度量"),
    (
        "status",
        "text",
        (
            "measured 有数 | no_value 无数，原因见说明 | not_asked 当年没有问"
            " | no_statistic 没有统计指标 | no_department 没有对应的部门类别"
            " | reported 没有统计指标，值为责任单位自报的完成程度"
        ),
    ),
    ("value", "figure?", "值"),
    ("unit", "text", "计量单位"),
    ("last_value", "figure?", "上年值"),
    ("direction", "text", "up 上升 | down 下降 | flat 持平；不可比为空"),
    (
        "change_kind",
        "text",
        "rate 增长% | points 百分点 | difference 差 | from_to 增减量 | break 断点 | none 无",
    ),
    ("change", "figure?", "比上年的变化，单位见 change_kind"),
    ("rank", "integer?", "在有数的部门中的位次，从大到小；全省为空"),
    ("ranked", "integer?", "有数的部门数"),
    ("units_expected", "integer?", "应报份数；没有名录为空"),
    ("response_rate", "figure?", "回收率（比，0—1）；没有名录为空"),
    ("flags", "texts", "同 indicator_values"),
    ("note_zh", "text", "说明"),
)

PROGRESS_REPORTS = _table(
    "progress_reports",
    "督查台账汇总：措施、责任单位一行（督查台账.xlsx，由台账目录写出）",
    "year measure unit_zh",
    ("year", "integer", "数据年度"),
    ("measure", "integer", "措施序号"),
    ("title_zh", "text", "措施"),
    ("unit_id", "text", "责任单位编号；方案没有列的单位为空"),
    ("unit_zh", "text", "责任单位"),
    ("state", "text", "报送：accepted 通过 | queried 待核实 | rejected 退回 | none 未报"),
    ("open_findings", "integer?", "未了结的问题；未报为空"),
    ("completion", "figure?", "完成程度（%）；没有填或无法识别为空"),
    ("target_value", "figure?", "年度目标量化值"),
    ("done_value", "figure?", "已完成量化值"),
    ("evidence_files", "figure?", "佐证材料件数"),
    ("progress_zh", "text", "进展情况"),
    ("deadline_zh", "text", "完成时限（原文）"),
    ("deadline", "date?", "完成时限；没有写或不是日期为空"),
    ("evidence_zh", "text", "佐证材料"),
    ("next_step_zh", "text", "下一步安排"),
    ("fill_date", "date?", "填表日期"),
    ("as_of", "date?", "截至日期：工作安排.yaml 所写，没写为台账中最晚的填表日期"),
    ("simulated", "flag", "是否模拟数据"),
    ("file", "text", "文件"),
    ("sheet", "text", "工作表"),
    ("cell", "text", "单元格"),
)

META = _table(
    "meta",
    "快照说明",
    "key",
    ("key", "text", "项"),
    ("value", "text", "内容"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        SUBMISSIONS,
        RETURNS,
        COVERS,
        ANSWERS,
        CORRECTIONS,
        EXPLANATIONS,
        RULINGS,
        IDENTITY_QUESTIONS,
        PROPOSALS,
        UNITS,
        FINDINGS,
        RULE_RESULTS,
        THRESHOLDS,
        INDICATOR_VALUES,
        SUPPRESSIONS,
        PUBLISHED_SERIES,
        ITEMS,
        DIVISIONS,
        DEPARTMENTS,
        INDICATORS,
        COMPOSITE_SCORES,
        COMPOSITE_RANKS,
        COMPOSITE_WEIGHTS,
        MEASURE_SCORES,
        PROGRESS_REPORTS,
        META,
    )
}


def arrow_table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as the declared Arrow table; an unknown or missing column raises, never passes."""
    import pyarrow as pa

    table = TABLES[name]
    names = [column.name for column in table.columns]
    columns: dict[str, list[Any]] = {name_: [] for name_ in names}
    for row in rows:
        if row.keys() != columns.keys():
            odd = sorted(row.keys() ^ columns.keys())
            raise ValueError(f"table {name}: columns differ: {odd}")
        for name_ in names:
            columns[name_].append(row[name_])
    return pa.table(columns, schema=table.arrow_schema)


def empty_table(name: str) -> pa.Table:
    """The declared table without rows."""
    return TABLES[name].arrow_schema.empty_table()


def create_sql(table: Table) -> list[str]:
    """Statements that create the table in DuckDB, with Chinese comments."""
    columns = ", ".join(
        column.sql.replace(column.name, f'"{column.name}"', 1) for column in table.columns
    )
    comments = [
        f'COMMENT ON COLUMN {table.name}."{column.name}" IS {quoted(column.label_zh)}'
        for column in table.columns
    ]
    return [
        f"CREATE TABLE {table.name} ({columns})",
        f"COMMENT ON TABLE {table.name} IS {quoted(table.label_zh)}",
        *comments,
    ]


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
