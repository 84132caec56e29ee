"""The whole procedure replayed over many dates: how good it is, how steady, and whether it falls."""

from salesml.lifecycle.backtest.run import Backtest, backtest

__all__ = ["Backtest", "backtest"]
