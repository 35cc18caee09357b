"""Memory that has run out, as libraries say it; torch is not imported for it."""

from __future__ import annotations

# What torch's allocators, cuBLAS and cuDNN, other libraries and the system say when there is no
# more.
_WORDS = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "cannot allocate memory",
    "alloc_failed",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory has run out, on whatever device."""
    return isinstance(error, MemoryError) or says_out_of_memory(str(error))


def says_out_of_memory(text: str) -> bool:
    """Whether a message says that memory has run out."""
    return any(words in text.lower() for words in _WORDS)
