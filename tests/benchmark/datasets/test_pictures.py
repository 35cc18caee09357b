"""Pictures wherever they lie: what travels to a worker, and files that change under our hands."""

import pickle

import cv2
import numpy as np
import pytest

from benchmark.datasets import ArrayPictures, Split, UnreadablePicture
from benchmark.datasets.pictures import ChangedPicture, FilePictures, PicturesOfRows


def numbered(count, shape=(4, 5)):
    """Pictures that are filled with their own number."""
    return np.full((count, *shape), 0, np.uint8) + np.arange(count, dtype=np.uint8).reshape(
        -1, *[1] * len(shape)
    )


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(6)]
    for number, path in enumerate(paths):
        cv2.imwrite(str(path), numbered(6)[number])
    return FilePictures(paths)


class Numbered:
    """A plugin's pictures: nothing of ours, and the third is gone."""

    lock = None

    def __init__(self):
        self.lock = (value for value in ())  # a generator can't be pickled

    def __len__(self):
        return 6

    def digest(self, index):
        return bytes([index])

    def load(self, index):
        if index == 3:
            raise UnreadablePicture("number 3 is gone")
        return numbered(6)[index]


def foreign():
    return Split(np.zeros(6, np.int64), list("abcdef"), Numbered()).pictures


def shown(pictures):
    return [int(pictures.load(index)[0, 0]) for index in range(len(pictures))]


@pytest.mark.parametrize("kind", ["array", "files", "rows", "foreign"])
def test_what_is_taken_travels_and_shows_the_same_pictures(files, kind):
    pictures = {
        "array": lambda: ArrayPictures(numbered(6)),
        "files": lambda: files,
        "rows": lambda: PicturesOfRows(
            ArrayPictures(numbered(9)), [bytes([k]) for k in range(9)], np.arange(6)
        ),
        "foreign": foreign,
    }[kind]()
    taken = pickle.loads(pickle.dumps(pictures.take(np.array([4, 0, 5]))))  # noqa: S301
    assert len(taken) == 3
    assert shown(taken) == [4, 0, 5]


def test_what_can_t_be_read_is_said_where_it_arrives():
    taken = pickle.loads(pickle.dumps(foreign().take([2, 3])))  # noqa: S301
    assert taken.load(0)[0, 0] == 2
    with pytest.raises(UnreadablePicture, match="number 3 is gone"):
        taken.load(1)


def test_of_a_large_array_only_what_is_taken_travels():
    whole = ArrayPictures(np.zeros((1000, 32, 32), np.uint8))
    assert len(pickle.dumps(whole.take(np.arange(3)))) < 5000


def test_rows_of_rows_are_those_of_the_whole(files):
    digests = [files.digest(index) for index in range(6)]
    some = PicturesOfRows(files, digests, np.array([5, 1, 3]))
    assert shown(some) == [5, 1, 3]
    assert some.digest(2) == digests[3]
    assert [path.name for path in some.take([2, 0]).paths] == ["3.png", "5.png"]
    assert some.are_content_digests


def test_digests_of_ours_are_of_content_and_a_plugin_s_are_its_own(files, tmp_path):
    (tmp_path / "copy.png").write_bytes(files.paths[2].read_bytes())
    assert FilePictures([tmp_path / "copy.png"]).digest(0) == files.digest(2)
    assert files.digest(1) != files.digest(2)
    assert files.are_content_digests
    assert ArrayPictures(numbered(6)).are_content_digests
    assert not foreign().are_content_digests


@pytest.mark.parametrize("taken", [False, True])
def test_a_file_that_was_written_to_after_it_was_hashed_is_not_shown(files, taken):
    files.digest(1)
    files.paths[1].write_bytes(files.paths[2].read_bytes())
    pictures = files.take([0, 1]) if taken else files
    assert pictures.load(0)[0, 0] == 0
    with pytest.raises(ChangedPicture, match=r"1\.png: held something else at first; .* try again"):
        pictures.load(1)


def test_a_file_that_nobody_hashed_is_shown_as_it_is(files):
    files.paths[1].write_bytes(files.paths[2].read_bytes())
    assert files.load(1)[0, 0] == 2
