"""Whether two models can be judged on the same rows: what they predict, of whom, and from what."""

from __future__ import annotations

from collections.abc import Mapping

from salesml.config import Spec
from salesml.crm.contract import Contract
from salesml.errors import DataError, Fault, ModelError, SalesmlError
from salesml.lifecycle.meaning import refuse_other_meaning
from salesml.model.bundle import Bundle
from salesml.scoring.frame import check_columns

OUTCOME = ("task", "label", "horizon_days", "gap_days", "value", "currency", "timezone")
"""Keys of a bundle's meaning that say what is predicted, and when."""

WORDS = {
    "task": "predicts", "label": "has the label", "horizon_days": "looks ahead so many days:",
    "gap_days": "leaves a gap of so many days:", "value": "counts as value", "currency": "counts money in",
    "timezone": "has its days in",
}  # fmt: skip


def refuse_incomparable(champion: Bundle, challenger: Bundle) -> None:
    """That two models predict the same.

    Raises
    ------
    ModelError
        ``other-name`` and ``other-outcome``, one fault for each difference.
    """
    faults = []
    if champion.name != challenger.name:
        faults.append(_other("other-name", "is a model of", champion.name, challenger.name))
    sides = [_outcome(champion), _outcome(challenger)]
    faults += [
        _other("other-outcome", WORDS[key], sides[0][key], sides[1][key])
        for key in OUTCOME
        if sides[0][key] != sides[1][key]
    ]
    if champion.training.base_rate != challenger.training.base_rate:
        rates = (str(champion.training.base_rate), str(challenger.training.base_rate))
        faults.append(_other("other-outcome", "states the base rate", *rates))
    if faults:
        raise ModelError(faults)


def refuse_unanswerable(bundles: Mapping[str, Bundle], spec: Spec, contract: Contract) -> None:
    """That rows of the spec and the tables as they are now mean what they meant to every model.

    Raises
    ------
    ModelError
        ``other-name`` for a model of another spec, ``other-meaning`` for each difference.
    """
    faults: list[Fault] = []
    for name, bundle in bundles.items():
        if (bundle.name, bundle.task) != (spec.name, spec.task):
            faults.append(_not_of_spec(name, bundle, spec))
            continue
        try:
            refuse_other_meaning(bundle.meaning, spec, contract)
        except ModelError as error:
            faults += [_of(name, fault) for fault in error.faults]
    if faults:
        raise ModelError(faults)


def refuse_missing(bundles: Mapping[str, Bundle], columns: list[str]) -> None:
    """That every feature of every model can be made of the tables as they are now.

    Raises
    ------
    DataError
        ``missing-column`` for each that cannot.
    """
    faults: list[Fault] = []
    for name, bundle in bundles.items():
        try:
            check_columns(columns, bundle.columns)
        except SalesmlError as error:
            faults += [_of(name, fault) for fault in error.faults]
    if faults:
        raise DataError(faults)


def _outcome(bundle: Bundle) -> dict[str, str]:
    found = {key: bundle.meaning.get(key, "") for key in OUTCOME}
    return found | {"task": bundle.task, "horizon_days": str(bundle.training.horizon_days)}


def _other(code: str, what: str, champion: str, challenger: str) -> Fault:
    return Fault(
        code=code,
        found=f"The champion {what} {champion or 'nothing'}, the challenger {what} {challenger or 'nothing'}",
        allowed="Only models that predict the same can be judged on the same rows",
        do="Train a challenger with the champion's spec, or --force this one, and say why with --reason",
    )


def _not_of_spec(name: str, bundle: Bundle, spec: Spec) -> Fault:
    return Fault(
        code="other-name",
        found=f"{name[0].upper()}{name[1:]} is a model of {bundle.name} ({bundle.task}), and "
        f"{spec.name}.yaml is one of {spec.task}",
        allowed="A version takes the place of a champion of the same spec",
        do="Look with `salesml status` which versions there are",
    )


def _of(name: str, fault: Fault) -> Fault:
    """The fault, with whose it is."""
    return Fault(
        code=fault.code,
        found=f"Of {name}: {fault.found}",
        allowed=fault.allowed,
        do="Train the challenger again with the spec and the tables as they are now; where it is the "
        "champion that can no longer be asked, --force the challenger, and say why with --reason",
        column=fault.column,
        count=fault.count,
        examples=fault.examples,
    )
