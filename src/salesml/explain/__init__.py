"""SHAP values of a booster for coded rows, and their grouping into reasons."""
