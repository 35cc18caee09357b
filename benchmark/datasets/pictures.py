"""Pictures: those of one split, decoded when asked for, wherever they lie."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.datasets.codec import Decoded, UnreadablePicture, decode
from benchmark.errors import InputError

_PART = 1 << 20  # bytes of a file that are hashed at a time


class Pictures(ABC):
    """Pictures of one split.

    A plugin's own need no more than ``len``, `digest` and `load`; whether they derive from this
    class does not matter.
    """

    # Whether equal pictures have equal digests in whatever dataset. What is made of a picture is
    # then kept for all of them; a plugin's digests hold within its dataset.
    are_content_digests = False

    @abstractmethod
    def __len__(self) -> int:
        """How many there are."""

    @abstractmethod
    def digest(self, index: int) -> bytes:
        """Hash of one picture's content."""

    @abstractmethod
    def load(self, index: int) -> np.ndarray:
        """One picture: uint8, (H, W) grey or (H, W, 3) RGB.

        Raises
        ------
        UnreadablePicture
            If no picture can be had.
        """

    def decoded(self, index: int) -> Decoded:
        """One picture, and what is odd about it as far as the file says. Raises as `load` does."""
        return Decoded(self.load(index))

    def take(self, rows: Sequence[int] | np.ndarray) -> Pictures:
        """Some of them, in a form that can be sent to another process: loaded, if need be."""
        return _LoadedPictures([_load_or_error(self, int(row)) for row in rows])


def as_pictures(given: Any) -> Pictures:
    """What a dataset was given as pictures, with `Pictures.take` too."""
    return given if isinstance(given, Pictures) else _ForeignPictures(given)


class ArrayPictures(Pictures):
    """Pictures that lie in memory as one array.

    Parameters
    ----------
    array : uint8, (n, H, W) or (n, H, W, 3).
    """

    are_content_digests = True

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def digest(self, index: int) -> bytes:
        """Hash of one picture's shape and pixels."""
        picture = np.ascontiguousarray(self.array[index])
        return content_digest([str(picture.shape).encode(), picture.tobytes()])

    def load(self, index: int) -> np.ndarray:
        """One picture as it is."""
        return self.array[index]

    def take(self, rows: Sequence[int] | np.ndarray) -> Pictures:
        """A copy of some of them."""
        return ArrayPictures(self.array[np.asarray(rows, dtype=np.int64)])


class FilePictures(Pictures):
    """Pictures that lie in files.

    A file's bytes are read anew to be hashed and to be decoded. Where both happen they must be the
    same bytes: what is kept under the hash of others would be wrong for good.

    Parameters
    ----------
    paths : one file each.
    """

    are_content_digests = True

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._digests: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self.paths)

    def digest(self, index: int) -> bytes:
        """Hash of the file's bytes; of none if it can't be read, which `load` will say."""
        if index not in self._digests:
            try:
                with self.paths[index].open("rb", buffering=0) as file:
                    self._digests[index] = content_digest(iter(lambda: file.read(_PART), b""))
            except OSError:
                self._digests[index] = content_digest([])
        return self._digests[index]

    def load(self, index: int) -> np.ndarray:
        """One picture; see `decoded`."""
        return self.decoded(index).picture

    def decoded(self, index: int) -> Decoded:
        """Decode one picture, upright; see `decode`. What is decoded has the digest that was given.

        Raises
        ------
        UnreadablePicture
            If the file can't be read, or no picture can be made of it.
        ChangedPicture
            If its digest was asked for, and the file held something else then.
        """
        path, hashed = self.paths[index], self._digests.get(index)
        try:
            content, lost = path.read_bytes(), ""
        except OSError as error:
            content, lost = b"", f"{path}: {error.strerror or error}"
        if hashed is not None and content_digest([content]) != hashed:
            how = lost or f"{path}: could not be read at first"
            how += "; the file comes and goes"
            if content and hashed != content_digest([]):
                how = f"{path}: held something else at first; the file is written to"
            raise ChangedPicture(f"{how}: try again, what is made is kept")
        if lost:
            raise UnreadablePicture(lost)
        return decode(content, str(path))

    def take(self, rows: Sequence[int] | np.ndarray) -> Pictures:
        """Some of the files, with what is known of their content."""
        taken = FilePictures([self.paths[row] for row in rows])
        known = ((place, self._digests.get(int(row))) for place, row in enumerate(rows))
        taken._digests = {place: digest for place, digest in known if digest is not None}
        return taken


class ChangedPicture(InputError):
    """A file that holds something else when it is decoded than when it was hashed."""


class PicturesOfRows(Pictures):
    """Some of a split's pictures, left where they are.

    Parameters
    ----------
    whole : the pictures.
    digests : theirs, one each.
    rows : which of them, int64 (n,).
    """

    def __init__(self, whole: Pictures, digests: Sequence[bytes], rows: np.ndarray) -> None:
        self.are_content_digests = whole.are_content_digests
        self._whole, self._digests, self._rows = whole, digests, rows

    def __len__(self) -> int:
        return len(self._rows)

    def digest(self, index: int) -> bytes:
        """Hash of one picture's content."""
        return self._digests[self._rows[index]]

    def load(self, index: int) -> np.ndarray:
        """One picture."""
        return self._whole.load(int(self._rows[index]))

    def decoded(self, index: int) -> Decoded:
        """One picture, and what is odd about it."""
        return self._whole.decoded(int(self._rows[index]))

    def take(self, rows: Sequence[int] | np.ndarray) -> Pictures:
        """Some of them, as the whole takes them."""
        return self._whole.take(self._rows[np.asarray(rows, dtype=np.int64)])


class _ForeignPictures(Pictures):
    """A plugin's own pictures."""

    def __init__(self, given: Any) -> None:
        self._given = given

    def __len__(self) -> int:
        return len(self._given)

    def digest(self, index: int) -> bytes:
        return self._given.digest(index)

    def load(self, index: int) -> np.ndarray:
        return self._given.load(index)


class _LoadedPictures(Pictures):
    """Pictures in memory, each of its own size, or the error that one of them raised."""

    def __init__(self, loaded: Sequence[np.ndarray | UnreadablePicture]) -> None:
        self._loaded = loaded

    def __len__(self) -> int:
        return len(self._loaded)

    def digest(self, index: int) -> bytes:
        picture = np.ascontiguousarray(self.load(index))
        return content_digest([str(picture.shape).encode(), picture.tobytes()])

    def load(self, index: int) -> np.ndarray:
        loaded = self._loaded[index]
        if isinstance(loaded, UnreadablePicture):
            raise loaded
        return loaded


def _load_or_error(pictures: Pictures, index: int) -> np.ndarray | UnreadablePicture:
    try:
        return pictures.load(index)
    except UnreadablePicture as error:
        return error


def content_digest(parts: Iterable[bytes]) -> bytes:
    """Hash (16 bytes) of parts, one after the other."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.digest()
