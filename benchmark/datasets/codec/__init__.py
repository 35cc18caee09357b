"""The codec: the bytes of a picture file to pixels, and pixels to such bytes.

A file's kind is told by its bytes. What its header announces is checked before anything is decoded,
and against what the decoder gives.
"""

from benchmark.datasets.codec.decoding import decode
from benchmark.datasets.codec.encoding import encode
from benchmark.datasets.codec.errors import (
    MOST_PIXELS,
    DamagedPicture,
    TooLargePicture,
    UnreadablePicture,
    UnsupportedPicture,
)
from benchmark.datasets.codec.kinds import SUFFIXES
from benchmark.datasets.codec.samples import (
    FIRST_OF_SEVERAL,
    LOW_BYTE,
    ODDITIES,
    ONE_VALUE,
    Decoded,
    is_of_one_value,
)

__all__ = [
    "FIRST_OF_SEVERAL",
    "LOW_BYTE",
    "MOST_PIXELS",
    "ODDITIES",
    "ONE_VALUE",
    "SUFFIXES",
    "DamagedPicture",
    "Decoded",
    "TooLargePicture",
    "UnreadablePicture",
    "UnsupportedPicture",
    "decode",
    "encode",
    "is_of_one_value",
]
