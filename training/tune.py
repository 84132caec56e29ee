"""Look for better settings of a churn model step by step: copy this file and change what you like.

Run it in a project folder (``salesml init DIR`` makes one): python tune.py
"""

from __future__ import annotations

import sys

import numpy as np

import salesml
from salesml.config import read_spec
from salesml.lifecycle.tuning.fold_fits import losses_of, with_learner
from salesml.lifecycle.tuning.material import of_company

NAME = "churn"
MINUTES = 5.0


def main(minutes: float = MINUTES) -> None:
    """Which dates are compared on, what one setting does there, and then the search."""
    crm = salesml.CRM.open("crm.yaml")
    spec = read_spec(crm.folder / "models" / f"{NAME}.yaml")

    # The rows that training would take. Those of the test dates stay out of sight until the end.
    material = of_company(spec, crm, print)
    print(material.folds.summary())

    # A question of your own: what do fewer leaves lose on the newest fold, against the defaults?
    fold, rows = material.folds.last, material.learning
    for learner in ({}, {"num_leaves": 4}):
        loss, weight, _ = losses_of(
            with_learner(spec, learner), rows.where(fold.train), rows.where(fold.valid)
        )
        print(f"{learner or 'the defaults'}: log loss {np.average(loss, weights=weight):.5f}")

    # The search: trial 0 is the defaults, and the clock counts everything.
    done = salesml.tune(NAME, crm, spec=spec, minutes=minutes, say=print)
    print(done.table.sort_values("log_loss").head(5).to_string(index=False))

    # Was it worth it? Only rows that neither has seen can say so.
    print(done.text())
    if done.answer.kind != "beat":
        print("Nothing to change in the spec.")


if __name__ == "__main__":
    main(*(float(each) for each in sys.argv[1:2]))
