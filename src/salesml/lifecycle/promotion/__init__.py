"""Promotion: a challenger takes the champion's place only when it is better, and it can be undone."""

from salesml.lifecycle.promotion.promote import promote
from salesml.lifecycle.promotion.report import Promoted
from salesml.lifecycle.promotion.revert import Reverted, revert

__all__ = ["Promoted", "Reverted", "promote", "revert"]
