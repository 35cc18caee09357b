"""``python -m benchmark``."""

from __future__ import annotations

import sys

from benchmark.shadow import shadowing


def main() -> int:
    """Run the command line; returns the exit code."""
    hidden = shadowing()
    if hidden:
        print(f"error: {hidden}", file=sys.stderr)
        return 2
    from benchmark.cli import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
