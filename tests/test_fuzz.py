"""Every reader given files that were harmed in every way: a result or the reader's own refusal.

A few examples for each run with the suite. `FUZZ_EXAMPLES=20000 pytest -m slow tests/test_fuzz.py
--durations=0` runs many; an example may take ten seconds, and all of a reader a GiB of memory.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import functools
import hashlib
import io
import json
import logging
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmark import InputError
from results import Curve, CurveRun, Leaderboard, ResultsError, Run, Store, compare_boards, gather
from results import load_board as load_table

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2000"))
FEW = 25
SECONDS, BYTES = 10.0, 2**30

RUN = Path(__file__).parent / "results" / "earlier"


class Files(list[bytes]):
    """Sound files; a strategy that fails is shown with its arguments, which are long."""

    def __repr__(self) -> str:
        return f"<{len(self)} files>"


@dataclass(frozen=True)
class Reader:
    """One reader: sound files for it, how they are harmed, and how it is asked.

    Attributes
    ----------
    sound : makes files that it reads.
    harmed : what a strategy of bytes may make of them.
    read : reads bytes, given an empty folder to put them into.
    refusals : what it may raise.
    dear : how many times as long as others an example takes, about.
    """

    sound: Callable[[], list[bytes]]
    harmed: Callable[[list[bytes]], st.SearchStrategy[bytes]]
    read: Callable[[bytes, Path], object]
    refusals: tuple[type[Exception], ...] = ()
    dear: int = 1


# --- harm -----------------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.sampled_from([0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, 5e-324, -0.0, 0.5]),
    st.integers(),
    st.floats(),
)
TEXTS = st.one_of(
    st.sampled_from(
        ["", "\0", "nan", "../../etc/passwd", "\ud800", "\udcff", "1e999", "<b>", "a" * 9999]
    ),
    st.text(st.characters(), max_size=20),
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=6,
)
KINDS = [
    *(pa.int8(), pa.int64(), pa.uint64(), pa.float32(), pa.float64(), pa.bool_(), pa.null()),
    *(pa.string(), pa.large_string(), pa.binary(), pa.decimal128(38, 2), pa.timestamp("us")),
    *(
        pa.list_(pa.int64()),
        pa.struct([("a", pa.string())]),
        pa.dictionary(pa.int32(), pa.string()),
    ),
]
# What json.dumps would not write.
RAW_JSON = ["1e999", "-1e999", "9" * 400, "9" * 5000, "[" * 5000, '{"a":' * 5000, "NaN", "Infinity"]


@st.composite
def harmed_bytes(draw: st.DrawFn, files: list[bytes]) -> bytes:
    """Bits flipped, parts cut out, doubled, put in from elsewhere, or nothing of it at all."""
    data = bytearray(draw(st.sampled_from(files)))
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        to = min(len(data), at + draw(st.sampled_from([1, 2, 4, 8, 64, 1024])))
        match draw(st.sampled_from(["flip", "set", "cut", "end", "twice", "other", "in", "big"])):
            case "flip" if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "set" if at < len(data):
                data[at] = draw(st.integers(0, 255))
            case "cut":
                del data[at:to]
            case "end":
                del data[at:]
            case "twice":
                data[at:at] = data[at:to]
            case "other":
                other = draw(st.sampled_from(files))
                data[at:] = other[draw(st.integers(0, len(other))) :]
            case "in":
                data[at:at] = draw(st.binary(min_size=1, max_size=16))
            case "big":
                size = draw(st.sampled_from([1, 2, 4, 8]))
                data[at : at + size] = b"\xff" * size
    return bytes(data)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to everything within a value of JSON."""
    below = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(place for key, each in below for place in places(each, (*path, key)))]


@st.composite
def harmed_json(draw: st.DrawFn, files: list[bytes]) -> bytes:
    """JSON with values of every kind at every place, keys that are gone or new, or harmed bytes."""
    if draw(st.integers(0, 3)) == 0:
        return draw(harmed_bytes(files))
    content = {"root": json.loads(draw(st.sampled_from(files)))}
    raw: dict[str, str] = {}
    for _ in range(draw(st.integers(1, 3))):
        *path, key = draw(st.sampled_from(places(content)[1:]))
        around = functools.reduce(lambda inner, step: inner[step], path, content)
        match draw(st.sampled_from(["value", "swap", "raw", "gone", "new", "twice"])):
            case "value":
                around[key] = draw(VALUES)
            case "swap":
                *other, last = draw(st.sampled_from(places(content)[1:]))
                there = functools.reduce(lambda inner, step: inner[step], other, content)
                around[key] = copy.deepcopy(there[last])
            case "raw":
                mark = f"@{len(raw)}@"
                around[key], raw[mark] = mark, draw(st.sampled_from(RAW_JSON))
            case "gone" if key != "root":
                del around[key]
            case "new" if isinstance(around, dict):
                around[draw(TEXTS)] = draw(VALUES)
            case "twice" if isinstance(around, list):
                around.append(copy.deepcopy(around[key]))
    text = json.dumps(content["root"])
    for mark, inserted in raw.items():
        text = text.replace(f'"{mark}"', inserted)
    return text.encode()


@st.composite
def harmed_csv(draw: st.DrawFn, files: list[bytes]) -> bytes:
    """A table with other cells, columns, order, separators and quotes, or harmed bytes."""
    if draw(st.integers(0, 3)) == 0:
        return draw(harmed_bytes(files))
    rows = list(csv.reader(io.StringIO(draw(st.sampled_from(files)).decode())))
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.sampled_from(rows or [[]]))
        at = draw(st.integers(0, max(len(row) - 1, 0)))
        match draw(
            st.sampled_from(["cell", "cell", "cell", "short", "long", "row", "column", "none"])
        ):
            case "cell" if row:
                row[at] = str(
                    draw(NUMBERS | TEXTS | st.sampled_from(["1,5", "Jan 85", "TRUE", " "]))
                )
            case "short":
                del row[at:]
            case "long":
                row += [draw(TEXTS)[:200]] * draw(st.sampled_from([1, 2, 5000]))
            case "row":
                rows.insert(draw(st.integers(0, len(rows))), list(row))
            case "column":
                for each in rows:
                    each.insert(min(at, len(each)), draw(TEXTS))
            case "none":
                rows = rows[:1]
    sink = io.StringIO()
    separator = draw(st.sampled_from([",", ";", "\t"]))
    quoting: Literal[0, 1] = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    csv.writer(sink, delimiter=separator, quoting=quoting, lineterminator=end).writerows(rows)
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + sink.getvalue().encode(
        "utf-8", "surrogatepass"
    )


@st.composite
def harmed_parquet(draw: st.DrawFn, files: list[bytes]) -> bytes:
    """A sound Parquet file with other columns, kinds and rows, or harmed bytes."""
    if draw(st.integers(0, 2)) == 0:
        return draw(harmed_bytes(files))
    table = pq.read_table(io.BytesIO(draw(st.sampled_from(files))))
    metadata = dict(table.schema.metadata or {})
    texts = {key: text for key, text in metadata.items() if text[:1] in (b"[", b"{")}
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(table.num_columns - 1, 0)))
        match draw(st.sampled_from(["kind", "gone", "new", "null", "rows", "said", "order"])):
            case "kind" if table.num_columns:
                with contextlib.suppress(pa.ArrowException):
                    kind = draw(st.sampled_from(KINDS))
                    table = table.set_column(at, table.field(at).name, table.column(at).cast(kind))
            case "gone" if table.num_columns:
                table = table.remove_column(at)
            case "new":
                column = pa.nulls(len(table), draw(st.sampled_from(KINDS)))
                table = table.append_column(
                    draw(st.sampled_from(["p_9", "label", "x", ""])), column
                )
            case "null" if table.num_columns and len(table):
                keep = pa.array(np.arange(len(table)) != draw(st.integers(0, len(table) - 1)))
                column = pc.if_else(keep, table.column(at), None)
                table = table.set_column(at, table.field(at).name, column)
            case "rows":
                table = table.slice(draw(st.integers(0, 3)), draw(st.integers(0, 99)))
            case "said":
                metadata |= {key: draw(harmed_json([text])) for key, text in texts.items()}
            case "order":
                table = table.select(draw(st.permutations(range(table.num_columns))))
    sink = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata({k: v for k, v in metadata.items() if k != b"ARROW:schema"}),
        sink,
        compression=draw(st.sampled_from(["none", "snappy", "zstd", "gzip"])),
        use_dictionary=draw(st.booleans()),
        row_group_size=draw(st.sampled_from([1, 7, 10**6])),
    )
    return sink.getvalue()


# --- files of a run's folder ----------------------------------------------------------------------


def of_run(pattern: str) -> Callable[[], list[bytes]]:
    return lambda: [path.read_bytes() for path in sorted(RUN.glob(pattern))]


def record_files() -> list[bytes]:
    """Records that hold all that a record may, of a trained network and of a classical model."""
    first, *others = map(json.loads, of_run("records/*.json")())
    heat = {
        "method": "gradcam",
        "split": "test",
        "layer": "body.3",
        "ids": ["0"],
        "maps": [[[0, 9]]],
    }
    history = [{"epoch": k, "loss": 1 / k, "val_accuracy": 0.5} for k in (1, 2)]
    lost = {"method": "permutation", "split": "test", "rows": 6, "accuracy": 0.5, "groups": 2}
    network = {"family": "deep", "inputs": "images", "training": "random", "image_size": 32}
    records = [
        first
        | network
        | {"provenance": first["provenance"] | {"history": history, "explanation": heat}},
        first | {"provenance": {"explanation": lost | {"columns": 2, "losses": [["a", 0.1, 0.2]]}}},
        *others,
    ]
    return [json.dumps(record).encode() for record in records]


def read_record(data: bytes, folder: Path) -> None:
    """The record is asked for by its name, and its predictions are those of that name."""
    name = sorted((RUN / "records").glob("*.json"))[0].stem
    (folder / "records").mkdir()
    (folder / "records" / f"{name}.json").write_bytes(data)
    shutil.copytree(RUN / "predictions", folder / "predictions")
    store = Store(folder)
    store.get(name)
    store.records()
    store.clean()


def read_board(data: bytes, folder: Path) -> None:
    """One record of a run's folder is harmed; then everything is made of the folder again."""
    read_folder(sorted(RUN.glob("records/*.json"))[0], data, folder)


def read_board_of_predictions(data: bytes, folder: Path) -> None:
    """The predictions of one trial are harmed."""
    read_folder(sorted(RUN.glob("predictions/*.parquet"))[0], data, folder)


def read_folder(harmed: Path, data: bytes, folder: Path) -> None:
    run = folder / "run"
    shutil.copytree(RUN, run)
    (run / harmed.relative_to(RUN)).write_bytes(data)
    steps: list[Callable[[], object]] = [
        lambda: Leaderboard.from_store(Store(run)).write(folder / "out"),
        lambda: str(Leaderboard.from_store(Store(run), "mcc")),
        lambda: Leaderboard.from_store(Store(run)).to_latex(),
        lambda: Leaderboard.from_store(Store(run)).pictures_shown(),
        lambda: compare_boards(RUN, run).regression_line,
        lambda: str(compare_boards(run, folder / "out" / "leaderboard.csv")),
        lambda: gather([RUN, run]).write(folder / "merged"),
        lambda: Store(run).clean(),
    ]
    for step in steps:
        with contextlib.suppress(ResultsError):
            step()


def read_predictions(data: bytes, folder: Path) -> None:
    record = json.loads(of_run("records/*.json")()[0])
    for kind in ("records", "predictions"):
        (folder / kind).mkdir()
    (folder / "records" / f"{record['trial']}.json").write_text(json.dumps(record))
    (folder / "predictions" / f"{record['trial']}.parquet").write_bytes(data)
    if Store(folder).get(record["trial"]):
        Leaderboard.from_store(Store(folder)).to_frame()


def read_run(data: bytes, folder: Path) -> None:
    (folder / "run.json").write_bytes(data)
    run = Run.read(folder)
    run.after(run).write(folder)
    Run.of_runs([run], run.trials, ["a"]).write(folder)


def read_run_of_board(data: bytes, folder: Path) -> None:
    read_folder(RUN / "run.json", data, folder)


def curve_files() -> list[bytes]:
    names = [path.stem for path in sorted(RUN.glob("records/*.json"))]
    about = {"source": "t.csv", "dataset": "t", "fingerprint": "f", "preset": "quick", "train": 90}
    subsets = [{"size": size, "seed": 1, "trials": names} for size in (10, 20)]
    return [json.dumps({**about, "subsets": subsets, "earlier_trials": names[:1]}).encode()]


def read_curve(data: bytes, folder: Path) -> None:
    shutil.copytree(RUN / "records", folder / "records")
    shutil.copytree(RUN / "predictions", folder / "predictions")
    (folder / "curve.json").write_bytes(data)
    CurveRun.read(folder).after(CurveRun.read(folder)).write(folder)
    Curve.from_store(Store(folder)).write(folder / "out")


def read_table(data: bytes, folder: Path) -> None:
    (folder / "leaderboard.csv").write_bytes(data)
    load_table(folder)
    str(compare_boards(RUN / "leaderboard.csv", folder))


# --- what datasets, features and networks are read from -------------------------------------------


def array_files() -> list[bytes]:
    """Pictures as MedMNIST has them."""
    arrays: dict[str, Any] = {}
    for split in ("train", "val", "test"):
        arrays[f"{split}_images"] = np.arange(6 * 64, dtype=np.uint8).reshape(6, 8, 8)
        arrays[f"{split}_labels"] = np.array([[0], [1]] * 3)
    sinks = io.BytesIO(), io.BytesIO()
    np.savez(sinks[0], **arrays)
    np.savez_compressed(sinks[1], **arrays)
    return [sink.getvalue() for sink in sinks]


def numbers() -> pa.Table:
    columns = {
        "split": ["train", "train", "train", "train", "test", "test"],
        "label": list("ababab"),
    }
    return pa.table(
        columns | {"id": list("uvwxyz"), "f": [0.1, 2, 3, 4, 5, 6], "g": [1, 0, 1, 3, 0, 1]}
    )


def table_files() -> list[bytes]:
    return [numbers().to_pandas().to_csv(index=False).encode()]


def parquet_files() -> list[bytes]:
    sink = io.BytesIO()
    pq.write_table(numbers(), sink)
    return [sink.getvalue()]


def read_data(name: str) -> Callable[[bytes, Path], None]:
    def read(data: bytes, folder: Path) -> None:
        from benchmark.datasets import UnreadablePicture, load

        (folder / name).write_bytes(data)
        for split in load(folder / name).splits.values():
            assert len(split.digests) == len(split)
            if (pictures := split.pictures) is not None:
                for row in range(len(split)):
                    with contextlib.suppress(UnreadablePicture):
                        assert pictures.load(row).dtype == np.uint8

    return read


def picture_files() -> list[bytes]:
    """A picture in every kind of file that can be written here."""
    grey = Image.fromarray(np.arange(24 * 20, dtype=np.uint8).reshape(20, 24))
    colour, deep = (
        grey.convert("RGB"),
        Image.fromarray(np.arange(480, dtype=np.uint16).reshape(20, 24)),
    )
    given: list[tuple[Image.Image, str, dict[str, Any]]] = [
        *((image, kind, {}) for image in (grey, colour) for kind in ("PNG", "TIFF", "BMP", "PPM")),
        *((colour, kind, {}) for kind in ("JPEG", "WEBP", "GIF")),
        *((deep, kind, {}) for kind in ("PNG", "TIFF", "PPM")),
        *(
            (colour, "TIFF", {"compression": way})
            for way in ("tiff_lzw", "tiff_deflate", "packbits")
        ),
        (colour.convert("P"), "PNG", {}),
        (colour.convert("RGBA"), "PNG", {}),
        (colour.convert("CMYK"), "JPEG", {}),
    ]
    files = []
    for image, kind, options in given:
        sink = io.BytesIO()
        image.save(sink, kind, **options)
        files.append(sink.getvalue())
    return files


def read_picture(data: bytes, folder: Path) -> None:
    from benchmark.datasets.codec import UnreadablePicture, decode

    with contextlib.suppress(UnreadablePicture):
        picture = decode(data, "a picture").picture
        assert picture.dtype == np.uint8
        assert picture.shape[2:] in ((), (3,))


def entry_files() -> list[bytes]:
    """What is said of a cache entry, with a sum that is right and with one that is not."""
    from benchmark.inputs import cache

    with tempfile.TemporaryDirectory() as name:
        np.save(Path(name) / "train.npy", np.zeros((3, 2)))
        cache.write_about(Path(name), ["train"], {"train": {"1": "no picture"}}, 0.5)
        return [(Path(name) / "about.json").read_bytes()]


@st.composite
def harmed_entry(draw: st.DrawFn, files: list[bytes]) -> bytes:
    """What is harmed answers to its sum again, else nothing in it would be looked at."""
    from benchmark.inputs import cache

    data = draw(harmed_json(files))
    try:
        about = dict(json.loads(data))
        about["checksum"] = cache._hash({k: v for k, v in about.items() if k != "checksum"})
        return json.dumps(about).encode()
    except (ValueError, TypeError, RecursionError):
        return data


def read_entry(data: bytes, folder: Path) -> None:
    from benchmark.inputs import cache

    entry = cache.folder() / "f" / "features"
    entry.mkdir(parents=True, exist_ok=True)
    np.save(entry / "train.npy", np.zeros((3, 2)))
    (entry / "about.json").write_bytes(data)
    cache.find_entry("f", "features", {"train": 4})


def shard_files() -> list[bytes]:
    sink = io.BytesIO()
    np.save(sink, np.array(["00ff", "0102"]))
    for array in (np.zeros(2), np.ones((2, 3)), np.zeros(2, np.uint8)):
        np.save(sink, array)
    return [sink.getvalue()]


def read_shard(data: bytes, folder: Path) -> None:
    """It answers to its name, or not."""
    from benchmark.inputs import cache, shards

    place = cache.folder() / "pictures" / "features"
    place.mkdir(parents=True, exist_ok=True)
    for name in ("0" * 32, hashlib.blake2b(data, digest_size=16).hexdigest()):
        (place / f"{name}.shard").write_bytes(data)
    for shard in shards.read_shards("features", {b"\x00\xff", b"\x01\x02"}):
        assert len(shard.digests) == len(shard.rows)
    shutil.rmtree(place)


def checkpoint_files() -> list[bytes]:
    import torch

    from models.training.checkpoint import Checkpoint

    with tempfile.TemporaryDirectory() as name:
        file = Checkpoint(Path(name) / "c", "this")
        file.write({"epoch": 3, "weights": {"a": torch.zeros(3, 2)}})
        return [file.path.read_bytes()]


def read_checkpoint(data: bytes, folder: Path) -> None:
    """It ends with its sum, or not."""
    from models.training.checkpoint import Checkpoint

    for ending in (b"", hashlib.sha256(data).digest()):
        (folder / "c").write_bytes(data + ending)
        Checkpoint(folder / "c", "this").read()


WEIGHTS = {"body.weight": (3, 2), "body.bias": (3,), "head.weight": (2, 3)}


def weights_files() -> list[bytes]:
    import torch

    tensors = {name: torch.zeros(shape) for name, shape in WEIGHTS.items()}
    files = []
    for content in (
        tensors,
        {"state_dict": tensors},
        {f"module.{k}": v for k, v in tensors.items()},
    ):
        sink = io.BytesIO()
        torch.save(content, sink)
        files.append(sink.getvalue())
    return files


def read_weights(data: bytes, folder: Path) -> None:
    import torch

    from models import Unavailable
    from models.weights.checkpoint import load_body

    (folder / "w.pth").write_bytes(data)
    body = {name: torch.empty(shape) for name, shape in WEIGHTS.items() if name[:4] == "body"}
    with contextlib.suppress(Unavailable):
        tensors = load_body(folder / "w.pth", body).tensors
        assert all(torch.isfinite(values).all() for values in tensors.values())


READERS = {
    "record": Reader(record_files, harmed_json, read_record),
    "predictions": Reader(
        of_run("predictions/*.parquet"), harmed_parquet, read_predictions, (ResultsError,)
    ),
    "run.json": Reader(of_run("run.json"), harmed_json, read_run),
    "curve.json": Reader(curve_files, harmed_json, read_curve, (ResultsError,), dear=20),
    "leaderboard.csv": Reader(of_run("leaderboard.csv"), harmed_csv, read_table, (ResultsError,)),
    "a board's record": Reader(record_files, harmed_json, read_board, (ResultsError,), dear=20),
    "a board's run.json": Reader(
        of_run("run.json"), harmed_json, read_run_of_board, (ResultsError,), dear=20
    ),
    "a board's predictions": Reader(
        of_run("predictions/*.parquet"),
        harmed_parquet,
        read_board_of_predictions,
        (ResultsError,),
        dear=20,
    ),
}


READERS |= {
    "npz": Reader(array_files, harmed_bytes, read_data("d.npz"), (InputError,)),
    "table.csv": Reader(table_files, harmed_csv, read_data("d.csv"), (InputError,)),
    "table.parquet": Reader(parquet_files, harmed_parquet, read_data("d.parquet"), (InputError,)),
    "picture": Reader(picture_files, harmed_bytes, read_picture),
    "about.json": Reader(entry_files, harmed_entry, read_entry),
    "shard": Reader(shard_files, harmed_bytes, read_shard),
    "checkpoint": Reader(checkpoint_files, harmed_bytes, read_checkpoint),
    "weights": Reader(weights_files, harmed_bytes, read_weights),
}


# --- the tests ------------------------------------------------------------------------------------


def peak() -> int:
    """The most bytes that this process has taken so far."""
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return taken if sys.platform == "darwin" else taken * 1024


def fuzz(name: str, examples: int, folder: Path) -> None:
    reader = READERS[name]
    files, before, places = Files(reader.sound()), peak(), iter(range(10**9))
    (folder / "sound").mkdir()
    reader.read(files[0], folder / "sound")

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(reader.harmed(files))
    def test(data: bytes) -> None:
        place = folder / str(next(places))
        place.mkdir()
        started, said = time.monotonic(), ""
        try:
            reader.read(data, place)
        except reader.refusals as refusal:
            said = str(refusal)
        finally:
            shutil.rmtree(place)
        assert time.monotonic() - started < SECONDS
        assert "\n" not in said

    test()
    assert peak() - before < BYTES


@pytest.fixture(autouse=True)
def spoken_to_nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Warnings are written, but not kept as pytest keeps them: there are a great many."""
    with open(os.devnull, "w", encoding="utf-8", errors="backslashreplace") as nowhere:  # noqa: PTH123
        handler = logging.StreamHandler(nowhere)
        for name in ("results", "benchmark", "models"):
            logger = logging.getLogger(name)
            monkeypatch.setattr(logger, "propagate", False)
            monkeypatch.setattr(logger, "handlers", [handler])
        yield


@pytest.mark.parametrize("name", READERS)
def test_a_harmed_file_is_read_or_refused(name: str, tmp_path: Path) -> None:
    fuzz(name, FEW if READERS[name].dear == 1 else 5, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_many_harmed_files_are_read_or_refused(name: str, tmp_path: Path) -> None:
    fuzz(name, max(EXAMPLES // READERS[name].dear, 5), tmp_path)
