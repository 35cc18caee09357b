"""Choice: the columns that a name or shell globs ask for."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterator

from features.errors import FeatureError
from features.registry import registered_measures, registered_views
from features.sets import SETS, Column, FeatureSet


def feature_set(name: str) -> FeatureSet:
    """The feature set that ``name`` describes.

    Parameters
    ----------
    name : the name of a set (``published``, ``rich``), or shell globs over the columns of
        everything that is registered, written ``VIEW*MEASURE``; or several of these, parted by
        commas. Columns come in the order in which they are asked for, each once.

    Raises
    ------
    FeatureError
        If a part matches nothing (the message suggests what is close), or a column's name is used
        twice.

    Examples
    --------
    >>> feature_set("edge*mean,original*haralick").columns[:2]
    ('edge_mean', 'original_h_1')
    """
    known = _columns()
    chosen: dict[str, Column] = {}
    for part in map(str.strip, name.split(",")):
        matches = [column for column in known if _matches(column, part)]
        if not matches:
            why = _channels_differ(part) or _did_you_mean(part, known)
            raise FeatureError(f"no feature is called {part!r}; {why}")
        chosen.update((column.name, column) for column in matches)
    return FeatureSet(name, tuple(chosen.values()))


def _columns() -> list[Column]:
    """Every column there is, view by view."""
    by_name: dict[str, Column] = {}
    for column in _products():
        if column.measure.channels == column.view.channels:
            taken = by_name.setdefault(column.name, column)
            if taken is not column:
                one, other = (
                    f"view {c.view.name!r} ({c.view.origin}) with measure {c.measure.name!r} "
                    f"({c.measure.origin})"
                    for c in (taken, column)
                )
                raise FeatureError(
                    f"column name {column.name!r} is used twice: {one}, {other}; rename one"
                )
    return list(by_name.values())


def _products() -> Iterator[Column]:
    """Every number of every measure times every view, whether or not their channels agree."""
    for view in registered_views():
        for measure in registered_measures():
            for number in range(len(measure.names)):
                yield Column(view, measure, number)


def _matches(column: Column, part: str) -> bool:
    if part in SETS:
        return any(
            column.view.name in set_views and column.measure.name in set_measures
            for set_views, set_measures in SETS[part]
        )
    names = (column.name, f"{column.view.name}_{column.measure.name}")
    return any(fnmatch.fnmatchcase(name, part) for name in names)


def _channels_differ(part: str) -> str:
    """What to say if ``part`` names a view and a measure that don't go together, else nothing."""
    asked = next((column for column in _products() if _matches(column, part)), None)
    if asked is None:
        return ""
    view, measure = asked.view, asked.measure
    fitting = [known.name for known in registered_views() if known.channels == measure.channels]
    channels = "1 channel" if view.channels == 1 else f"{view.channels} channels"
    return (
        f"view {view.name!r} has {channels} and measure {measure.name!r} is taken of views of "
        f"{measure.channels}: {', '.join(fitting) or 'there is none'}"
    )


def _did_you_mean(part: str, known: list[Column]) -> str:
    views = dict.fromkeys(column.view.name for column in known)
    names = [*SETS, *(f"{view}*" for view in views)]
    names += dict.fromkeys(f"{column.view.name}*{column.measure.name}" for column in known)
    names += [column.name for column in known]
    close = difflib.get_close_matches(part, names, n=3)
    if not close:
        return f"the sets are: {', '.join(SETS)}; the views: {', '.join(views)}"
    return "did you mean " + " or ".join(close) + "?"
