"""How long it takes to decode a picture, beside OpenCV's bare decoder in the same process.

Run it as `python docs/speed/decoding.py [FOLDER]`: over pictures that it makes, and over those
below FOLDER. The least processor time of fifteen turns, one thread.
"""

import io
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmark.datasets.codec import decode

TURNS = 15
COUNTS = {32: 400, 200: 60, 1000: 4}  # pictures of each side


def made(side: int, form: str) -> list[bytes]:
    """Files of smoothed noise, RGB."""
    random = np.random.default_rng(0)
    files = []
    for _ in range(COUNTS[side]):
        noise = random.integers(0, 256, (side, side, 3), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(cv2.GaussianBlur(noise, (0, 0), 3)).save(file, form)
        files.append(file.getvalue())
    return files


def microseconds(files: Sequence[bytes], *decoders: Callable[[bytes], object]) -> list[float]:
    """Of each decoder a picture's least time, measured in turns."""
    least = [np.inf] * len(decoders)
    for _ in range(TURNS):
        for place, decoder in enumerate(decoders):
            started = time.process_time()
            for content in files:
                decoder(content)
            spent = time.process_time() - started
            least[place] = min(least[place], spent / len(files) * 1e6)
    return least


def bare(content: bytes) -> object:
    """OpenCV alone, unchecked."""
    how = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
    return cv2.imdecode(np.frombuffer(content, np.uint8), how)


def main(folders: Sequence[str]) -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    sets = {
        f"{form}, {side} x {side}": made(side, form)
        for form in ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
        for side in COUNTS
    }
    for folder in folders:
        sets[folder] = [p.read_bytes() for p in sorted(Path(folder).rglob("*")) if p.is_file()]
    print("| files | decoded | bare OpenCV | times |\n|---|---|---|---|")
    for name, files in sets.items():
        ours, theirs = microseconds(files, lambda content: decode(content, "it"), bare)
        print(f"| {name} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.2f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
