"""Progress: what is running and what has ended, on stderr."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import IO, cast

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape as without_markup
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from benchmark.printable import printable
from benchmark.processes import NOTE
from benchmark.terminal import LenientStream

# Where there are no bars, a running trial has a line at most this often, and its last one.
_LINE_SECONDS = 1.0
_STYLES = {"ok": "green", "skipped": "dim", "unavailable": "yellow"}


def _escaped(text: str) -> str:
    """Text that rich shows as it is."""
    return without_markup(printable(text))


class _Remaining(TimeRemainingColumn):
    """Time left of what goes on at one pace: trials take from a tenth of a second to hours."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.fields.get("steady") else Text()


class Progress:
    """Bars on a terminal; elsewhere (a log file, CI) what a trial says, and a line at its end.

    What a trial says is an epoch of a training, for one. Its notes get a line everywhere.
    """

    def __init__(self) -> None:
        stream = LenientStream(sys.stderr)
        self._console = Console(file=cast("IO[str]", stream))
        # FORCE_COLOR asks for colours in a log, not for bars, which a dumb terminal can't draw.
        self._shown = stream.isatty() and not self._console.is_dumb_terminal
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            _Remaining(),
        )
        # What has no end to count to: no bar, so that 80 columns have room for what it says.
        self._busy = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[message]}", table_column=Column(no_wrap=False)),
        )
        self._live = Live(Group(self._bars, self._busy), console=self._console, transient=True)
        self._trials: TaskID | None = None
        self._running: dict[str, TaskID] = {}
        self._total = 0
        self._ended = 0
        self._last_line: dict[str, float] = {}
        self._held_back: dict[str, str] = {}

    def __enter__(self) -> Progress:
        if self._shown:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def say(self, line: str) -> None:
        """Print one line above the bars."""
        self._console.print(printable(line), markup=False, highlight=False, soft_wrap=True)

    @contextlib.contextmanager
    def busy(self, doing: str) -> Iterator[Callable[[str], None]]:
        """A line of its own while the block runs; gives the function that puts a word to it."""
        task = self._busy.add_task(_escaped(doing), total=None, message="")
        try:
            yield lambda message: self._busy.update(task, message=_escaped(message))
        finally:
            self._busy.remove_task(task)

    @contextlib.contextmanager
    def pictures(self, total: int, kept: int) -> Iterator[Callable[[int], None]]:
        """A bar for the pass over the pictures; gives the function that advances it.

        ``kept`` of the ``total`` were prepared before, by a run that was stopped or on a dataset
        that shares them.
        """
        bar = self._bars.add_task("pictures", total=total, completed=kept, steady=True)
        started = time.monotonic()
        try:
            yield lambda count: self._bars.advance(bar, count)
        finally:
            self._bars.remove_task(bar)
        before = f", {kept:,} kept from before" if kept else ""
        self.say(
            f"{total - kept:,} pictures prepared in {time.monotonic() - started:.1f} s{before}"
        )

    def plan(self, trials: int, kept: int) -> None:
        """Say how many trials there are to run and how many are kept from before."""
        self._total = trials
        self._trials = self._bars.add_task("trials", total=trials)
        if kept:
            self.say(f"{kept} finished trials are kept, {trials} to run")

    def started(self, model: str) -> None:
        """A trial has begun."""
        self._running[model] = self._busy.add_task(_escaped(model), total=None, message="")

    def message(self, model: str, text: str) -> None:
        """What a running trial says of itself."""
        if text.startswith(NOTE):
            self.say(f"{model}: {text}")
        elif self._shown:
            if model in self._running:
                self._busy.update(self._running[model], message=_escaped(text))
        elif time.monotonic() - self._last_line.get(model, -math.inf) >= _LINE_SECONDS:
            self._last_line[model] = time.monotonic()
            self._held_back.pop(model, None)
            self.say(f"{model}: {text}")
        else:
            self._held_back[model] = text

    def again(self, model: str, reason: str) -> None:
        """A trial has broken off for no fault of its model's, and is run again."""
        if model in self._running:
            self._busy.remove_task(self._running.pop(model))
        self._last_line.pop(model, None)
        self._held_back.pop(model, None)
        self.say(f"{model} is run again: {reason}")

    def ended(self, model: str, status: str, reason: str, seconds: float, accuracy: str) -> None:
        """A trial has ended, well or not."""
        self._ended += 1
        if model in self._running:
            self._busy.remove_task(self._running.pop(model))
        if model in self._held_back:
            self.say(f"{model}: {self._held_back.pop(model)}")
        self._last_line.pop(model, None)
        if self._trials is not None:
            self._bars.advance(self._trials)
        style = _STYLES.get(status, "red")
        count = f"{self._ended:>{len(str(self._total))}}/{self._total}"
        tail = accuracy if status == "ok" else reason
        self._console.print(
            f"[dim]{count}[/dim] {_escaped(model):<28} [{style}]{status:<11}[/{style}] "
            f"{seconds:7.1f} s  {_escaped(tail)}",
            highlight=False,
            soft_wrap=True,
        )
