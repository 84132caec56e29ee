"""Which of today's ideal accounts each prospect resembles, written beside the scores."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import Fault, UsageError
from salesml.lifecycle.ideal.gather import learned
from salesml.lifecycle.ideal.past import past
from salesml.lifecycle.progress import Say
from salesml.model.bundle import Bundle
from salesml.scoring import check_target, write
from salesml.scoring.similar import ACCOUNT, SCHEMA, SimilarAccounts

RUN = "salesml.run_id"
"""Key of the file's metadata."""


def is_written(out: Path, run_id: str) -> bool:
    """Whether this very job has written the similar accounts already, as Parquet.

    Raises
    ------
    UsageError
        ``file-exists`` for any other file, and what :func:`salesml.scoring.check_target` raises.
    """
    if out.suffix.lower() == ".parquet" and out.is_file():
        with suppress(pa.ArrowException, OSError):
            metadata = pq.read_schema(out).metadata or {}
            if metadata.get(RUN.encode()) == run_id.encode():
                return True
    check_target(out)
    return False


def refuse_other_task(spec: Spec) -> None:
    """That the model tells ideal customers from others.

    Raises
    ------
    UsageError
        ``not-ideal`` for a model of another task.
    """
    if spec.task == "fit":
        return
    raise UsageError(
        Fault(
            code="not-ideal",
            found=f"{spec.name}.yaml is of the task {spec.task}, which knows no ideal customer",
            allowed="Similar accounts are those of a model of the task fit",
            do="Score that model with --similar; its table has the same prospects",
        )
    )


def ideal_accounts(spec: Spec, crm: CRM) -> pa.Table:
    """The accounts that are ideal by what is known today, each as it was on a day while still a prospect.

    Returns
    -------
    pyarrow.Table
        The columns of a snapshot and ``account_id``; one row per account, of the latest day where an account
        was won more than once.
    """
    found = past(spec, crm)
    everybody = np.ones(len(found.outcomes), dtype=bool)
    ideal = learned(spec, found, everybody).ideal(found.outcomes) == 1
    last = ~found.outcomes.sort_values("as_of", kind="stable").duplicated("account", keep="last").sort_index()
    accounts = pa.array(found.outcomes["account"].astype(str), pa.string())
    return found.snapshot.table.append_column(ACCOUNT, accounts).filter(pa.array(ideal & last.to_numpy()))


def write_similar(
    spec: Spec, crm: CRM, bundle: Bundle, prospects: Iterable[pa.Table], out: Path, run_id: str, say: Say
) -> None:
    """Write the nearest ideal accounts of each prospect; see ``docs/data-contract.md`` for the columns.

    Parameters
    ----------
    prospects : iterable of pyarrow.Table
        Read one after the other: memory holds the ideal accounts, one table, and the prospects' ids.
    run_id : str
        Of the scoring job, kept in the file's metadata.
    """
    found = SimilarAccounts(bundle, ideal_accounts(spec, crm), withheld=spec.used)
    for account, problem in found.left_out.items():
        say(f"Ideal account {account} is not compared: {problem}")
    rows = write(found.blocks(prospects), SCHEMA, out, metadata={RUN: run_id})
    say(f"Wrote {rows:,} rows to {out}: prospects beside {len(found.accounts):,} ideal accounts")
