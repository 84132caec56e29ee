"""SHAP values of a booster for coded rows, and their grouping into reasons."""

from salesml.explain.contributions import contributions
from salesml.explain.explainer import Explainer
from salesml.explain.grouping import Groups
from salesml.explain.strongest import Reasons, strongest

__all__ = ["Explainer", "Groups", "Reasons", "contributions", "strongest"]
