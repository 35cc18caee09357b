"""What a trial answered: its predictions for every picture that it was asked about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results.errors import ResultsError

_KINDS = ("probability", "decision", "")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a trial answered about the n pictures of one split.

    Attributes
    ----------
    ids : n names.
    labels, predicted : int (n,), indices into the record's `classes`.
    scores : float (n, n_classes), for two classes too one column per class; or None.
    kind : what the scores are: 'probability' (rows sum to one), 'decision' (higher is likelier, any
        scale) or '' for None.

    Raises
    ------
    ResultsError
        Where the shapes do not agree.
    """

    ids: list[str]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    scores: NDArray[np.float64] | None = None
    kind: str = ""

    def __post_init__(self) -> None:
        n = len(self.ids)
        object.__setattr__(self, "ids", [str(i) for i in self.ids])
        for name in ("labels", "predicted"):
            values = np.asarray(getattr(self, name))
            if values.shape != (n,) or (n and not np.issubdtype(values.dtype, np.integer)):
                raise ResultsError(
                    f"{name} must be {n} integers, not {values.dtype} of shape {values.shape}"
                )
            object.__setattr__(self, name, values.astype(np.int64))
        if (self.scores is None) != (self.kind == "") or self.kind not in _KINDS:
            raise ResultsError(
                f"scores are a 'probability' or a 'decision', or absent; not {self.kind!r}"
            )
        if self.scores is not None:
            scores = np.asarray(self.scores, dtype=np.float64)
            if scores.ndim != 2 or len(scores) != n:
                raise ResultsError(f"scores must have shape ({n}, n_classes), not {scores.shape}")
            object.__setattr__(self, "scores", scores)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Which of the n pictures were classified correctly, bool (n,)."""
        return self.labels == self.predicted
