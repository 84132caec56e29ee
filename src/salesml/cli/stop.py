"""Ctrl-C: a command stops in order, wherever it is."""

from __future__ import annotations

import signal
from types import FrameType

_asked: list[int] = []


def heed() -> None:
    """From now on Ctrl-C stops the command, once; a second one disturbs nothing that ends.

    Where whoever started the command has it ignore Ctrl-C, as shells do with what runs in the background,
    that stays so.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _stop)


def asked() -> bool:
    """Whether somebody wants the command to stop: libraries make errors of their own of it."""
    return bool(_asked)


def _stop(number: int, frame: FrameType | None) -> None:
    _asked.append(number)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
