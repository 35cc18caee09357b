"""Folders of pictures: the layouts, the decoding, and what is wrong with them."""

import os
import shutil
import unicodedata

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps
from skimage.util import img_as_ubyte

from benchmark import InputError, datasets
from benchmark.datasets import UnreadablePicture
from benchmark.datasets.pictures import FilePictures

SMOOTH = cv2.resize(
    np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8),
    (60, 40),
    interpolation=cv2.INTER_CUBIC,
)


def decode(path):
    """The one picture of a file."""
    return FilePictures([path]).load(0)


def save(path, index=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.roll(SMOOTH, index, axis=0)).save(path)


def fill(folder, count=3, suffix="png"):
    for index in range(count):
        save(folder / f"{index}.{suffix}", index)


def photos(root, splits=("train", "val", "test"), classes=("cat", "dog")):
    for split in splits:
        for kind in classes:
            fill(root / split / kind)
    return root


# --- layouts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("val", ["val", "VAL", "Valid", "validation"])
def test_split_folders_in_any_case(tmp_path, val):
    made = datasets.load(photos(tmp_path, ("Train", val, "TEST")))
    assert list(made.splits) == ["train", "val", "test"]
    assert made.classes == ("cat", "dog")
    assert made.splits["val"].labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert made.splits["val"].ids[0] == f"{val}/cat/0.png"
    assert np.array_equal(made.splits["val"].pictures.load(4), np.roll(SMOOTH, 1, axis=0))


def test_a_folder_without_splits_is_split_by_seed(tmp_path):
    for kind in ("cat", "dog"):
        fill(tmp_path / kind, 20, "bmp")
    one, again, other = (datasets.load(tmp_path, seed=seed) for seed in (1, 1, 2))
    assert {name: len(split) for name, split in one.splits.items()} == {
        "train": 28, "val": 6, "test": 6,
    }  # fmt: skip
    assert all(split.labels.mean() == 0.5 for split in one.splits.values())
    everything = sorted(identity for split in one.splits.values() for identity in split.ids)
    assert everything == sorted(f"{kind}/{i}.bmp" for kind in ("cat", "dog") for i in range(20))
    assert one.fingerprint == again.fingerprint != other.fingerprint


def test_the_place_of_a_folder_is_not_its_content(tmp_path):
    here = photos(tmp_path / "here")
    there = shutil.copytree(here, tmp_path / "there")
    assert datasets.load(here).fingerprint == datasets.load(there).fingerprint
    save(there / "test/dog/1.png", 5)
    assert datasets.load(here).fingerprint != datasets.load(there).fingerprint


def test_hidden_files_and_files_that_are_no_pictures_are_passed_over(tmp_path):
    made = datasets.load(photos(tmp_path)).fingerprint
    (tmp_path / ".cache/cat").mkdir(parents=True)
    (tmp_path / "README.txt").write_text("about the photos")
    (tmp_path / "train/cat/notes.csv").write_text("a,b")
    save(tmp_path / "train/cat/._0.png")
    save(tmp_path / "train/cat/.ipynb_checkpoints/0-checkpoint.png")
    assert datasets.load(tmp_path).fingerprint == made


def test_pictures_deeper_in_a_class_folder_belong_to_the_class(tmp_path):
    save(photos(tmp_path) / "train/cat/2021/may/x.JPG")
    assert "train/cat/2021/may/x.JPG" in datasets.load(tmp_path).splits["train"].ids


def test_links_that_lead_nowhere_or_in_circles_add_nothing(tmp_path):
    made = datasets.load(photos(tmp_path)).fingerprint
    (tmp_path / "train/cat/circle").symlink_to(tmp_path)
    (tmp_path / "train/cat/self.png").symlink_to(tmp_path / "train/cat/self.png")
    (tmp_path / "train/dog/lost.png").symlink_to(tmp_path / "lost.png")
    assert datasets.load(tmp_path).fingerprint == made


def test_a_linked_class_folder_and_a_linked_picture_count(tmp_path):
    fill(tmp_path / "elsewhere/owl")
    photos(tmp_path / "photos", classes=("cat", "dog", "owl"))
    shutil.rmtree(tmp_path / "photos/train/owl")
    (tmp_path / "photos/train/owl").symlink_to(tmp_path / "elsewhere/owl")
    (tmp_path / "photos/train/cat/linked.png").symlink_to(tmp_path / "elsewhere/owl/1.png")
    train = datasets.load(tmp_path / "photos").splits["train"]
    assert np.bincount(train.labels).tolist() == [4, 3, 3]


@pytest.mark.parametrize("name", ["grüne Ähre", "褶皱", "a [x] 100%;'\"", "nan", "train", "-n"])
def test_any_name_of_a_class_and_of_a_picture_is_kept(tmp_path, name):
    photos(tmp_path, classes=("cat", name))
    save(tmp_path / f"train/{name}/{name}.png", 1)
    made = datasets.load(tmp_path)
    train = made.splits["train"]
    assert name in made.classes
    index = list(train.ids).index(f"train/{name}/{name}.png")
    assert np.array_equal(train.pictures.load(index), np.roll(SMOOTH, 1, axis=0))


def test_a_name_in_no_encoding_is_shown_and_its_picture_read(tmp_path):
    odd = os.fsencode(photos(tmp_path) / "test/cat") + b"/\xff.png"
    shutil.copy(tmp_path / "test/cat/0.png", odd)
    test = datasets.load(tmp_path).splits["test"]
    index = list(test.ids).index("test/cat/\\xff.png")
    assert np.array_equal(test.pictures.load(index), SMOOTH)


def test_an_empty_class_folder_is_no_class(tmp_path):
    (photos(tmp_path) / "train/owl").mkdir()
    assert datasets.load(tmp_path).classes == ("cat", "dog")


def no_folders(root):
    fill(root)


def no_pictures(root):
    for kind in ("cat", "dog"):
        (root / kind).mkdir()
        (root / kind / "notes.txt").write_text("none")


def one_class(root):
    fill(root / "cat", 9)


def strange_folder(root):
    photos(root)
    fill(root / "holdout/cat")


def twice(root):
    photos(root)
    fill(root / "Validation/cat")


def train_without_classes(root):
    photos(root, ("val", "test"))
    fill(root / "train")


def strange_class(root):
    photos(root)
    fill(root / "test/owl")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda root: None, "holds no folders; give each class a folder"),
        (no_folders, "holds no folders; give each class a folder"),
        (no_pictures, r"holds no pictures; wanted are files ending in \.apng"),
        (one_class, r"one class in train \(cat\)"),
        (strange_folder, "holdout is no split folder"),
        (twice, "two folders for the split val"),
        (train_without_classes, "train holds pictures but no folders"),
        (lambda root: photos(root, ("train",)), "nothing to score on"),
        (lambda root: photos(root, ("val", "test")), "no train split"),
        (strange_class, "class 'owl' is in test but not in train"),
        (lambda root: [fill(root / "cat", 2), fill(root / "dog", 9)], "'cat' has 2 pictures"),
    ],
)
def test_a_folder_that_is_no_dataset_is_refused(tmp_path, spoil, said):
    spoil(tmp_path)
    with pytest.raises(InputError, match=said) as refused:
        datasets.load(tmp_path)
    assert str(tmp_path) in str(refused.value)


# --- what is read, left out and asked back ---------------------------------------------------


def test_one_line_says_what_was_read(tmp_path):
    made = datasets.load(photos(tmp_path))
    assert made.announcement == ("2 classes, 18 pictures: train 6, val 6, test 6",)


def test_whatever_is_left_out_is_counted(tmp_path):
    photos(tmp_path)
    for place in ("README", "train/notes.txt", "train/cat/more/notes.TXT", "test/dog/x.mp4"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("no picture")
    save(tmp_path / "val/loose.png")
    save(tmp_path / "train/cat/.hidden.png")
    os.mkfifo(tmp_path / "train/dog/pipe.png")
    (tmp_path / "train/dog/lost.png").symlink_to(tmp_path / "nowhere.png")
    made = datasets.load(tmp_path)
    assert made.left_out == 7
    assert made.summary.endswith("; 7 left out")
    (said,) = made.remarks
    for part in ("2 .txt", "1 .mp4", "1 without a suffix", "1 that are no files",
                 "1 .png in no class's folder", "1 links that lead nowhere"):  # fmt: skip
        assert part in said
    assert made.only({name: np.arange(4) for name in made.splits}).left_out == 7


def test_links_to_folders_are_followed_once_each(tmp_path):
    fill(tmp_path / "store", 5)
    root = photos(tmp_path / "photos")
    for link in ("one", "two"):
        (root / "train/cat" / link).symlink_to(tmp_path / "store")
    (root / "train/cat/up").symlink_to(root / "train")
    (root / "train/cat/own").symlink_to(root / "train/cat")
    made = datasets.load(root)
    assert np.bincount(made.splits["train"].labels).tolist() == [8, 3]
    assert made.left_out == 2
    assert "2 links that lead nowhere or in a circle" in made.remarks[0]


def test_links_that_lead_back_are_no_folders_of_splits(tmp_path):
    """Both classes hold the same two links: the one adds pictures, the other nothing."""
    for name in ("cat", "dog"):
        fill(tmp_path / "store" / name, 5)
        fill(tmp_path / "photos" / name, 10)
        (tmp_path / "photos" / name / "later").symlink_to(tmp_path / "store" / name)
        (tmp_path / "photos" / name / "back").symlink_to(tmp_path / "photos")
    made = datasets.load(tmp_path / "photos")
    assert made.classes == ("cat", "dog")
    assert sum(len(split) for split in made.splits.values()) == 30
    assert made.left_out == 2


def test_a_folder_that_may_not_be_read_is_no_empty_one(tmp_path, monkeypatch):
    photos(tmp_path)
    listed = os.scandir

    def refusing(path):
        if str(path).endswith("val/dog/deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    save(tmp_path / "val/dog/deep/x.png")
    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(InputError, match=r"val/dog/deep can't be read \(Permission denied\)"):
        datasets.load(tmp_path)


def test_a_class_whose_files_are_no_pictures_is_refused(tmp_path):
    photos(tmp_path)
    (tmp_path / "train/owl").mkdir()
    (tmp_path / "train/owl/0.mov").write_text("film")
    with pytest.raises(InputError, match=r"train/owl holds 1 files but no picture .*\.mov"):
        datasets.load(tmp_path)


def test_an_empty_class_folder_is_told_of(tmp_path):
    (photos(tmp_path) / "val/owl").mkdir()
    assert datasets.load(tmp_path).remarks == ("warning: these folders are empty: val/owl",)


def test_classes_that_look_alike_are_one_across_splits(tmp_path):
    for split, form in (("train", "NFC"), ("test", "NFD")):
        photos(tmp_path, [split], [unicodedata.normalize(form, "café"), "bar"])
    made = datasets.load(tmp_path)
    assert made.classes == ("bar", "café")
    assert "look alike and are one class" in made.remarks[0]


def test_classes_that_differ_by_case_are_told_of(tmp_path):
    made = datasets.load(photos(tmp_path, classes=("Cat", "cat")))
    assert made.classes == ("Cat", "cat")
    assert "differ by case alone" in made.remarks[0]


@pytest.mark.parametrize("classes", [("bus", "train"), ("train", "bike", "test"), ("valid", "no")])
def test_a_class_may_be_called_as_a_split(tmp_path, classes):
    for kind in classes:
        fill(tmp_path / kind, 4)
    assert datasets.load(tmp_path).classes == tuple(sorted(classes))


def test_within_splits_a_class_may_be_called_as_a_split(tmp_path):
    made = datasets.load(photos(tmp_path, classes=("bus", "train")))
    assert made.classes == ("bus", "train")


ASKED = {
    "splits of other names": ("fold1/cat fold1/dog fold2/cat fold2/dog", "if they are splits"),
    "words for splits in names": ("seg_train/cat seg_test/dog", "if they are splits"),
    "splits below classes": ("cat/train cat/test dog/train dog/test", "turn it round"),
    "one level too deep": ("photos/cat photos/dog", "one level up"),
    "splits one level too deep": ("photos/train/cat photos/test/cat", "turn it round|one level up"),
    "a folder more in each split": ("train/all/cat train/all/dog test/all/cat", "one level up"),
    "folds in a split": ("train/1/cat train/1/dog train/2/cat train/2/dog", "if they are splits"),
    "a split beside classes": ("train/cat train/dog owl", "owl is no split folder"),
}


@pytest.mark.parametrize("layout", ASKED)
def test_a_layout_that_can_be_read_in_two_ways_is_a_question_back(tmp_path, layout):
    places, said = ASKED[layout]
    for place in places.split():
        fill(tmp_path / place, 4)
    with pytest.raises(InputError, match=said) as asked:
        datasets.load(tmp_path)
    assert "\n" not in str(asked.value)
    assert str(tmp_path) in str(asked.value)


def test_folders_below_classes_that_say_nothing_about_splits_are_read(tmp_path):
    for place in ("cat/2021", "cat/2022", "cat/may", "dog/2021", "dog/june", "owl/images"):
        fill(tmp_path / place)
    assert datasets.load(tmp_path).classes == ("cat", "dog", "owl")


def test_a_name_with_a_control_character_is_written_out(tmp_path):
    photos(tmp_path, classes=("cat", "new\nline\x1b[2J"))
    made = datasets.load(tmp_path)
    assert made.classes == ("cat", "new\\nline\\x1b[2J")
    assert "\x1b" not in "".join(made.splits["train"].ids)


# --- decoding, against Pillow ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "suffix", "shown"),
    [
        ("L", "png", "L"), ("L", "jpg", "L"), ("L", "tif", "L"), ("L", "bmp", "L"),
        ("L", "pgm", "L"), ("1", "png", "L"), ("RGB", "png", "RGB"), ("RGB", "jpg", "RGB"),
        ("RGB", "webp", "RGB"), ("RGB", "ppm", "RGB"), ("RGB", "tiff", "RGB"),
        ("RGBA", "png", "RGB"), ("RGBA", "tif", "RGB"), ("P", "png", "RGB"), ("P", "bmp", "RGB"),
    ],
)  # fmt: skip
def test_pixels_are_pillow_s(tmp_path, mode, suffix, shown):
    path = tmp_path / f"x.{suffix}"
    Image.fromarray(SMOOTH).convert(mode).save(path)
    assert np.array_equal(decode(path), np.asarray(Image.open(path).convert(shown)))


def test_the_colour_under_a_transparent_pixel_is_kept(tmp_path):
    clear = np.dstack([SMOOTH, np.zeros(SMOOTH.shape[:2], np.uint8)])
    Image.fromarray(clear).save(tmp_path / "clear.png")
    assert np.array_equal(decode(tmp_path / "clear.png"), SMOOTH)


ALPHA = np.random.default_rng(1).integers(0, 256, SMOOTH.shape[:2], dtype=np.uint8)
SEVERAL_WAYS = [
    {}, {"byteorder": ">"}, {"bigtiff": True}, {"planarconfig": "separate"},
    {"tile": (32, 32)}, {"compression": "zlib"},
]  # fmt: skip


@pytest.mark.parametrize("ways", SEVERAL_WAYS)
def test_a_tiff_s_colours_are_not_multiplied_by_its_transparency(tmp_path, ways):
    picture = np.dstack([SMOOTH, ALPHA])
    if ways.get("planarconfig"):
        picture = np.moveaxis(picture, -1, 0)
    path = tmp_path / "clear.tif"
    tifffile.imwrite(path, picture, photometric="rgb", extrasamples=["unassalpha"], **ways)
    assert np.array_equal(decode(path), SMOOTH)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_with_transparency_stands_upright(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.dstack([SMOOTH, ALPHA])).save(tmp_path / "clear.tif", exif=exif)
    Image.fromarray(SMOOTH).save(tmp_path / "opaque.tif", exif=exif)
    assert np.array_equal(decode(tmp_path / "clear.tif"), decode(tmp_path / "opaque.tif"))


@pytest.mark.parametrize("extra", ["assocalpha", "unspecified"])
def test_other_fourth_samples_of_a_tiff_are_dropped(tmp_path, extra):
    picture = np.dstack([SMOOTH, ALPHA])
    tifffile.imwrite(tmp_path / "x.tif", picture, photometric="rgb", extrasamples=[extra])
    assert np.array_equal(decode(tmp_path / "x.tif"), SMOOTH)


@pytest.mark.parametrize("type", [np.uint8, np.uint16])
@pytest.mark.parametrize("ways", [ways for ways in SEVERAL_WAYS if "planarconfig" not in ways])
def test_a_tiff_in_which_white_is_zero(tmp_path, type, ways):
    picture = np.random.default_rng(2).integers(0, np.iinfo(type).max, (33, 50), dtype=type)
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, np.iinfo(type).max - picture, photometric="miniswhite", **ways)
    assert np.array_equal(decode(path), img_as_ubyte(picture))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_tiff_with_transparency_is_unreadable(tmp_path, share):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, np.dstack([SMOOTH, ALPHA]), photometric="rgb", extrasamples=[2])
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UnreadablePicture, match=r"x\.tif"):
        decode(path)


def test_cmyk_is_pillow_s_within_a_rounding(tmp_path):
    path = tmp_path / "x.jpg"
    Image.fromarray(SMOOTH).convert("CMYK").save(path)
    expected = np.asarray(Image.open(path).convert("RGB")).astype(int)
    assert np.abs(decode(path).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bits_become_scikit_image_s_8(tmp_path, suffix):
    ramp = np.arange(0, 65536, 13, dtype=np.uint16)[:5000].reshape(50, 100)
    Image.fromarray(ramp).save(tmp_path / f"ramp.{suffix}")
    assert np.array_equal(decode(tmp_path / f"ramp.{suffix}"), img_as_ubyte(ramp))


def test_16_bits_of_colour_become_8_in_the_same_order(tmp_path):
    cv2.imwrite(str(tmp_path / "x.png"), SMOOTH[:, :, ::-1].astype(np.uint16) * 257)
    assert np.array_equal(decode(tmp_path / "x.png"), SMOOTH)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_pictures_stand_upright_as_exif_says(tmp_path, orientation, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"x.{suffix}"
    Image.fromarray(SMOOTH).save(path, exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    assert expected.shape == ((60, 40, 3) if orientation > 4 else (40, 60, 3))
    assert np.array_equal(decode(path), expected)


def test_the_content_counts_and_not_the_suffix(tmp_path):
    Image.fromarray(SMOOTH).save(tmp_path / "x.bmp")
    (tmp_path / "x.bmp").rename(tmp_path / "x.jpg")
    assert np.array_equal(decode(tmp_path / "x.jpg"), SMOOTH)


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp", "tif", "webp", "ppm"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_picture_is_unreadable(tmp_path, suffix, share):
    path = tmp_path / f"x.{suffix}"
    Image.fromarray(cv2.resize(SMOOTH, (300, 200))).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadablePicture, match=path.name):
        decode(path)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_a_file_that_is_no_picture_is_unreadable(tmp_path, content):
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(UnreadablePicture, match=r"x\.png") as refused:
        decode(tmp_path / "x.png")
    assert "\n" not in str(refused.value)


def test_pixels_that_are_neither_8_nor_16_bits_are_refused(tmp_path):
    cv2.imwrite(str(tmp_path / "x.tif"), SMOOTH.astype(np.float32))
    with pytest.raises(UnreadablePicture, match="unsupported: a TIFF of floats"):
        decode(tmp_path / "x.tif")


def test_a_header_that_claims_billions_of_pixels_is_refused(tmp_path):
    path = tmp_path / "bomb.bmp"
    Image.fromarray(SMOOTH).save(path)
    content = bytearray(path.read_bytes())
    content[18:26] = (60_000).to_bytes(4, "little") * 2  # width and height
    path.write_bytes(content)
    with pytest.raises(UnreadablePicture, match=r"bomb\.bmp"):
        decode(path)


def test_a_picture_that_is_gone_is_unreadable_and_has_a_digest(tmp_path):
    pictures = datasets.load(photos(tmp_path)).splits["test"].pictures
    (tmp_path / "test/cat/0.png").unlink()
    with pytest.raises(UnreadablePicture, match=r"0\.png: No such file"):
        pictures.load(0)
    assert pictures.digest(0) != pictures.digest(1)
