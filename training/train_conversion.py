"""Train a model of who will be won, step by step: copy this file and change what you like.

Run it in a project folder (``salesml init DIR`` makes one) whose crm.yaml has prospects:
python train_conversion.py
"""

from __future__ import annotations

import salesml
from salesml.config import read_spec
from salesml.lifecycle.rows import rows_of
from salesml.lifecycle.screened import without
from salesml.model import evaluate, fit_baselines, judge
from salesml.model.screening import of_prospects, screen
from salesml.snapshots import plan_split, take

NAME = "conversion"


def main() -> None:
    """From tables to a verdict, without tracking; ``salesml.train`` at the end keeps and registers."""
    crm = salesml.CRM.open("crm.yaml")
    print(crm.check().text())

    # Which dates? A prospect whose horizon has not passed is not lost: it has no outcome yet.
    spec = read_spec(crm.folder / "models" / f"{NAME}.yaml")
    split = plan_split(spec, crm)
    print(split.summary())

    # What was known of the open prospects then, and whether they were won. One row per prospect and date.
    snapshot = without(take(spec, crm, split.dates), spec)
    print(snapshot.summary())
    train = rows_of(snapshot, (*split.train, *split.validate))
    test = rows_of(snapshot, split.test)

    # Is anything wrong with the rows? Undated columns may have been filled in after contact.
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
    print(of_prospects(found, train.X, train.y, dated=dated, allow=spec.allow).text())

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
