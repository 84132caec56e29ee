"""crm.yaml and the tables behind it, read into checked relations."""

from salesml.crm.contract import Contract
from salesml.crm.crm import CRM, validate
from salesml.crm.relations import Relation
from salesml.crm.report import Report

__all__ = ["CRM", "Contract", "Relation", "Report", "validate"]
