"""A learning curve in words and tables: for a terminal, in Markdown and as one HTML page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from results import numerals
from results.curve_figure import environment, to_svg
from results.markdown import escaped
from results.point import Point

if TYPE_CHECKING:
    from results.curve import Curve


def to_text(curve: Curve) -> str:
    """The answer and a table of accuracies, a line for each size."""
    return f"{curve.text}\n\n{_table(curve, 'simple', str)}"


def to_markdown(curve: Curve) -> str:
    """The answer, the figure (curve.svg beside it) and the table. Names in it are only text."""
    title = f"# Learning curve: {escaped(_title(curve))}"
    lost = [f"- {escaped(line)}" for line in _lost(curve)]
    parts = [
        title,
        escaped(curve.text),
        f"![accuracy on {escaped(curve.split)} by training pictures](curve.svg)",
        _table(curve, "github", escaped),
        f"{_described(curve)} curve.csv has the other splits, standard deviations and times.",
        "\n".join(lost),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def to_html(curve: Curve) -> str:
    """The same as one page that asks the network for nothing."""
    from markupsafe import Markup

    return (
        environment()
        .get_template("curve.html.j2")
        .render(
            title=_title(curve),
            text=curve.text,
            split=curve.split,
            described=_described(curve),
            figure=Markup(to_svg(curve)),
            headings=_headings(curve),
            rows=_rows(curve),
            lost=_lost(curve),
        )
    )


def _described(curve: Curve) -> str:
    """What the lines and bands are."""
    if curve.shown[0].seeds == 1:
        return (
            "Accuracy of one seed and its 95 % interval over test pictures only; another seed may "
            "give another accuracy."
        )
    return "Mean accuracy over the seeds and its 95 % interval over seeds and test pictures."


def _title(curve: Curve) -> str:
    return f"{curve.about.get('dataset', '')}, preset {curve.about.get('preset', '')}"


def _table(curve: Curve, style: str, clean: Callable[[str], str]) -> str:
    from tabulate import tabulate

    headings = _headings(curve)
    return tabulate(
        [[clean(cell) for cell in cells] for cells in _rows(curve)],
        headers=[clean(heading) for heading in headings],
        tablefmt=style,
        colalign=["right"] * len(headings),
        disable_numparse=True,
    )


def _headings(curve: Curve) -> list[str]:
    return ["Training pictures", *dict.fromkeys(point.model for point in curve.shown)]


def _rows(curve: Curve) -> list[list[str]]:
    by_place = {(point.train, point.model): point for point in curve.shown}
    names = _headings(curve)[1:]
    return [
        [numerals.whole(size), *(_cell(by_place.get((size, name))) for name in names)]
        for size in curve.sizes
    ]


def _cell(point: Point | None) -> str:
    if point is None:
        return ""
    if point.scores is None:
        return point.status
    scores = point.scores
    interval = numerals.interval(scores.accuracy_low, scores.accuracy_high)
    return f"{numerals.score(scores.accuracy)} ({interval})"


def _lost(curve: Curve) -> list[str]:
    """A line for each reason why points are not there."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for point in curve.shown:
        if point.scores is None:
            key = (point.model, point.status, point.reason)
            places.setdefault(key, []).append(numerals.whole(point.train))
    return [
        f"{model} with {', '.join(sizes)}: {status}, {reason}"
        for (model, status, reason), sizes in places.items()
    ]
