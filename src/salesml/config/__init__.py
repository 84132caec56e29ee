"""Configuration: YAML files read into frozen dataclasses. An unknown key fails."""

from salesml.config.gates import Gates
from salesml.config.section import Section, read_yaml
from salesml.config.spec import AsOfRule, Label, OwnFeatures, Spec, read_spec
from salesml.config.tracking import Tracking, read_tracking

__all__ = [
    "AsOfRule",
    "Gates",
    "Label",
    "OwnFeatures",
    "Section",
    "Spec",
    "Tracking",
    "read_spec",
    "read_tracking",
    "read_yaml",
]
