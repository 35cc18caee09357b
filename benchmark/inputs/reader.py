"""Reader: the train pictures of a fit, each decoded in a process that is watched."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from benchmark import processes
from benchmark.datasets import Split, UnreadablePicture
from benchmark.datasets.pictures import FilePictures, Pictures
from benchmark.inputs.watch import Lost, Watched, Workers, answer_all, wait_for


class Reader:
    """A split as a feature set takes it to be fitted: None where a picture can't be read. Close it.

    Parameters
    ----------
    split : of pictures.
    workers : what the process that decodes files may use.

    Attributes
    ----------
    given_up : the rows that took too much time or memory, and how much.
    """

    def __init__(self, split: Split, workers: Workers) -> None:
        self.given_up: dict[int, str] = {}
        self._split = split
        self._workers = workers
        self._process: Watched | None = None

    def __len__(self) -> int:
        return len(self._split)

    def __getitem__(self, row: int) -> np.ndarray | None:
        assert self._split.pictures is not None
        if row in self.given_up:
            return None
        taken = self._split.pictures.take([row])
        if not isinstance(taken, FilePictures):  # it is decoded already
            return _loaded(taken)
        try:
            return self._decoded(taken)
        except Lost as loss:
            self.given_up[row] = f"{self._split.ids[row]}: {loss}"
            return None

    def _decoded(self, taken: FilePictures) -> np.ndarray | None:
        """Raises Lost if it is lost twice, or takes too long."""
        for is_last in (False, True):
            try:
                return self._answer(taken)
            except Lost as loss:
                self.close()
                if is_last or loss.is_final:
                    raise
        raise AssertionError

    def _answer(self, taken: FilePictures) -> np.ndarray | None:
        if self._process is None:
            self._process = Watched(_serve, (), self._workers)
        self._process.ask(taken)
        while True:
            wait_for([self._process])
            answer = self._process.answer()
            if answer is not None:
                return answer[0]

    def close(self) -> None:
        """End the process that decodes."""
        if self._process is not None:
            with processes.uninterrupted():
                self._process.kill()
            self._process = None


def _serve(place: Any, connection: Connection) -> None:
    processes.enter_child(threads=1)
    import cv2

    cv2.setNumThreads(1)

    def answer(taken: Pictures) -> tuple[np.ndarray | None]:
        place.value = 0
        return (_loaded(taken),)

    answer_all(lambda: answer, place, connection)


def _loaded(taken: Pictures) -> np.ndarray | None:
    try:
        return taken.load(0)
    except UnreadablePicture:
        return None
