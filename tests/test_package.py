"""The front door: importing costs little and does nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import salesml

HEAVY = (
    "pandas",
    "numpy",
    "lightgbm",
    "sklearn",
    "mlflow",
    "duckdb",
    "sqlglot",
    "pyarrow",
    "shap",
    "numba",
    "optuna",
    "yaml",
)


def loaded_by(code: str) -> set[str]:
    """The heavy modules that a fresh interpreter holds after running some code."""
    probe = f"{code}\nimport sys; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_importing_loads_nothing_heavy() -> None:
    assert loaded_by("import salesml, salesml.cli") == set()


def test_public_names_are_found_and_listed() -> None:
    for name in salesml.__all__:
        assert getattr(salesml, name) is not None
        assert name in dir(salesml)


def test_an_unknown_name_fails_as_python_does() -> None:
    with pytest.raises(AttributeError) as caught:
        salesml.nothing  # noqa: B018
    assert "has no attribute 'nothing'" in str(caught.value)
