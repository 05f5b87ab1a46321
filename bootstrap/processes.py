"""Child processes that end when we end, in whatever way we end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def end_with_parent(how: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """For `preexec_fn`: ask the kernel (Linux) to signal the child when the thread that started it dies."""
    parent = os.getpid()
    libc = ctypes.CDLL(None)

    def ask() -> None:
        if hasattr(libc, "prctl"):
            libc.prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask


def end(process: subprocess.Popen[bytes], patience: float = 15.0) -> None:
    """End a child: politely, then not."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(patience)
