"""Workers: processes that decode each picture once and make all products of it."""

from __future__ import annotations

import pickle
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from benchmark import plugins, processes
from benchmark.datasets import Dataset, UnreadablePicture
from benchmark.datasets.pictures import Pictures
from benchmark.errors import InputError
from benchmark.inputs.oddities import flags_of
from benchmark.inputs.products import Product
from benchmark.inputs.watch import Lost, Watched, Workers, answer_all, wait_for

_MOST_LOSSES = 2  # of workers at one picture: then it is the picture's fault


@dataclass(frozen=True)
class Batch:
    """Some pictures of a split, and the products that are to be made of each of them.

    Attributes
    ----------
    split : its name.
    rows : int64 (n,), which of its pictures.
    kinds : of the products.
    """

    split: str
    rows: np.ndarray
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What a worker made of a batch.

    Attributes
    ----------
    split : of the pictures.
    rows : int64 (n,), which pictures of the split could be read.
    made : kind of each product to (n, ...), a row of it for each.
    seconds : kind of each product to float64 (n,), what it took; decoding is not in it.
    oddities : uint8 (n,), flags of what is odd about each; see `benchmark.inputs.oddities`.
    unreadable : the rows that could not be read, and why.
    given_up : the rows that took too much time or memory, and how much.
    """

    split: str
    rows: np.ndarray
    made: Mapping[str, np.ndarray]
    seconds: Mapping[str, np.ndarray]
    oddities: np.ndarray
    unreadable: Mapping[int, str]
    given_up: Mapping[int, str] = field(default_factory=dict)


def results_of(
    batches: Sequence[Batch],
    dataset: Dataset,
    products: Sequence[Product],
    plugin_files: Sequence[str],
    workers: Workers,
) -> Generator[Result, None, None]:
    """What is made of each batch, as it comes.

    Where a worker is lost, the picture that it was at is tried once more on its own; what is lost
    with that too, or takes longer than it may, is given up. If the results are not gone through to
    their end the workers are killed: close it.

    Parameters
    ----------
    batches : which pictures, and what of them.
    dataset : the one that they are of.
    products : those that the batches name.
    plugin_files : files that may declare features among the products.
    workers : how many processes at most, and what each may use.

    Raises
    ------
    InputError
        If workers are lost before they are at a picture.
    """
    setup = tuple(plugin_files), pickle.dumps({product.kind: product for product in products})
    waiting, losses = deque(batches), _Losses(dataset)
    active: dict[Watched, Batch] = {}

    def hand_out(worker: Watched) -> None:
        active[worker] = batch = waiting.popleft()
        pictures = dataset.splits[batch.split].pictures
        assert pictures is not None
        worker.ask((batch, pictures.take(batch.rows)))

    processes.warm_up([__name__])
    try:
        while waiting or active:
            while waiting and len(active) < workers.count:
                hand_out(Watched(_serve, setup, workers))
            wait_for(active)
            for worker in list(active):
                try:
                    result = worker.answer()
                except Lost as loss:
                    worker.kill()
                    result, again = losses.dealt_with(active.pop(worker), loss)
                    waiting.extendleft(again)
                else:
                    if result is None:
                        continue
                    del active[worker]
                    if waiting:
                        hand_out(worker)
                    else:
                        worker.kill()
                if result is not None:
                    yield result
    finally:
        with processes.uninterrupted():
            for worker in active:
                worker.kill()


class _Losses:
    """What becomes of the batches of lost workers."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._counts = Counter[tuple[str, int] | None]()

    def dealt_with(self, batch: Batch, loss: Lost) -> tuple[Result | None, list[Batch]]:
        """The picture that is given up, if one is; and what is to be made by others.

        Raises
        ------
        InputError
            If it is the second loss before any picture.
        """
        if loss.place is None:
            self._counts[None] += 1
            if self._counts[None] == _MOST_LOSSES:
                raise InputError(
                    f"{self._dataset.source}: no process can be had that prepares its pictures, "
                    f"since {loss}; use fewer --threads, or give more --memory-limit"
                )
            return None, [batch]
        row = int(batch.rows[loss.place])
        others = replace(batch, rows=np.delete(batch.rows, loss.place))
        again = [others] if len(others.rows) else []
        self._counts[batch.split, row] += 1
        if self._counts[batch.split, row] < _MOST_LOSSES and not loss.is_final:
            return None, [*again, replace(batch, rows=np.array([row]))]
        name = self._dataset.splits[batch.split].ids[row]
        nothing: np.ndarray = np.array([], np.int64)
        return Result(batch.split, nothing, {}, {}, nothing, {}, {row: f"{name}: {loss}"}), again


def _serve(
    plugin_files: tuple[str, ...], pickled: bytes, place: Any, connection: Connection
) -> None:
    """In a worker: make what is asked for, batch after batch, until it is killed."""
    processes.enter_child(threads=1)
    import cv2

    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

    def begin() -> Callable[[tuple[Batch, Pictures]], Result]:
        plugins.load_all(plugin_files)  # their functions may be among the products'
        products = pickle.loads(pickled)  # noqa: S301 - what our own parent has pickled
        for product in products.values():
            if product.features is not None:
                product.features.prepare(lambda: None)  # not in the first picture's time
        return lambda asked: _made(*asked, products, place)

    answer_all(begin, place, connection)


def _made(batch: Batch, pictures: Pictures, products: Mapping[str, Product], place: Any) -> Result:
    """Decode each picture of a batch once and make of it all that is asked for."""
    rows: dict[str, list[np.ndarray]] = {kind: [] for kind in batch.kinds}
    seconds: dict[str, list[float]] = {kind: [] for kind in batch.kinds}
    oddities: list[int] = []
    unreadable: dict[int, str] = {}
    for index, row in enumerate(batch.rows):
        place.value = index
        try:
            decoded = pictures.decoded(index)
        except UnreadablePicture as error:
            unreadable[int(row)] = str(error)
            continue
        oddities.append(flags_of(decoded))
        for kind in batch.kinds:
            started = time.perf_counter()
            rows[kind].append(products[kind].make(decoded.picture))
            seconds[kind].append(time.perf_counter() - started)
    return Result(
        split=batch.split,
        rows=np.array([row for row in batch.rows if row not in unreadable], dtype=np.int64),
        made={kind: _stacked(made, products[kind].row) for kind, made in rows.items()},
        seconds={kind: np.array(each, dtype=np.float64) for kind, each in seconds.items()},
        oddities=np.array(oddities, dtype=np.uint8),
        unreadable=unreadable,
    )


def _stacked(rows: Sequence[np.ndarray], like: np.ndarray) -> np.ndarray:
    return np.array(rows, dtype=like.dtype).reshape(len(rows), *like.shape)
