"""``python -m benchmark``."""

from __future__ import annotations

import signal
import sys
import time
import traceback
from types import FrameType

from benchmark.printable import printable_lines
from benchmark.processes import STOPS
from benchmark.shadow import shadowing
from benchmark.terminal import steady_streams

_SECONDS_TO_END = 10.0  # in which Ctrl-C, pressed again, is the same one
_INTERRUPTED = 130
_OUR_FAULT = 70  # EX_SOFTWARE of sysexits.h; 1 is what a check says that was asked for


def main() -> int:
    """Run the command line; returns the exit code."""
    stdout = steady_streams()
    code = _run()
    sys.stdout.flush()
    if stdout.error is not None and not isinstance(stdout.error, BrokenPipeError):
        print(
            f"error: stdout takes nothing more ({stdout.error}); all else is done", file=sys.stderr
        )
        return code or 2
    return code


def _run() -> int:
    hidden = shadowing()
    if hidden:
        print(f"error: {hidden}", file=sys.stderr)
        return 2
    _hear_once()
    try:
        from benchmark.cli.app import run_arguments

        code = run_arguments(sys.argv[1:])
    except KeyboardInterrupt:  # while it was imported: what runs says itself what is kept
        print("interrupted: nothing has begun yet", file=sys.stderr)
        code = _INTERRUPTED
    except Exception:  # noqa: BLE001 - it is shown whole
        print(printable_lines(traceback.format_exc()), end="", file=sys.stderr)
        return _OUR_FAULT
    if code == _INTERRUPTED:
        # Python's own ending would take our handlers away, and one more Ctrl-C would kill it.
        for stop in STOPS:
            signal.signal(stop, signal.SIG_IGN)
    return code


def _hear_once() -> None:
    """Let what ends a command interrupt what runs, but not the ending, which would be half done.

    SIGTERM and SIGHUP are taken as Ctrl-C is. One that is ignored, as in the background of a shell
    or under nohup, stays so.
    """
    heard = [float("-inf")]

    def hear(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - heard[0] > _SECONDS_TO_END:
            heard[0] = now
            raise KeyboardInterrupt

    for stop in STOPS:
        if signal.getsignal(stop) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(stop, hear)


if __name__ == "__main__":
    sys.exit(main())
