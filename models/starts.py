"""Starts: the weights that networks can start from, by the name of the row that does.

Declared here without importing torch. `models.weights` finds and reads the files.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from models.registry import ModelError

# Goes up when the pictures, the recipe or a network of modelled weights change.
MODELLED_VERSION = 2

# Width of the ResNet9 that has modelled weights: that of `quick`, where it then differs from the
# ResNet9 that starts from random numbers by its start alone.
MODELLED_RESNET9_WIDTH = 32


@dataclass(frozen=True)
class Start:
    """Weights for the body of a network: all of it but the last layer.

    Attributes
    ----------
    row : name of the model that starts from them.
    architecture : name of the network.
    weights : name of the weights, version included.
    side : side in pixels of the pictures that they come from.
    file : name of their file; torchvision's ends in the first digits of its content's SHA-256.
    """

    row: str
    architecture: str
    weights: str
    side: int
    file: str

    @property
    def modelled(self) -> bool:
        """Whether they are built on the user's machine from modelled pictures."""
        return self.row.endswith("-modelled")


def _imagenet(depth: int, digits: str) -> Start:
    # The first version of each: the one that there was when the study was made, in 2021.
    name, file = f"ResNet{depth}", f"resnet{depth}-{digits}.pth"
    return Start(f"{name}-pretrained", name, f"{name}_Weights.IMAGENET1K_V1", 224, file)


def _modelled(name: str) -> Start:
    version = f"V{MODELLED_VERSION}"
    file = f"{name}-modelled-{version}.pth".lower()
    return Start(f"{name}-modelled", name, f"{name}_Weights.MODELLED_{version}", 32, file)


STARTS = {
    start.row: start
    for start in (
        # Deeper networks take longer to build than anyone without a GPU would wait.
        *map(_modelled, ("ResNet9", "ResNet34", "ResNet50")),
        _imagenet(34, "b627a593"),
        _imagenet(50, "0676ba61"),
        _imagenet(101, "63fe2227"),
        _imagenet(152, "394f9c45"),
    )
}


def start_of(row: str) -> Start:
    """The start of the model called ``row``. Raises `ModelError` with the names that there are."""
    if row in STARTS:
        return STARTS[row]
    close = difflib.get_close_matches(row, STARTS, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(STARTS)}"
    raise ModelError(f"no weights are called {row!r}; {hint}")
