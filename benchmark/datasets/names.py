"""Names: of classes, splits and pictures, as they can be compared, ordered and written."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmark.printable import printable


def class_names(raw: Iterable[str]) -> dict[str, str]:
    """What each name of a class is called: names that look alike are one class.

    They are compared in Unicode's composed form (NFC), without white space at their ends: a file
    system may take names apart, and a table's cells may be padded.
    """
    return {name: printable(unicodedata.normalize("NFC", name).strip()) for name in set(raw)}


def about_names(called: Mapping[str, str]) -> list[str]:
    """What a user should know of names of classes: those taken as one, those that differ by case.

    Parameters
    ----------
    called : as `class_names` gives.
    """
    remarks = []
    for name, given in _grouped(called, called.get).items():
        if len(given) > 1:
            remarks.append(
                f"{len(given)} spellings of the class {name!r} look alike and are one class: "
                f"{', '.join(map(ascii, given))}"
            )
    for names in _grouped(set(called.values()), str.casefold).values():
        if len(names) > 1:
            remarks.append(
                f"warning: the classes {' and '.join(map(repr, names))} differ by case alone; "
                "if they are one, give them one name"
            )
    return remarks


def _grouped(names: Iterable[str], key: Callable[[str], Any]) -> dict[Any, list[str]]:
    groups = defaultdict(list)
    for name in sorted(names):
        groups[key(name)].append(name)
    return groups


def natural_order(names: Iterable[str]) -> list[str]:
    """Unique names in order: as numbers where all of them are whole numbers, else as text."""
    unique = sorted(set(names))
    if all(re.fullmatch(r"-?[0-9]+", name) for name in unique):
        return sorted(unique, key=int)
    return unique


def some_of(names: Sequence[object], most: int = 5) -> str:
    """The first few of many names, parted by commas."""
    return ", ".join(map(str, names[:most])) + (" ..." if len(names) > most else "")
