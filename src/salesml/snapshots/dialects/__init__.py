"""A snapshot's expressions in other dialects of SQL, meaning what they mean in DuckDB.

sqlglot translates what is spelled otherwise. What means something else elsewhere (how halves are
rounded, what a cast does with text that does not fit, in which order texts come) is rewritten before,
by rules on the expression tree; what has no counterpart is refused.
"""

from salesml.snapshots.dialects.names import DIALECTS
from salesml.snapshots.dialects.translate import to_sql, translate

__all__ = ["DIALECTS", "to_sql", "translate"]
