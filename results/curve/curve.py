"""The learning curve: accuracy against the number of training pictures, shown and written."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

from results import numerals
from results.curve.figure import curve_figure
from results.curve.points import Point, Points
from results.records.files import write_atomically
from results.text.cells import text_table
from results.text.markdown import markdown_escaped
from results.text.template import filled


class Curve(Points):
    """A learning curve: its points, and the ways to show them."""

    def write(self, folder: str | Path) -> None:
        """Write curve.csv, curve.md, curve.svg and curve.html, each whole or not at all.

        Raises
        ------
        ResultsError
            If the folder cannot be written.
        """
        folder, figure = Path(folder), curve_figure(self)
        table = self.to_frame().to_csv(index=False, lineterminator="\n")
        write_atomically(folder / "curve.csv", table)
        write_atomically(folder / "curve.svg", figure)
        write_atomically(folder / "curve.md", _markdown(self))
        write_atomically(folder / "curve.html", _page(self, figure))

    def __str__(self) -> str:
        return f"{self.text}\n\n{_table(self, 'simple', str)}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.text)}</p>\n{curve_figure(self)}"


def _markdown(curve: Points) -> str:
    """The answer, the figure (curve.svg beside it) and the table. Names in it are only text."""
    parts = [
        f"# Learning curve: {markdown_escaped(_title(curve))}",
        markdown_escaped(curve.text),
        f"![accuracy on {markdown_escaped(curve.split)} by training pictures](curve.svg)",
        _table(curve, "github", markdown_escaped),
        f"{_described(curve)} curve.csv has the other splits, standard deviations and times.",
        "\n".join(f"- {markdown_escaped(line)}" for line in _lost(curve)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _page(curve: Points, figure: str) -> str:
    from markupsafe import Markup

    content = {
        "title": _title(curve),
        "text": curve.text,
        "split": curve.split,
        "described": _described(curve),
        "figure": Markup(figure),
        "headings": _headings(curve),
        "lines": _lines(curve),
        "lost": _lost(curve),
    }
    return filled("curve.html.j2", content)


def _described(curve: Points) -> str:
    if curve.shown[0].seeds == 1:
        return (
            "Accuracy of one seed and its 95 % interval over test pictures only; another seed may "
            "give another accuracy."
        )
    return "Mean accuracy over the seeds and its 95 % interval over seeds and test pictures."


def _title(curve: Points) -> str:
    return f"{curve.about.dataset}, preset {curve.about.preset}"


def _table(curve: Points, style: str, clean: Callable[[str], str]) -> str:
    headings = _headings(curve)
    return text_table(headings, _lines(curve), ["right"] * len(headings), style, clean)


def _headings(curve: Points) -> list[str]:
    return ["Training pictures", *dict.fromkeys(point.name for point in curve.shown)]


def _lines(curve: Points) -> list[list[str]]:
    cells = {(point.train, point.name): _cell(point) for point in curve.shown}
    names = _headings(curve)[1:]
    return [
        [numerals.count(size), *(cells.get((size, name), "") for name in names)]
        for size in curve.sizes
    ]


def _cell(point: Point) -> str:
    if not point.ok:
        return point.status
    interval = numerals.interval((point.accuracy_low, point.accuracy_high))
    return f"{numerals.score(point.accuracy)} ({interval})"


def _lost(curve: Points) -> list[str]:
    places: dict[tuple[str, str, str], list[str]] = {}
    for point in curve.shown:
        if not point.ok:
            key = (point.name, point.status, point.reason)
            places.setdefault(key, []).append(numerals.count(point.train))
    return [
        f"{model} with {', '.join(sizes)}: {status}, {reason}"
        for (model, status, reason), sizes in places.items()
    ]
