"""``python -m benchmark``."""

from __future__ import annotations

import signal
import sys

from benchmark.shadow import shadowing


def main() -> int:
    """Run the command line; returns the exit code."""
    hidden = shadowing()
    if hidden:
        print(f"error: {hidden}", file=sys.stderr)
        return 2
    from benchmark.cli import run_command

    try:
        code = run_command(sys.argv[1:])
    except KeyboardInterrupt:  # one more, while the first was being answered
        code = 130
    if code == 130:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a third can't make it end any sooner
    return code


if __name__ == "__main__":
    sys.exit(main())
