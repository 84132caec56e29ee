"""What a command reads before it starts: the tables, the spec, where runs go."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesml.config import Spec, Tracking
    from salesml.crm import CRM


def open_crm(arguments: argparse.Namespace) -> CRM:
    """The tables that ``--crm`` describes."""
    from salesml.crm import CRM

    return CRM.open(arguments.crm)


def named_spec(arguments: argparse.Namespace) -> Spec:
    """The spec in ``--spec``, or the one that the name stands for."""
    from salesml.config import read_spec

    return read_spec(arguments.spec or Path("models") / f"{arguments.name}.yaml")


def decided_spec(arguments: argparse.Namespace) -> Spec:
    """The spec, with what the command leaves out or insists on."""
    spec = named_spec(arguments)
    return replace(spec, exclude=(*spec.exclude, *arguments.exclude), allow=(*spec.allow, *arguments.allow))


def tracking(arguments: argparse.Namespace) -> Tracking:
    """Where runs go, as ``--config`` says."""
    from salesml.config import read_tracking

    return read_tracking(arguments.config)
