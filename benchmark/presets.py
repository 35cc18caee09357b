"""Presets: how much work a run is, by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.errors import InputError


@dataclass(frozen=True)
class Preset:
    """How much work a run is. The deep models' recipes of the same names are in ``models``.

    Attributes
    ----------
    name : ``quick``, ``published`` or ``thorough``.
    description : one line for the help.
    folds : number of modelled folds to draw for each split.
    image_size : side in pixels of the pictures that image models get.
    timeout : seconds after which a trial is killed, None for never.
    """

    name: str
    description: str
    folds: Mapping[str, int]
    image_size: int
    timeout: float | None


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            description="minutes on a laptop; the deep rows are under-trained",
            folds={"train": 1200, "val": 300, "test": 300},
            image_size=32,
            timeout=600.0,
        ),
        Preset(
            name="published",
            description="the study's sizes and recipe: 80 epochs of every network",
            folds={"train": 3913, "val": 300, "test": 68},
            image_size=32,
            timeout=None,
        ),
        Preset(
            name="thorough",
            description="the study's training set, more test pictures, larger pictures",
            folds={"train": 3913, "val": 1000, "test": 1000},
            image_size=64,
            timeout=None,
        ),
    )
}


def preset(name: str) -> Preset:
    """The preset called ``name``.

    Raises
    ------
    InputError
        With a suggestion, if there is none.
    """
    if name in PRESETS:
        return PRESETS[name]
    close = difflib.get_close_matches(name, PRESETS, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else f"choose one of {', '.join(PRESETS)}"
    raise InputError(f"no preset is called {name!r}; {hint}")
