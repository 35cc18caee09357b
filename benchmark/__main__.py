"""``python -m benchmark``."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

from benchmark.shadow import shadowing

_SECONDS_TO_END = 10.0  # in which Ctrl-C, pressed again, is the same one


def main() -> int:
    """Run the command line; returns the exit code."""
    hidden = shadowing()
    if hidden:
        print(f"error: {hidden}", file=sys.stderr)
        return 2
    _hear_once()
    from benchmark.cli.app import run_arguments

    code = run_arguments(sys.argv[1:])
    if code == 130:
        # Python's own ending would take our handler away, and one more Ctrl-C would kill it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return code


def _hear_once() -> None:
    """Let Ctrl-C interrupt what runs, but not the ending of it, which would leave it half done."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return  # ignored, as in the background of a shell
    heard = [float("-inf")]

    def hear(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - heard[0] > _SECONDS_TO_END:
            heard[0] = now
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, hear)


if __name__ == "__main__":
    sys.exit(main())
