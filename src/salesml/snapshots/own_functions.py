"""The functions that own features may call: a closed list, so that what nobody thought of is refused."""

from __future__ import annotations

from sqlglot import exp

SYNTAX = {
    "and",
    "or",
    "xor",
    "not",
    "case",
    "if",
    "cast",
    "try_cast",
    "coalesce",
    "exists",
    "extract",
    "array",
}
"""What SQL writes with words or signs of its own."""

AGGREGATES = {
    "any_value", "approx_distinct", "approx_quantile", "arg_max", "arg_min", "array_agg", "avg",
    "bitwise_and_agg", "bitwise_or_agg", "corr", "count", "count_if", "covar_pop", "covar_samp", "entropy",
    "favg", "first", "fsum", "geomean", "group_concat", "kurtosis", "last", "logical_and", "logical_or",
    "mad", "max", "median", "min", "mode", "percentile_cont", "percentile_disc", "product", "quantile",
    "regr_intercept", "regr_r2", "regr_slope", "skewness", "stddev", "stddev_pop", "stddev_samp", "sum",
    "sumkahan", "variance", "variance_pop",
}  # fmt: skip

WINDOWS = {
    "cume_dist", "dense_rank", "first_value", "lag", "last_value", "lead", "nth_value", "ntile",
    "percent_rank", "rank", "row_number",
}  # fmt: skip

MATHS = {
    "abs", "acos", "asin", "atan", "atan2", "cbrt", "ceil", "cos", "degrees", "even", "exp", "factorial",
    "floor", "fmod", "gcd", "greatest", "is_inf", "is_nan", "isfinite", "lcm", "least", "ln", "log", "mod",
    "nullif", "pi", "pow", "power", "radians", "round", "sign", "sin", "sqrt", "tan", "trunc",
    "width_bucket",
}  # fmt: skip

TEXTS = {
    "ascii", "chr", "concat", "concat_ws", "contains", "ends_with", "format", "jaccard",
    "jarowinkler_similarity", "left", "length", "levenshtein", "lower", "pad", "prefix", "regexp_extract",
    "regexp_full_match", "regexp_like", "regexp_replace", "repeat", "replace", "reverse", "right", "split",
    "split_part", "starts_with", "str_position", "strlen", "substring", "suffix", "translate", "trim",
    "unicode", "upper",
}  # fmt: skip

DATES = {
    "century", "date_add", "date_bin", "date_from_parts", "date_part", "date_sub", "date_trunc", "datediff",
    "datepart", "datesub", "day", "day_of_month", "day_of_week", "day_of_year", "dayname", "dayofweek_iso",
    "decade", "era", "hour", "isoyear", "julian", "last_day", "minute", "month", "monthname", "quarter",
    "second", "str_to_time", "time_to_str", "time_to_unix", "timestamp_trunc", "to_days", "to_hours",
    "to_months", "to_weeks", "to_years", "try_strptime", "week", "week_of_year", "weekday", "year",
    "yearweek",
}  # fmt: skip

LISTS = {"array_contains", "array_distinct", "array_size", "list_avg", "list_sum"}

ALLOWED = SYNTAX | AGGREGATES | WINDOWS | MATHS | TEXTS | DATES | LISTS
"""Names as sqlglot gives them; their result depends on their arguments alone."""

CLOCK_WORDS = {
    "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "localtime", "localtimestamp", "session_user", "user",
}  # fmt: skip
"""Names that DuckDB reads as functions where no column is called so, even in quotes."""

ODD = (
    exp.Command, exp.Describe, exp.Summarize, exp.Into, exp.Lock, exp.HistoricalData, exp.Parameter,
    exp.SessionParameter, exp.DML, exp.Create, exp.Drop,
)  # fmt: skip
"""Parts of a statement that do more than select rows."""


def forbidden(node: exp.Expr) -> str:
    """What a part of the query calls although it may not; empty for what it may."""
    if isinstance(node, exp.TableSample):
        return "random"
    if isinstance(node, ODD):
        return type(node).__name__.lower()
    if isinstance(node, exp.Column):
        name = node.name.lower()
        return name if name in CLOCK_WORDS and not node.table else ""
    if not isinstance(node, exp.Func):
        return ""
    name = (str(node.this) if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
    return "" if name in ALLOWED else name
