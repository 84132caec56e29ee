"""Long work in a child process, so that a crash in a library becomes a message and an exit code.

Parquet files of others are read by native code; whatever a damaged or hostile one does to it, nothing
is published, and whoever is on call reads why.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

from salesml.errors import DataError, Fault, OutsideError, SalesmlError

CRASHES = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP")
PR_SET_PDEATHSIG = 1

PASSED_ON = (signal.SIGTERM, signal.SIGINT)
"""What a scheduler, or somebody at the keyboard, ends a command with."""


def contained(work: Callable[[], int]) -> int:
    """Do work in a child of this process; its exit code.

    Where the system has no ``fork`` the work is done here.

    Raises
    ------
    DataError
        ``crashed`` when the child was ended by a crash.
    OutsideError
        ``killed`` when somebody, or the system for lack of memory, killed it.
    """
    if not hasattr(os, "fork"):
        return work()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    # Whoever is asked to end between these lines is asked after them.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    child = os.fork()
    if child == 0:
        _die_with(parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return work()
    with _passing_on(child):
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code >= 0:
        return code
    error = _error(-code)
    if error:
        raise error
    return 128 - code


@contextlib.contextmanager
def _passing_on(child: int) -> Iterator[None]:
    """Whoever asks this process to end asks the child; asked again, it ends at once."""
    asked = 0

    def pass_on(number: int, _: FrameType | None) -> None:
        nonlocal asked
        asked += 1
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number if asked == 1 else signal.SIGTERM)

    heeded = [each for each in PASSED_ON if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, pass_on) for each in heeded}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _die_with(parent: int) -> None:
    """When the process that waits is killed, nobody is left who works on unseen."""
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(128 + signal.SIGKILL)


def _error(number: int) -> SalesmlError | None:
    name = signal.Signals(number).name
    if name in CRASHES:
        return DataError(
            Fault(
                code="crashed",
                found=f"The job crashed in a library ({name}), as a damaged or hostile file can make it do",
                allowed="Nothing was published: readers see what they saw before",
                do="Export the tables again, or restore them, and run the same job",
            )
        )
    if name == "SIGKILL":
        return OutsideError(
            Fault(
                code="killed",
                found="The job was killed, as systems do when memory runs out",
                allowed="Nothing was published: readers see what they saw before",
                do="Run the same job again: it goes on where it stopped, with less --memory or --threads if "
                "there was too little",
            )
        )
    return None
