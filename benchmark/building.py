"""Building modelled weights for a user who waits."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmark.errors import InputError, Interrupted, one_line
from benchmark.options import check_out, chosen_device
from benchmark.progress import Progress


def build_weights(
    row: str, folder: str | Path | None, seed: int, threads: int, device: str
) -> Path:
    """Build the modelled weights of a row, showing how far it is; returns the file.

    ``folder`` is where to put it, None for the usual place. Raises `InputError` or `ModelError`.
    """
    from models import places
    from models.starts import start_of

    start = start_of(row)
    if not start.modelled:
        raise InputError(f"the weights of {row} are downloaded, not built; see `benchmark weights`")
    place = places.folders(folder)[0]
    check_out(place, "--weights-dir")
    device = chosen_device(device, needed=True)
    from models.modelled.build import build

    path = place / start.file
    with Progress() as progress, progress.busy(f"building {row}"), _heard(progress.say):
        try:
            build(start, path, seed=seed, threads=threads, device=device)
        except OSError as error:
            why = error.strerror or one_line(error)
            raise InputError(
                f"{path} can't be written ({why}); choose another --weights-dir"
            ) from error
        except KeyboardInterrupt as error:
            raise Interrupted(
                f"interrupted; what {row} has learned is kept, and the same command goes on"
            ) from error
        progress.say(f"{row}: {path}")
    return path


@contextlib.contextmanager
def _heard(say: Callable[[str], None]) -> Iterator[None]:
    """Pass what the models log, a line per epoch, on to ``say``."""

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    log, handler = logging.getLogger("models"), Heard()
    before = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False  # or a handler of the root's would say it again
    try:
        yield
    finally:
        log.setLevel(before[0])
        log.propagate = before[1]
        log.removeHandler(handler)
