"""python -m config.supervisor.leash PARENT COMMAND…: become COMMAND, and end when PARENT ends, even by SIGKILL.

On Linux the kernel sends SIGTERM at the parent's death, and this process turns into the command. Elsewhere it stays beside the
command and looks once a second whether the parent is still its parent.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1
LOOK_EVERY_SECONDS = 1.0


def main(arguments: list[str]) -> None:
    watch = arguments[0] == "--watch"
    parent, *command = arguments[1:] if watch else arguments
    if watch or not _kernel_tells_us():
        sys.exit(_stay_beside(int(parent), command))
    if os.getppid() == int(parent):  # else it died before we had asked the kernel
        os.execvp(command[0], command)  # noqa: S606  the supervisor's own list


def _kernel_tells_us() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    return ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM) == 0


def _stay_beside(parent: int, command: list[str]) -> int:
    child = subprocess.Popen(command)  # noqa: S603  the supervisor's own list
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            return child.wait(LOOK_EVERY_SECONDS)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                child.terminate()


if __name__ == "__main__":
    main(sys.argv[1:])
