from __future__ import annotations

import doctest
import sys

import salesml.model.classifier


def test_the_example_runs() -> None:
    module = sys.modules["salesml.model.classifier"]
    assert module is salesml.model.classifier
    found = doctest.testmod(module)
    assert found.attempted > 3
    assert found.failed == 0
