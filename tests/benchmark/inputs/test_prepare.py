"""Pictures turned into the arrays that models eat, once, and kept."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import features
from benchmark import InputError, datasets, plugins
from benchmark.datasets import ArrayPictures, Dataset, Split, UnreadablePicture
from benchmark.datasets.pictures import FilePictures
from benchmark.drafts import new_draft
from benchmark.inputs import cache, shards
from benchmark.inputs.feature_sets import chosen_features
from benchmark.inputs.prepare import prepare
from benchmark.inputs.products import Spec
from benchmark.inputs.watch import Workers
from features import coloured


def spec(columns, side, files=(), seed=42):
    """What to make of each picture, by the features' names."""
    return Spec(columns and chosen_features(columns), side, files, seed)


BOTH = spec("published", 12)
RNG = np.random.default_rng(0)


class Passes:
    """Counts the passes over the pictures, and the pictures in each."""

    def __init__(self):
        self.planned = []
        self.done = []

    @contextlib.contextmanager
    def pictures(self, total, kept):
        self.planned.append(total - kept)
        yield self.done.append

    def busy(self, doing):
        return contextlib.nullcontext(lambda message: None)


def picture(shape=(20, 30, 3)):
    return cv2.GaussianBlur(RNG.integers(0, 256, shape, dtype=np.uint8), (3, 3), 0)


def arrays(count=70, shape=(20, 30, 3)):
    """A dataset in memory: ``count`` pictures in train, fewer in test."""
    splits = {
        name: Split(
            np.arange(n) % 2,
            [f"{name}/{row}" for row in range(n)],
            ArrayPictures(np.stack([picture(shape) for _ in range(n)])),
        )
        for name, n in (("train", count), ("test", 6))
    }
    return Dataset("made", "made", ("cat", "dog"), splits)


@pytest.fixture
def photos(tmp_path):
    """A folder of small pictures, grey and colour, of several shapes and file types."""
    root = tmp_path / "photos"
    shapes = [(20, 30, 3), (9, 7), (12, 12, 3), (16, 9), (31, 12, 3)]
    for split, count in (("train", 5), ("val", 2), ("test", 3)):
        for kind in ("cat", "dog"):
            (root / split / kind).mkdir(parents=True)
            for index in range(count):
                suffix = ("png", "jpg", "tif")[index % 3]
                cv2.imwrite(str(root / split / kind / f"{index}.{suffix}"), picture(shapes[index]))
    return root


def feature_table():
    splits = {
        name: Split(
            np.arange(8) % 2, [f"{name}/{row}" for row in range(8)], table=RNG.random((8, 2))
        )
        for name in ("train", "test")
    }
    return Dataset("table", "table", ("cat", "dog"), splits, ("a", "b"))


def prepared(dataset, chosen=BOTH, workers=1, progress=None):
    return prepare(dataset, chosen, Workers(workers), progress or Passes())


def loaded(files):
    return {name: np.load(path) for name, path in files.items()}


def small(pixels, side):
    """What an image model gets, said another way."""
    if pixels.ndim == 2:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    if pixels.shape[:2] == (side, side):
        return pixels
    shrinks = pixels.shape[0] * pixels.shape[1] > side**2
    return cv2.resize(
        pixels, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )


# --- what comes out --------------------------------------------------------------------------


def test_a_folder_s_images_and_features_are_those_of_its_decoded_files(photos):
    dataset = datasets.load(photos)
    inputs = prepared(dataset)
    compute = features.feature_set("published").compute
    images, table = loaded(inputs.images), loaded(inputs.features)
    for name, split in dataset.splits.items():
        pictures = [FilePictures([photos / name]).load(0) for name in split.ids]
        assert np.array_equal(images[name], [small(pixels, 12) for pixels in pictures])
        assert np.array_equal(table[name], [compute(pixels) for pixels in pictures], equal_nan=True)
    assert images["val"].dtype == np.uint8
    assert table["val"].shape == (4, 48)
    assert inputs.dataset.fingerprint == dataset.fingerprint
    assert inputs.unreadable == {}
    assert inputs.feature_seconds > 0


@pytest.mark.parametrize("shape", [(12, 12), (12, 12, 3), (5, 40), (40, 5, 3), (4, 4), (1, 1, 3)])
def test_resized_pictures_are_opencv_s(shape):
    pixels = picture(shape)
    assert np.array_equal(coloured(pixels, 12), small(pixels, 12))


def test_an_archive_and_the_same_pictures_in_memory_give_the_same(tmp_path):
    made = arrays(8, (10, 11))
    contents = {}
    for name, split in made.splits.items():
        contents |= {f"{name}_images": split.pictures.array, f"{name}_labels": split.labels}
    np.savez(tmp_path / "x.npz", **contents)
    from_file, from_memory = prepared(datasets.load(tmp_path / "x.npz")), prepared(made)
    for what in ("images", "features"):
        one, other = loaded(getattr(from_file, what)), loaded(getattr(from_memory, what))
        assert all(np.array_equal(one[name], other[name]) for name in one)
    assert np.array_equal(
        np.load(from_file.images["test"])[2], small(made.splits["test"].pictures.load(2), 12)
    )


def test_the_number_of_workers_changes_nothing(cache_folder):
    made = arrays()
    passes = Passes()
    one = prepared(made, workers=1, progress=passes)
    images, table = loaded(one.images), loaded(one.features)
    shutil.rmtree(cache_folder)
    two = prepared(made, workers=3, progress=passes)
    for name in made.splits:
        assert np.array_equal(np.load(two.images[name]), images[name])
        assert np.array_equal(np.load(two.features[name]), table[name])
    assert passes.planned == [76, 76]
    assert passes.done[:3] == [64, 6, 6]
    assert sorted(passes.done[3:]) == [6, 6, 64]  # as they come


def test_features_lie_column_by_column_as_in_pandas():
    inputs = prepared(arrays(8))
    assert np.load(inputs.features["train"]).flags.f_contiguous


def test_only_what_is_asked_for_is_made():
    images = prepared(arrays(8), spec(None, 12))
    assert (list(images.features), list(images.images)) == ([], ["train", "test"])
    assert (images.feature_set, images.feature_seconds) == ("", None)
    table = prepared(arrays(8), spec("edge*mean", None))
    assert (list(table.features), list(table.images)) == (["train", "test"], [])
    assert np.load(table.features["test"]).shape == (6, 1)


def test_a_feature_table_is_given_as_it_is(tmp_path):
    rows = ["train,a,1,", "train,b,3,4", "test,a,5,6"]
    (tmp_path / "t.csv").write_text("split,label,x,y\n" + "\n".join(rows) + "\n")
    passes = Passes()
    inputs = prepared(datasets.load(tmp_path / "t.csv"), progress=passes)
    assert np.array_equal(np.load(inputs.features["train"]), [[1, np.nan], [3, 4]], equal_nan=True)
    assert np.load(inputs.features["test"]).tolist() == [[5, 6]]
    assert (inputs.images, inputs.feature_set, passes.planned) == ({}, "given", [])


# --- the cache -------------------------------------------------------------------------------


def test_the_second_time_nothing_is_decoded(photos):
    passes = Passes()
    first = prepared(datasets.load(photos), progress=passes)
    again = prepared(datasets.load(photos), progress=passes)
    assert passes.planned == [20]
    assert again.images == first.images
    assert again.features == first.features
    assert again.feature_seconds == first.feature_seconds


def test_another_size_or_set_is_made_beside_the_first():
    made, passes = arrays(8), Passes()
    first = prepared(made, BOTH, progress=passes)
    larger = prepared(made, spec("published", 16), progress=passes)
    other = prepared(made, spec("edge*haralick", 12), progress=passes)
    assert len(passes.planned) == 3
    assert np.load(larger.images["test"]).shape == (6, 16, 16, 3)
    assert larger.features == first.features
    assert other.images == first.images
    assert np.load(other.features["test"]).shape == (6, 13)


def test_features_of_an_edited_plugin_are_computed_again(tmp_path):
    plugin, made = tmp_path / "plugin.py", arrays(8)
    declares = (
        "from features import measure\n"
        "@measure('Answer', names=['Answer'])\n"
        "def take(image): return [{}]\n"
    )
    values = []
    for answer in (41, 42, 42):
        plugin.write_text(declares.format(answer))
        plugins.load_plugin(plugin)
        inputs = prepared(made, spec("edge*Answer", None, (str(plugin),)))
        values.append((np.load(inputs.features["test"])[0, 0], inputs.feature_definition))
    features.forget_features(str(plugin))
    assert [value for value, _ in values] == [41, 42, 42]
    assert values[0][1] != values[1][1] == values[2][1]


def truncate_array(entry):
    content = (entry / "train.npy").read_bytes()
    (entry / "train.npy").write_bytes(content[: len(content) // 2])


def empty_array(entry):
    (entry / "train.npy").write_bytes(b"")


def other_length(entry):
    np.save(entry / "train.npy", np.load(entry / "train.npy")[:-1])


def garbage_in_about(entry):
    (entry / "about.json").write_text('{"unreadable": ')


def list_in_about(entry):
    (entry / "about.json").write_text("[]")


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)


def other_pixel(entry):
    flip_a_bit(entry / "train.npy")


@pytest.mark.parametrize(
    "damage",
    [
        truncate_array,
        empty_array,
        other_length,
        other_pixel,
        garbage_in_about,
        list_in_about,
        lambda entry: (entry / "train.npy").unlink(),
        lambda entry: (entry / "about.json").unlink(),
        shutil.rmtree,
    ],
)
def test_a_damaged_entry_is_made_again(damage):
    made, passes, chosen = arrays(8, (8, 9)), Passes(), spec(None, 6)
    first = prepared(made, chosen, progress=passes)
    kept = loaded(first.images)
    damage(first.images["train"].parent)
    again = prepared(made, chosen, progress=passes)
    assert all(np.array_equal(np.load(again.images[name]), kept[name]) for name in kept)
    whole = again.images["train"].stat().st_mtime_ns
    prepared(made, chosen, progress=passes)
    assert again.images["train"].stat().st_mtime_ns == whole
    assert passes.planned == [14]  # what was made of each picture was still there


def test_only_the_damaged_entry_is_made_again():
    made, chosen = arrays(8, (8, 9)), spec("original*mean", 6)
    first = prepared(made, chosen)
    kept = loaded(first.features)
    images = first.images["train"].stat().st_mtime_ns
    truncate_array(first.features["train"].parent)
    again = prepared(made, chosen)
    assert all(np.array_equal(np.load(again.features[name]), kept[name]) for name in kept)
    assert again.images["train"].stat().st_mtime_ns == images


@pytest.mark.parametrize(
    ("said", "instead"), [('"feature_seconds": ', '"feature_seconds": 1'), ("cat/0", "cat/1")]
)
def test_a_changed_word_about_an_entry_is_not_believed(photos, said, instead):
    spoil(photos / "train/cat/0.png")
    first = prepared(datasets.load(photos))
    about = first.features["train"].with_name("about.json")
    text = about.read_text()
    assert said in text
    about.write_text(text.replace(said, instead))
    again = prepared(datasets.load(photos))
    assert again.feature_seconds == pytest.approx(first.feature_seconds)
    assert again.unreadable == first.unreadable


def test_entries_that_leave_out_other_pictures_are_made_again():
    made, passes = arrays(8, (8, 9)), Passes()
    images = prepared(made, spec(None, 6)).images["train"].parent
    shorter = {name: np.load(images / f"{name}.npy") for name in ("train", "test")}
    with cache.new_entry(made.fingerprint, images.name, {"train": 8, "test": 6}) as draft:
        np.save(draft / "train.npy", shorter["train"][1:])
        np.save(draft / "test.npy", shorter["test"])
        cache.write_about(draft, shorter, {"train": {"0": "a fault"}, "test": {}}, None)
    inputs = prepared(made, spec("edge*mean", 6), progress=passes)
    assert inputs.unreadable == {}
    assert np.array_equal(np.load(inputs.images["train"]), shorter["train"])
    assert len(np.load(inputs.features["train"])) == 8


def test_drafts_of_killed_runs_on_other_datasets_are_removed(cache_folder):
    for name in ("f00d", "beef"):
        (cache_folder / name).mkdir()
    dead, alive = (new_draft(cache_folder / name, ".tmp-") for name in ("f00d", "beef"))
    place, *_ = (dead / ".owner").read_text().split()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (dead / ".owner").write_text(f"{place} {gone.pid} 0")
    (dead / "train.npy").write_text("half")
    prepared(arrays(8, (8, 9)), spec(None, 6))
    assert not dead.parent.exists()
    assert alive.exists()


@pytest.mark.parametrize("mode", [0o700, 0o775, 0o2770])
def test_entries_have_the_permissions_of_the_folder_that_they_lie_in(cache_folder, mode):
    cache_folder.chmod(mode)
    umask = os.umask(0)
    try:
        (cache_folder / "f00d").mkdir(mode=mode & 0o777)
        (cache_folder / "f00d").chmod(mode)
        with cache.new_entry("f00d", "kind", {"train": 3}) as draft:
            (draft / "train.npy").write_text("x")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((cache_folder / "f00d/kind").stat().st_mode) == mode


def test_a_damaged_entry_of_the_future_is_replaced():
    made = arrays(8, (8, 9))
    file = prepared(made, spec(None, 6)).images["train"]
    kept = file.read_bytes()
    file.write_bytes(kept[:-5])
    tomorrow = time.time() + 24 * 3600
    for path in (file, file.parent):
        os.utime(path, (tomorrow, tomorrow))
    assert prepared(made, spec(None, 6)).images["train"].read_bytes() == kept


@pytest.mark.parametrize("dataset", [arrays(8, (8, 9)), feature_table()], ids=["pictures", "table"])
def test_files_that_somebody_took_away_are_made_again(dataset):
    inputs = prepared(dataset, spec("edge*mean", 6))
    files = [*inputs.features.values(), *inputs.images.values()]
    kept = [file.read_bytes() for file in files]
    assert len(kept) == (2 if inputs.dataset.columns else 4)
    shutil.rmtree(cache.folder())
    inputs.restore()
    assert [file.read_bytes() for file in files] == kept


def test_a_cache_that_is_emptied_while_it_is_filled_is_filled_again(monkeypatch):
    made, emptied = arrays(8, (8, 9)), []
    written = shards.write_shard

    def write_and_empty(kind, shard, draft):
        if not emptied:
            emptied.append(shutil.rmtree(cache.folder()))
        written(kind, shard, draft)

    monkeypatch.setattr("benchmark.inputs.arrays.write_shard", write_and_empty)
    assert len(np.load(prepared(made, spec(None, 6)).images["train"])) == 8
    assert emptied


def test_a_cache_that_is_emptied_again_and_again_is_one_line(monkeypatch):
    def empty(kind, shard, draft):
        shutil.rmtree(cache.folder())
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("benchmark.inputs.arrays.write_shard", empty)
    with pytest.raises(InputError, match="was removed while it was filled"):
        prepared(arrays(8, (8, 9)), spec(None, 6))


# In processes: Python before 3.11.8 reads an array's header wrongly in two threads at a time.
RACING = """
import multiprocessing, sys
import numpy as np
from benchmark.inputs import cache

def make(started):
    for number in range(20):
        with cache.new_entry(f"f00d{number}", "kind", {"train": 3}) as draft:
            np.save(draft / "train.npy", np.arange(3))
            cache.write_about(draft, ["train"], {}, None)
            started.wait(60)

if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    started = spawn.Barrier(2)
    runs = [spawn.Process(target=make, args=(started,)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    sys.exit(any(run.exitcode for run in runs))
"""


def test_two_runs_that_make_one_entry_at_a_time_both_have_it(tmp_path):
    (tmp_path / "racing.py").write_text(RACING)
    root = Path(cache.__file__).parents[2]
    env = os.environ | {"PYTHONPATH": str(root)}
    subprocess.run([sys.executable, str(tmp_path / "racing.py")], cwd=root, env=env, check=True)
    for number in range(20):
        assert cache.find_entry(f"f00d{number}", "kind", {"train": 3}) is not None
        assert [path.name for path in (cache.folder() / f"f00d{number}").iterdir()] == ["kind"]


def test_an_entry_that_fails_half_way_leaves_nothing():
    def fail():
        with cache.new_entry("f00d", "kind", {"train": 3}) as draft:
            (draft / "train.npy").write_text("half")
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()
    assert not (cache.folder() / "f00d").exists()


def test_a_cache_that_is_a_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"file can't be written to .*; set BENCHMARK_CACHE"):
        prepared(arrays(8))


# --- what is kept of each picture ------------------------------------------------------------


def test_ten_more_pictures_are_ten_to_prepare(photos):
    passes = Passes()
    first = loaded(prepared(datasets.load(photos), progress=passes).features)
    for index in range(10):
        cv2.imwrite(str(photos / f"train/dog/new-{index}.png"), picture())
    inputs = prepared(datasets.load(photos), progress=passes)
    assert passes.planned == [20, 10]
    table = np.load(inputs.features["train"])
    assert np.array_equal(table[:10], first["train"])
    split = datasets.load(photos).splits["train"]
    compute = features.feature_set("published").compute
    assert np.array_equal(table[10:], [compute(split.pictures.load(row)) for row in range(10, 20)])
    assert inputs.feature_seconds > 0


def test_pictures_are_known_by_what_they_show_wherever_they_lie(photos, tmp_path):
    passes = Passes()
    first = prepared(datasets.load(photos), progress=passes)
    shutil.copytree(photos, tmp_path / "copy")
    (tmp_path / "copy/train/cat/0.png").rename(tmp_path / "copy/test/dog/renamed.png")
    cv2.imwrite(str(tmp_path / "copy/train/cat/1.jpg"), picture())
    inputs = prepared(datasets.load(tmp_path / "copy"), progress=passes)
    assert passes.planned == [20, 1]
    moved = np.load(inputs.features["test"])[-1]
    assert np.array_equal(moved, np.load(first.features["train"])[0])


def test_the_same_picture_twice_has_its_row_twice(photos):
    shutil.copy(photos / "train/cat/0.png", photos / "test/cat/9.png")
    first = prepared(datasets.load(photos))
    shutil.rmtree(first.features["train"].parents[1])
    passes = Passes()
    inputs = prepared(datasets.load(photos), progress=passes)
    assert passes.planned == []
    row = np.load(inputs.images["train"])[0]
    assert np.array_equal(np.load(inputs.images["test"])[3], row)


def test_a_part_of_a_dataset_is_not_made_again_and_travels_as_files(photos):
    passes, dataset = Passes(), datasets.load(photos)
    whole = prepared(dataset, progress=passes)
    keep = {name: np.arange(len(split)) for name, split in dataset.splits.items()}
    part = dataset.only({**keep, "train": np.array([1, 6, 8])})
    part = part.only({**keep, "train": np.array([0, 2])})
    found = prepared(part, progress=passes)
    assert passes.planned == [20]
    assert np.array_equal(
        np.load(found.features["train"]), np.load(whole.features["train"])[[1, 8]]
    )
    taken = part.splits["train"].pictures.take(np.array([1]))
    assert [path.relative_to(photos).as_posix() for path in taken.paths] == [
        dataset.splits["train"].ids[8]
    ]


class Stopped(Exception):
    pass


class StopsAfter(Passes):
    """Stops the pass when so many pictures are prepared, as Ctrl-C does."""

    def __init__(self, count):
        super().__init__()
        self.count = count

    @contextlib.contextmanager
    def pictures(self, total, kept):
        def advance(count):
            self.done.append(count)
            if sum(self.done) >= self.count:
                raise Stopped

        yield advance


@pytest.mark.parametrize("columns", ["published", "edge*mean,colour_patch_1_0"])
def test_a_stopped_pass_goes_on_where_it_stopped(columns):
    made, chosen, passes = arrays(314), spec(columns, 12), Passes()
    with pytest.raises(Stopped):
        prepared(made, chosen, progress=StopsAfter(256))
    goes_on = prepared(made, chosen, progress=passes)
    assert passes.planned == [64]
    kept = [loaded(goes_on.features), loaded(goes_on.images)]
    shutil.rmtree(cache.folder())
    unbroken = prepared(made, chosen)
    for one, other in zip(kept, [loaded(unbroken.features), loaded(unbroken.images)], strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in made.splits)


KILLED = """
import contextlib, os, signal, sys
from benchmark import datasets
from benchmark.inputs.feature_sets import chosen_features
from benchmark.inputs.prepare import prepare
from benchmark.inputs.products import Spec
from benchmark.inputs.watch import Workers

class Progress:
    @contextlib.contextmanager
    def pictures(self, total, kept):
        yield lambda count: os.kill(os.getpid(), signal.SIGKILL)

    @contextlib.contextmanager
    def busy(self, doing):
        yield lambda message: None

if __name__ == "__main__":
    spec = Spec(chosen_features("published"), 12)
    prepare(datasets.load(sys.argv[1]), spec, Workers(1), Progress())
"""


def test_what_a_killed_run_has_prepared_is_kept(tmp_path):
    for split, count in (("train", 80), ("test", 8)):
        for index in range(count):
            path = tmp_path / "photos" / split / ("cat", "dog")[index % 2] / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), picture((8, 9)))
    (tmp_path / "killed.py").write_text(KILLED)
    command = [sys.executable, str(tmp_path / "killed.py"), str(tmp_path / "photos")]
    root = Path(cache.__file__).parents[2]
    ended = subprocess.run(command, cwd=root, env=os.environ | {"PYTHONPATH": str(root)})
    assert ended.returncode == -signal.SIGKILL
    passes = Passes()
    inputs = prepared(datasets.load(tmp_path / "photos"), progress=passes)
    assert passes.planned == [88 - 64]
    compute = features.feature_set("published").compute
    split = datasets.load(tmp_path / "photos").splits["train"]
    expected = [compute(split.pictures.load(row)) for row in range(80)]
    assert np.array_equal(np.load(inputs.features["train"]), expected)
    assert list(cache.folder().rglob(".tmp-*")) == []  # the killed run's draft


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    "damage", [flip_a_bit, cut, lambda path: path.write_bytes(b""), lambda path: path.unlink()]
)
def test_a_damaged_shard_is_not_believed(damage):
    made, chosen, passes = arrays(200, (8, 9)), spec(None, 6), Passes()
    first = prepared(made, chosen)
    kept = loaded(first.images)
    shutil.rmtree(first.images["train"].parents[1])
    pieces = sorted(cache.folder().rglob("*.shard"))
    assert len(pieces) == 5
    damage(max(pieces, key=lambda path: path.stat().st_size))
    again = prepared(made, chosen, progress=passes)
    assert passes.planned == [64]
    assert all(np.array_equal(np.load(again.images[name]), kept[name]) for name in kept)
    assert len(list(cache.folder().rglob("*.shard"))) == 5


def test_a_plugin_s_digests_hold_within_its_dataset():
    class Numbered:
        """Pictures in memory whose digest is no more than their number."""

        def __init__(self, array):
            self.array = array

        def __len__(self):
            return len(self.array)

        def digest(self, index):
            return bytes([index])

        def load(self, index):
            return self.array[index]

    def dataset(pixel):
        splits = {
            name: Split(
                np.arange(length) % 2,
                [f"{name} {row} of {pixel}" for row in range(length)],
                Numbered(np.full((length, 5, 5), pixel, np.uint8)),
            )
            for name, length in (("train", 6), ("test", 4))
        }
        return Dataset("made", "made", ("a", "b"), splits)

    for pixel in (10, 20):
        inputs = prepared(dataset(pixel), spec("original*mean", None))
        assert np.load(inputs.features["train"])[:, 0].tolist() == [pixel] * 6


def test_a_full_disk_is_one_line(tmp_path):
    code = """
import resource, sys
import numpy as np
from benchmark import InputError, datasets
from benchmark.inputs.feature_sets import chosen_features
from benchmark.inputs.prepare import prepare
from benchmark.inputs.products import Spec
from benchmark.inputs.watch import Workers
from benchmark.progress import Progress

dataset = datasets.load("digits")
dataset.fingerprint
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    prepare(dataset, Spec(None, 32), Workers(1), Progress())
except InputError as error:
    print(error)
"""
    root = Path(cache.__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "can't be written to" in ended.stdout


# --- unreadable pictures ---------------------------------------------------------------------


def spoil(path):
    path.write_bytes(path.read_bytes()[:60])


def test_unreadable_pictures_are_left_out_and_listed(photos, capfd):
    whole = prepared(datasets.load(photos))
    spoil(photos / "train/cat/0.png")
    (photos / "test/dog/1.jpg").write_bytes(b"")
    dataset = datasets.load(photos)
    inputs = prepared(dataset)
    assert list(inputs.unreadable) == ["train/cat/0.png", "test/dog/1.jpg"]
    assert "damaged" in inputs.unreadable["train/cat/0.png"]
    assert "empty file" in inputs.unreadable["test/dog/1.jpg"]
    test = inputs.dataset.splits["test"]
    assert list(test.ids) == [f"test/{x}" for x in (
        "cat/0.png", "cat/1.jpg", "cat/2.tif", "dog/0.png", "dog/2.tif")]  # fmt: skip
    assert test.labels.tolist() == [0, 0, 0, 1, 1]
    assert np.array_equal(
        np.load(inputs.images["test"]), np.load(whole.images["test"])[[0, 1, 2, 3, 5]]
    )
    assert np.array_equal(np.load(inputs.features["train"]), np.load(whole.features["train"])[1:])
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("columns", ["edge*mean", "colour_patch_1_0"])
def test_a_file_that_goes_while_it_is_read_is_not_kept_as_unreadable(photos, columns):
    dataset = datasets.load(photos)
    assert dataset.fingerprint
    (photos / "train/cat/0.png").rename(photos / "away")
    with pytest.raises(InputError, match=r"cat/0.png: No such file .* comes and goes: try again"):
        prepared(dataset, spec(columns, None))
    (photos / "away").rename(photos / "train/cat/0.png")
    assert prepared(datasets.load(photos), spec(columns, None)).unreadable == {}


def test_a_file_that_comes_while_it_is_read_is_not_kept_under_the_hash_of_nothing(photos):
    dataset = datasets.load(photos)
    (photos / "train/cat/0.png").rename(photos / "away")
    assert dataset.fingerprint
    (photos / "away").rename(photos / "train/cat/0.png")
    with pytest.raises(InputError, match=r"cat/0.png: could not be read at first"):
        prepared(dataset)


def test_unreadable_pictures_are_remembered_by_the_cache(photos):
    spoil(photos / "train/cat/0.png")
    passes = Passes()
    first = prepared(datasets.load(photos), progress=passes)
    again = prepared(datasets.load(photos), progress=passes)
    assert passes.planned == [20]
    assert again.unreadable == first.unreadable
    assert again.dataset.fingerprint == first.dataset.fingerprint
    smaller = prepared(datasets.load(photos), spec("published", 6), progress=passes)
    assert smaller.unreadable == first.unreadable


def test_too_many_unreadable_pictures_are_refused_and_nothing_is_kept(photos, cache_folder, capfd):
    for path in sorted((photos / "train").rglob("*.*"))[:6]:
        spoil(path)
    with pytest.raises(InputError, match="more than a quarter of its 20 files are no pictures"):
        prepared(datasets.load(photos))
    assert [path.name for path in cache_folder.rglob("*.npy")] == []
    assert capfd.readouterr().err == ""


def test_no_readable_picture_at_all_is_refused(photos):
    for path in photos.rglob("*.*"):
        path.write_text("no picture")
    with pytest.raises(InputError, match="give pictures, or take the damaged files away"):
        prepared(datasets.load(photos))


def test_a_split_without_a_readable_picture_is_left_out(photos):
    for path in (photos / "val").rglob("*.*"):
        spoil(path)
    passes = Passes()
    inputs = prepared(datasets.load(photos), progress=passes)
    assert list(inputs.dataset.splits) == list(inputs.images) == ["train", "test"]
    prepared(datasets.load(photos), progress=passes)
    assert len(passes.planned) == 1


def test_a_class_without_a_readable_training_picture_is_refused(photos, cache_folder):
    for path in (photos / "train/cat").iterdir():
        spoil(path)
    with pytest.raises(InputError, match=r"one class in train \(dog\)"):
        prepared(datasets.load(photos))
    assert [path.name for path in cache_folder.rglob("*.npy")] == []


class Faulty:
    """Pictures of a plugin's own kind: the first hundred can't be read."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def digest(self, index):
        return b"%d" % index

    def load(self, index):
        if index < 100:
            raise UnreadablePicture(f"picture {index} is gone")
        return np.full((5, 5), index % 256, dtype=np.uint8)


def test_a_whole_batch_of_unreadable_pictures_is_left_out():
    splits = {
        "train": Split(np.arange(600) % 2, [str(row) for row in range(600)], Faulty(600)),
        "test": Split(np.arange(4) % 2, list("abcd"), ArrayPictures(np.zeros((4, 5, 5), np.uint8))),
    }
    inputs = prepared(Dataset("faulty", "faulty", ("a", "b"), splits), spec("original*mean", 5))
    assert len(inputs.unreadable) == 100
    assert inputs.unreadable["99"] == "picture 99 is gone"
    expected = [row % 256 for row in range(100, 600)]
    assert np.load(inputs.features["train"])[:, 0].tolist() == expected
    assert np.load(inputs.images["train"])[:, 2, 3, 1].tolist() == expected
    assert inputs.dataset.splits["train"].ids[0] == "100"


# --- features that are fitted -----------------------------------------------------------------


def test_fitted_features_learn_from_train_alone_and_from_the_seed():
    columns = "colour_patch_1_0,colour_patch_4_3"
    made = arrays(12, (16, 16, 3))
    others = {**made.splits, "test": replace(made.splits["test"], pictures=ArrayPictures(
        255 - made.splits["test"].pictures.array))}  # fmt: skip
    changed = replace(made, splits=others)
    first = loaded(prepared(made, spec(columns, None)).features)
    second = loaded(prepared(changed, spec(columns, None)).features)
    np.testing.assert_array_equal(first["train"], second["train"])
    assert not np.array_equal(first["test"], second["test"])
    reseeded = loaded(prepared(made, spec(columns, None, seed=1)).features)
    assert not np.array_equal(first["train"], reseeded["train"])


def test_fitted_features_are_those_of_a_set_fitted_by_hand():
    columns, made = "colour_patch_1_0,colour_patch_4_3", arrays(12, (16, 16, 3))
    found = loaded(prepared(made, spec(columns, None), workers=2).features)
    fitted = features.feature_set(columns).fit(list(made.splits["train"].pictures.array), 42)
    for split, table in found.items():
        expected = [fitted.compute(picture) for picture in made.splits[split].pictures.array]
        np.testing.assert_allclose(table, expected, rtol=1e-9)


# A measure's own numbers say what it was fitted on: each picture's column is the train's mean.
TRAIN_MEAN = """
import functools
import numpy as np
from features import fitted_measure

def take(mean, image):
    return [mean]

@fitted_measure("trainmean", names=("tm",))
def fit(images, seed):
    return functools.partial(take, seed * 1000 + np.mean([image.mean() for image in images]))
"""


@pytest.fixture
def train_mean(tmp_path):
    """What is to be made for the column ``original_tm``, of a plugin's file."""
    plugin = tmp_path / "plugin.py"
    plugin.write_text(TRAIN_MEAN)
    plugins.load_plugin(plugin)
    yield spec("original_tm", None, (str(plugin),), seed=1)
    features.forget_features(str(plugin))


def plain(splits):
    """A dataset of pictures each of which has one value throughout."""
    return Dataset("plain", "plain", ("a", "b"), {
        name: Split(
            np.arange(len(values)) % 2,
            [f"{name}/{row}" for row in range(len(values))],
            ArrayPictures(np.tile(np.array(values, np.uint8)[:, None, None], (1, 5, 5))),
        )
        for name, values in splits.items()
    })  # fmt: skip


def column(inputs):
    """What a table's only column holds, split by split."""
    return {name: set(table[:, 0]) for name, table in loaded(inputs.features).items()}


def test_other_train_pictures_are_another_fit_whatever_is_kept(train_mean):
    first, more = {"train": [10, 20], "test": [90, 50]}, {"train": [10, 20, 60], "test": [90, 50]}
    exchanged = {"train": first["test"], "test": first["train"]}
    for splits, mean in ((first, 15), (more, 30), (exchanged, 70), (first, 15)):
        found = column(prepared(plain(splits), train_mean))
        assert found == {"train": {1000 + mean}, "test": {1000 + mean}}


def test_another_seed_is_another_fit_whatever_is_kept(train_mean):
    made = plain({"train": [10, 20], "test": [90, 50]})
    for seed in (1, 2, 1):
        found = column(prepared(made, replace(train_mean, seed=seed)))
        assert found["test"] == {seed * 1000 + 15}


def test_learnt_patches_with_one_more_train_picture_are_those_of_an_empty_cache(cache_folder):
    columns = "edge*mean,colour_patch_1_0,colour_patch_4_3"
    more = arrays(13, (16, 16, 3))
    keep = {name: np.arange(len(split)) for name, split in more.splits.items()}
    fewer = more.only({**keep, "train": np.arange(12)})
    prepared(fewer, spec(columns, None))
    found = loaded(prepared(more, spec(columns, None)).features)
    shutil.rmtree(cache_folder)
    alone = loaded(prepared(more, spec(columns, None)).features)
    for name, table in alone.items():
        np.testing.assert_array_equal(found[name], table)


def test_columns_that_are_not_fitted_are_computed_once_a_picture(train_mean, tmp_path):
    log, plugin = tmp_path / "log", tmp_path / "counted.py"
    plugin.write_text(
        "from features import measure\n"
        "@measure('counted', names=['counted'])\n"
        "def take(image):\n"
        f"    with open({str(log)!r}, 'a') as log: log.write('.')\n"
        "    return [image.max()]\n"
    )
    plugins.load_plugin(plugin)
    files = (*train_mean.plugin_files, str(plugin))
    columns = "original_tm,original_counted,original_mean"
    chosen = replace(train_mean, features=chosen_features(columns), plugin_files=files)
    passes = Passes()
    for train in ([10, 20], [10, 20, 60]):
        found = loaded(prepared(plain({"train": train, "test": [90]}), chosen, 1, passes).features)
        mean = 1000 + np.mean(train)
        assert found["train"].tolist() == [[mean, value, value] for value in train]
        assert found["test"].tolist() == [[mean, 90, 90]]
    features.forget_features(str(plugin))
    assert len(log.read_text()) == 4
    assert passes.planned == [3, 4]
