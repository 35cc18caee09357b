"""The scratch folder: where this process and those that it starts keep temporary files.

What a killed child leaves there goes when we end; what we leave if we are killed, when the next
one starts.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from multiprocessing.util import Finalize
from pathlib import Path

from benchmark.drafts import new_draft, remove_abandoned
from benchmark.errors import InputError

_PREFIX = "deep-or-not-"
_LONGEST = 60  # characters of the path: a socket's name below it may have 107 in all


@functools.cache
def scratch() -> Path:
    """The folder; made when it is first asked for, removed when this process ends.

    Raises
    ------
    InputError
        If there is no room for one.
    """
    above = Path(tempfile.gettempdir())
    if len(str(above)) > _LONGEST and Path("/tmp").is_dir():
        above = Path("/tmp")
    remove_abandoned(above.glob(f"{_PREFIX}*"))
    try:
        folder = new_draft(above, _PREFIX)
    except OSError as error:
        raise InputError(
            f"the folder for temporary files, {above}, can't be written to ({error.strerror}); "
            "make room there or set TMPDIR to another folder"
        ) from error
    # After multiprocessing's own folder in it, which goes at -100; not in a fork of this process.
    Finalize(None, shutil.rmtree, (folder,), {"ignore_errors": True}, exitpriority=-200)
    return folder


@contextlib.contextmanager
def temporary_files_in_scratch() -> Iterator[None]:
    """The block in which ``tempfile``, and processes that are started, use the scratch folder."""
    folder, before = str(scratch()), (tempfile.tempdir, os.environ.get("TMPDIR"))
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    try:
        yield
    finally:
        tempfile.tempdir = before[0]
        if before[1] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before[1]
