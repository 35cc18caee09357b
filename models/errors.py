"""What can go wrong with models: mistakes of a user's, faults of a model's, no more memory."""

from __future__ import annotations

# What torch's allocators, cuBLAS and cuDNN, other libraries and the system say when there is no
# more memory; torch is not imported for it.
_OUT_OF_MEMORY = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "cannot allocate memory",
    "alloc_failed",
)


class ModelError(ValueError):
    """A user's mistake about models: an unknown name, a name used twice, a wrong declaration."""


class Unavailable(RuntimeError):
    """Raised by a builder or by ``fit`` when what a model needs is not at hand.

    The trial's row gets the status ``unavailable`` with this message as its reason, so the
    message says what is missing and what to do about it.
    """


class BrokenCheck(ValueError):
    """A check of a conformance suite did not hold; the message says what was seen."""


class WrongAnswer(BrokenCheck):
    """An estimator answered with the wrong shape, unknown labels or no numbers."""


class Diverged(FloatingPointError):
    """The loss of a training is no finite number any more.

    Attributes
    ----------
    history : as ``TorchClassifier.history_``, of the epochs before.
    """

    def __init__(self, history: list[dict[str, float]]):
        epoch = len(history) + 1
        super().__init__(f"training diverged: the loss of epoch {epoch} is no finite number")
        self.history = history


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory has run out, on whatever device."""
    return isinstance(error, MemoryError) or says_out_of_memory(str(error))


def says_out_of_memory(text: str) -> bool:
    """Whether a message says that memory has run out."""
    return any(words in text.lower() for words in _OUT_OF_MEMORY)


def on_one_line(text: object) -> str:
    """``text`` on a single line without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
