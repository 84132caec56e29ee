"""Train a churn model step by step: copy this file and change what you like.

Run it in a project folder (``salesml init DIR`` makes one): python train_churn.py
"""

from __future__ import annotations

import salesml
from salesml.config import read_spec
from salesml.lifecycle.rows import rows_of
from salesml.lifecycle.screened import without
from salesml.model import evaluate, fit_baselines, judge
from salesml.model.screening import screen
from salesml.snapshots import plan_split, take

NAME = "churn"


def main() -> None:
    """From tables to a verdict, without tracking; ``salesml.train`` at the end keeps and registers."""
    crm = salesml.CRM.open("crm.yaml")
    print(crm.check().text())

    # Which dates? Train on the older ones, test on the newest whose outcome is known.
    spec = read_spec(crm.folder / "models" / f"{NAME}.yaml")
    split = plan_split(spec, crm)
    print(split.summary())

    # Features as known then, and what became of the accounts. One row per account and date.
    snapshot = without(take(spec, crm, split.dates), spec)
    print(snapshot.summary())
    train = rows_of(snapshot, (*split.train, *split.validate))
    test = rows_of(snapshot, split.test)

    # Is anything wrong with the rows? What was known on its date cannot be a leak.
    dated = [feature.name for feature in snapshot.features if not feature.undated]
    found = screen(
        train.X,
        train.y,
        groups=train.entity,
        as_of=train.as_of,
        scoring=test.X,
        scoring_groups=test.entity,
        dated=dated,
        allow=spec.allow,
    )
    print(found.text())

    # Try another setting here: anything with fit and predict_proba can stand in this place.
    model = salesml.PropensityClassifier(random_state=0)
    model.fit(train.X, train.y, groups=train.entity, as_of=train.as_of)

    # How good is it on later dates, and better than what simpler ways reach?
    baselines = fit_baselines(train.X, train.y, groups=train.entity)
    evaluation = evaluate(
        test.y,
        model.predict_proba(test.X)[:, 1],
        groups=test.entity,
        baselines=baselines.predict(test.X),
    )
    print(evaluation.text())
    print(judge(evaluation, best_column=baselines.best_column, train_rate=train.y.mean(), dated=dated))
    print(model.explain(test.X.head(3), top=3))

    # The same with the spec's settings, kept in a folder and registered in MLflow.
    print(salesml.train(NAME, crm, spec=spec).text())


if __name__ == "__main__":
    main()
