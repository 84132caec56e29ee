"""What a frame holds as one text: the same rows give the same, in whatever files and order they lie."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

UNHASHED = ("map<", "variant")
"""Types that Spark does not hash: they are hashed as JSON."""


def content_digest(frame: DataFrame) -> str:
    """Columns, number of rows, and two sums over the 64-bit hashes of all rows, in one pass.

    It tells changes of tables apart, not forgeries: the hashes are not cryptographic.
    """
    terms = []
    for name, kind in frame.dtypes:
        column = "`" + name.replace("`", "``") + "`"
        # A missing value leaves Spark's hash as it is: the next column would take its place.
        terms += [f"to_json({column})" if any(word in kind for word in UNHASHED) else column]
        terms += [f"{column} IS NULL"]
    row = f"xxhash64({', '.join(terms)})"
    found = frame.selectExpr(f"{row} AS one", f"xxhash64({row}, 'again') AS other").selectExpr(
        "count(*)", "sum(CAST(one AS DECIMAL(38, 0)))", "sum(CAST(other AS DECIMAL(38, 0)))"
    )
    return json.dumps([frame.dtypes, [str(value) for value in found.collect()[0]]])
