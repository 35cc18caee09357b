"""A learning curve in words and tables: for a terminal, in Markdown and as one HTML page."""

from __future__ import annotations

from collections.abc import Callable

from results import numerals
from results.curve.figure import curve_figure
from results.curve.point import Point
from results.curve.points import Points
from results.text.cells import text_table
from results.text.markdown import markdown_escaped
from results.text.template import filled


def curve_text(curve: Points) -> str:
    """The answer and a table of accuracies, a line for each size."""
    return f"{curve.text}\n\n{_table(curve, 'simple', str)}"


def curve_markdown(curve: Points) -> str:
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


def curve_page(curve: Points) -> str:
    """The same as one page that asks the network for nothing."""
    from markupsafe import Markup

    content = {
        "title": _title(curve),
        "text": curve.text,
        "split": curve.split,
        "described": _described(curve),
        "figure": Markup(curve_figure(curve)),
        "headings": _headings(curve),
        "lines": _lines(curve),
        "lost": _lost(curve),
    }
    return filled("curve.html.j2", content)


def _described(curve: Points) -> str:
    """What the lines and bands are."""
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
    return ["Training pictures", *dict.fromkeys(point.model for point in curve.shown)]


def _lines(curve: Points) -> list[list[str]]:
    by_place = {(point.train, point.model): point for point in curve.shown}
    names = _headings(curve)[1:]
    return [
        [numerals.count(size), *(_cell(by_place.get((size, name))) for name in names)]
        for size in curve.sizes
    ]


def _cell(point: Point | None) -> str:
    if point is None:
        return ""
    if point.scores is None:
        return point.status
    scores = point.scores
    interval = numerals.interval((scores.accuracy_low, scores.accuracy_high))
    return f"{numerals.score(scores.accuracy)} ({interval})"


def _lost(curve: Points) -> list[str]:
    """A line for each reason why points are not there."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for point in curve.shown:
        if point.scores is None:
            key = (point.model, point.status, point.reason)
            places.setdefault(key, []).append(numerals.count(point.train))
    return [
        f"{model} with {', '.join(sizes)}: {status}, {reason}"
        for (model, status, reason), sizes in places.items()
    ]
