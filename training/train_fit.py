"""Train a model of ideal customers step by step: copy this file and change what you like.

Run it in a project folder (``salesml init DIR`` makes one): python train_fit.py
"""

from __future__ import annotations

import salesml
from salesml.config import read_spec
from salesml.lifecycle.ideal import gather_past
from salesml.lifecycle.train_table import fold_by_fold, how_many_folds
from salesml.model import evaluate, judge
from salesml.snapshots import take_outcomes

NAME = "fit"


def main() -> None:
    """From tables to a verdict, without tracking; ``salesml.train`` at the end keeps and registers."""
    crm = salesml.CRM.open("crm.yaml")
    print(crm.check().text())

    # What became of the prospects that were won? The same months for everybody, fully observed.
    spec = read_spec(crm.folder / "models" / f"{NAME}.yaml")
    outcomes = take_outcomes(spec, crm)
    print(outcomes.summary())

    # Each as it was while still open, labelled by the composite of its outcome: prints the table of
    # ideal accounts against others, the ten best, and the written profile.
    gathered = gather_past(spec, crm, print)
    train, test = gathered.training, gathered.testing

    # Fit, and test on prospects of later dates; a short history is tested by folds of accounts.
    if test is None:
        tested = fold_by_fold(spec, train, how_many_folds(train), relabel=gathered.relabel)
        print(tested.evaluation.text())
        print(tested.verdict)
    else:
        model = salesml.PropensityClassifier()
        model.fit(train.X, train.y, groups=train.entity, as_of=train.as_of)
        evaluation = evaluate(test.y, model.predict_proba(test.X)[:, 1], groups=test.entity)
        print(evaluation.text())
        print(judge(evaluation))
        print(model.explain(test.X.head(3), top=3))

    # The same with the spec's settings, kept in a folder and registered in MLflow.
    print(salesml.train(NAME, crm, spec=spec).text())


if __name__ == "__main__":
    main()
