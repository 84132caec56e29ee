"""Every sentence of a score table, traced to its data and to its contribution before anybody reads it."""

from salesml.scoring.audit.audit import audit
from salesml.scoring.audit.result import Audit, Finding, passed

__all__ = ["Audit", "Finding", "audit", "passed"]
