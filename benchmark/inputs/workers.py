"""Workers: processes that decode each picture once and make all products of it."""

from __future__ import annotations

import contextlib
import pickle
import time
import traceback
from collections import Counter, deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

import numpy as np

from benchmark import plugins, processes
from benchmark.datasets import Dataset, UnreadablePicture
from benchmark.datasets.pictures import Pictures
from benchmark.errors import InputError
from benchmark.inputs.products import Product

_MOST_DEATHS = 2  # of workers at one batch: then it is the batch's fault


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
    unreadable : the rows that could not be read, and why.
    """

    split: str
    rows: np.ndarray
    made: Mapping[str, np.ndarray]
    seconds: Mapping[str, np.ndarray]
    unreadable: Mapping[int, str]


def results_of(
    batches: Sequence[Batch],
    dataset: Dataset,
    products: Sequence[Product],
    plugin_files: Sequence[str],
    workers: int,
) -> Generator[Result, None, None]:
    """What is made of each batch, as it comes, by ``workers`` processes.

    A batch whose worker is killed is given to another one. If it is not gone through to its end the
    workers are killed: close it.

    Parameters
    ----------
    batches : which pictures, and what of them.
    dataset : the one that they are of.
    products : those that the batches name.
    plugin_files : files that may declare features among the products.
    workers : how many processes at most.

    Raises
    ------
    InputError
        If workers at the same batch are killed twice, most likely for want of memory.
    """
    setup = tuple(plugin_files), pickle.dumps({product.kind: product for product in products})
    waiting, deaths = deque(range(len(batches))), Counter[int]()
    children: dict[processes.Child, int] = {}  # to the number of the batch that each is at

    def hand_out(child: processes.Child) -> None:
        children[child] = number = waiting.popleft()
        batch = batches[number]
        pictures = dataset.splits[batch.split].pictures
        assert pictures is not None
        with contextlib.suppress(OSError):  # it is gone, which `_received` will tell
            child.connection.send((batch, pictures.take(batch.rows)))

    processes.warm_up([__name__])
    try:
        while waiting or children:
            while waiting and len(children) < workers:
                hand_out(processes.Child(_serve, setup, "pictures"))
            ready = set(wait([end for child in children for end in child.ends]))
            for child in [child for child in children if ready & {*child.ends}]:
                result, number = _received(child), children.pop(child)
                if result is None:
                    deaths[number] += 1
                    _check_deaths(deaths[number], dataset.source)
                    waiting.appendleft(number)
                if result is None or not waiting:
                    child.kill()
                else:
                    hand_out(child)
                if result is not None:
                    yield result
    finally:
        with processes.uninterrupted():
            for child in children:
                child.kill()


def _received(child: processes.Child) -> Result | None:
    """What a child has made; None if it is gone. Raises what it raised."""
    try:
        result, error, trace = child.connection.recv()
    except (EOFError, OSError):
        return None
    if error is not None:
        error.add_note(trace)
        raise error
    return result


def _check_deaths(count: int, source: str) -> None:
    if count == _MOST_DEATHS:
        raise InputError(
            f"{source}: a process that prepared its pictures was killed, most likely for want of "
            "memory; use fewer --threads or smaller pictures"
        )


def _serve(plugin_files: tuple[str, ...], pickled: bytes, connection: Connection) -> None:
    """In a worker: make what is asked for, batch after batch, until it is killed."""
    processes.enter_child(threads=1)
    import cv2

    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        plugins.load_all(plugin_files)  # their functions may be among the products'
        products = pickle.loads(pickled)  # noqa: S301 - what our own parent has pickled
        while True:
            batch, pictures = connection.recv()
            connection.send((_made(batch, pictures, products), None, ""))
    except EOFError:
        return  # the parent is gone
    except Exception as error:  # noqa: BLE001 - raised again where it can be heard
        connection.send((None, error, traceback.format_exc()))


def _made(batch: Batch, pictures: Pictures, products: Mapping[str, Product]) -> Result:
    """Decode each picture of a batch once and make of it all that is asked for."""
    rows: dict[str, list[np.ndarray]] = {kind: [] for kind in batch.kinds}
    seconds: dict[str, list[float]] = {kind: [] for kind in batch.kinds}
    unreadable: dict[int, str] = {}
    for index, row in enumerate(batch.rows):
        try:
            picture = pictures.load(index)
        except UnreadablePicture as error:
            unreadable[int(row)] = str(error)
            continue
        for kind in batch.kinds:
            started = time.perf_counter()
            rows[kind].append(products[kind].make(picture))
            seconds[kind].append(time.perf_counter() - started)
    return Result(
        split=batch.split,
        rows=np.array([row for row in batch.rows if row not in unreadable], dtype=np.int64),
        made={kind: _stacked(made, products[kind].row) for kind, made in rows.items()},
        seconds={kind: np.array(each, dtype=np.float64) for kind, each in seconds.items()},
        unreadable=unreadable,
    )


def _stacked(rows: Sequence[np.ndarray], like: np.ndarray) -> np.ndarray:
    return np.array(rows, dtype=like.dtype).reshape(len(rows), *like.shape)
