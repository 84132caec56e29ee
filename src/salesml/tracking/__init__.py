"""MLflow: log, register, fetch, compare. The only part that knows MLflow, imported when needed."""

from salesml.tracking.fetch import fetch, load
from salesml.tracking.git import git_facts
from salesml.tracking.log import Logged, log_run, register
from salesml.tracking.runs import runs

__all__ = ["Logged", "fetch", "git_facts", "load", "log_run", "register", "runs"]
