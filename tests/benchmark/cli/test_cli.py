"""The command line: what each command prints, and how it refuses bad input."""

import functools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

import features
import models
from benchmark import datasets
from benchmark.cli.app import run_arguments
from benchmark.datasets import folds
from results import METRICS

ROWS = [(split, label) for split in ("train", "val", "test") for label in ("box", "round") * 3]
TABLE = "id,split,label,mean\n" + "".join(
    f"p{row},{split},{label},{row % 5}\n" for row, (split, label) in enumerate(ROWS)
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A current directory of its own, with a good table in it."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("good.csv").write_text(TABLE)
    return folder


@pytest.fixture
def refused(capfd):
    """Give a command line that is refused: its one line on stderr, when nothing was written.

    Where a source is ``read`` and what is in it turns out to be bad, what was read is said before.
    """

    def refuse(*arguments, read=None):
        before = snapshot()
        capfd.readouterr()
        code = run_arguments([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert (code, out) == (2, ""), err
        *said, line = err.splitlines()
        assert said == ([] if read is None else [read])
        assert line.startswith("error: ")
        assert snapshot() == before
        return line

    return refuse


def snapshot():
    return {path: path.stat().st_mtime_ns for path in Path().rglob("*")}


@pytest.fixture
def bad_data(refused):
    """The line that refuses a SOURCE."""
    return functools.partial(refused, "all", "--out", "out", "--device", "cpu", "--data")


def photos(root, splits=("train/", "val/", "test/"), kinds=("cat", "dog"), count=4):
    generator = np.random.default_rng(0)
    for split in splits:
        for kind in kinds:
            folder = Path(root) / f"{split}{kind}"
            folder.mkdir(parents=True)
            for index in range(count):
                noise = generator.integers(0, 256, (24, 20, 3), dtype=np.uint8)
                cv2.imwrite(str(folder / f"{index}.png"), noise)
    return Path(root)


def python(*arguments, before=(), **options):
    """Run Python with our packages on its path, and what comes before them."""
    path = os.pathsep.join(map(str, [*before, Path(__file__).parents[3]]))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, **options
    )


# --- data ------------------------------------------------------------------------------------


def test_a_source_that_is_not_there(bad_data):
    assert "photos/ is neither a path that exists nor the name of a dataset" in bad_data("photos/")
    assert "digitz is neither" in (line := bad_data("digitz"))
    assert "did you mean digits?" in line


def test_an_empty_folder(bad_data):
    Path("empty").mkdir()
    assert "empty holds no folders; give each class a folder" in bad_data("empty")


def test_a_folder_of_files_that_are_no_pictures(bad_data):
    for name in ("cat", "dog"):
        Path("texts", name).mkdir(parents=True)
        Path("texts", name, "x.txt").write_text("x")
    assert "texts holds no pictures; wanted are files ending in" in bad_data("texts")


@pytest.mark.parametrize("keep", [0, 5, 400])
def test_a_folder_of_damaged_pictures(bad_data, keep):
    for path in photos("damaged").rglob("*.png"):
        path.write_bytes(path.read_bytes()[:keep])
    line = bad_data("damaged", read="2 classes, 24 pictures: train 8, val 8, test 8")
    assert "damaged: more than a quarter of its 24 files are no pictures that can be read" in line
    assert "take the damaged files away" in line


def test_a_class_that_is_lost_with_its_damaged_pictures(bad_data):
    for path in photos("lost", count=4).glob("train/cat/*"):
        path.write_bytes(b"")
    line = bad_data("lost", read="2 classes, 24 pictures: train 8, val 8, test 8")
    assert "lost has one class in train (dog)" in line


def test_one_class(bad_data):
    photos("one", splits=("",), kinds=("cat",))
    assert "one has one class in train (cat); a classifier needs at least two" in bad_data("one")


def test_an_unknown_split_folder(bad_data):
    photos("held", splits=("train/", "holdout/"))
    assert "held/holdout is no split folder" in bad_data("held")


def test_a_folder_in_a_name_with_line_breaks_and_escapes(bad_data):
    Path("a\nb\x1b[31m").mkdir()
    assert r"a\nb\x1b[31m holds no folders" in bad_data("a\nb\x1b[31m")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "t.csv is an empty file"),
        ("split,label,x\n", "t.csv has a header but no rows"),
        ("split,x\ntrain,1\n", "t.csv has no column 'label'"),
        ("label,x\na,1\n", "t.csv has no column 'split'"),
        (TABLE.replace("train", "val"), "t.csv has no train split"),
        (TABLE.replace("val", "train").replace("test", "train"), "nothing to score on"),
        (TABLE.replace("p7,val,round,2", "p7,val,round,two"), "'mean' has the text 'two' in row 8"),
        (
            TABLE.replace("p17,test,round", "p17,test,owl"),
            "class 'owl' is in test but not in train",
        ),
        (TABLE.replace("p17,test", "p17,holdout"), "row 18 has the split 'holdout'"),
        (TABLE.replace("round", "box"), "t.csv has one class in train (box)"),
        (TABLE.replace(",", ";"), "t.csv has no column 'split', only 'id;split;label;mean'"),
        ("\x00\x01\x02" * 99, "t.csv has no column 'split'"),
    ],
)
def test_a_table_that_cannot_be_benchmarked(bad_data, content, said):
    Path("t.csv").write_text(content)
    assert said in bad_data("t.csv")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "t.parquet is an empty file"), (b"PAR1 and no more", "t.parquet can't be read")],
)
def test_a_damaged_parquet(bad_data, content, said):
    Path("t.parquet").write_bytes(content)
    assert said in bad_data("t.parquet")


def test_archives_that_cannot_be_benchmarked(bad_data):
    images, labels = np.zeros((4, 8, 8), np.uint8), np.arange(4) % 2
    np.savez("other.npz", x=images)
    np.savez("objects.npz", train_images=images, train_labels=np.array([{}] * 4, dtype=object))
    np.savez("whole.npz", train_images=images, train_labels=labels)
    Path("cut.npz").write_bytes(Path("whole.npz").read_bytes()[:300])
    Path("text.npz").write_text("x")
    assert "other.npz has no arrays train_images and train_labels" in bad_data("other.npz")
    assert "objects.npz holds pickled objects" in bad_data("objects.npz")
    assert "cut.npz is no .npz file, or a damaged one" in bad_data("cut.npz")
    assert "text.npz is no .npz file, or a damaged one" in bad_data("text.npz")
    assert "whole.npz has nothing to score on" in bad_data("whole.npz")


def test_a_file_of_an_unknown_kind(bad_data):
    Path("x.xlsx").write_text("x")
    assert "x.xlsx is a file of unknown kind; give a folder" in bad_data("x.xlsx")


# --- options ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--preset", "quik"), "no preset is called 'quik'; did you mean quick?"),
        (("--preset", "x"), "choose one of quick, published, thorough"),
        (("--models", "RandomForrest"), "did you mean RandomForestClassifier?"),
        (("--models", "SVC,zzz"), "no model is called 'zzz'; `python -m benchmark models` lists"),
        (("--models", ""), "no model is chosen"),
        (("--models", " , "), "no model is chosen"),
        (("--features", "publishd"), "did you mean published?"),
        (("--features", ""), "no feature is called ''"),
        (("--models", "ResNet9", "--features", "publishd"), "did you mean published?"),
        (
            ("--models", "ResNet9", "--features", "frozen-ResNet9-modeled"),
            "no weights are called 'ResNet9-modeled'; did you mean ResNet9-modelled?",
        ),
        (("--precision", "half"), "--precision is 'half'; choose one of auto, float32"),
        (("--sort-by", "acuracy"), "did you mean 'accuracy'?"),
        (("--sort-by", "nope"), "choose from accuracy, "),
        (("--timeout", "-1"), "--timeout is -1; it must be above 0"),
        (("--timeout", "0"), "--timeout is 0"),
        (("--timeout", "nan"), "--timeout is nan"),
        (("--timeout", "inf"), "--timeout is inf"),
        (("--timeout", "soon"), "Invalid value for '--timeout'"),
        (("--memory-limit", "-2"), "--memory-limit is -2"),
        (("--threads", "0"), "--threads is 0; it must be at least 1"),
        (("--threads", "1.5"), "Invalid value for '--threads'"),
        (("--jobs", "0"), "--jobs is 0"),
        (("--seed", "-1"), "--seed is -1; it must be from 0 to 4294967295"),
        (("--seed", "4294967296"), "--seed is 4294967296"),
        (("--image-size", "0"), "--image-size is 0"),
        (("--image-size", "99999"), "--image-size is 99999; it must be at most 1024"),
        (("--device", "gpu"), "--device is 'gpu'; choose one of auto, cpu, cuda"),
        (("--out", "good.csv"), "good.csv is a file; choose a folder"),
        (("--out", "good.csv/below"), "good.csv is a file; choose a folder"),
        (("--out", "x" * 300), "File name too long"),
        (("--plugin", "missing.py"), "plugin missing.py is not a file that exists"),
        (("--plugin", "."), "plugin . is not a file that exists"),
        (("--plugin", "good.csv"), "its name must end in .py"),
        (("--modles", "SVC"), "No such option: --modles"),
        (("--seed",), "Option '--seed' requires an argument"),
    ],
)
def test_an_option_that_makes_no_sense(refused, options, said):
    given = ("--data", "good.csv", "--out", "out", "--device", "cpu")
    assert said in refused("run", *given, *options)  # the last of two --out counts


def test_cuda_where_there_is_none(refused, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    line = refused("all", "--data", "good.csv", "--out", "out", "--device", "cuda")
    assert "--device is cuda, but PyTorch finds no CUDA device here; use --device cpu" in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(:", "plugin p.py:1 does not run: SyntaxError"),
        ("\nraise RuntimeError('no\\nway')", "plugin p.py:2 does not run: RuntimeError: no way"),
        ("import not_installed", "No module named 'not_installed'"),
        ("raise SystemExit(0)", "plugin p.py:1 does not run: SystemExit"),
        (
            "from models import model\n"
            "@model('SVC', family='classical', inputs='features')\ndef build(context): ...",
            "model name 'SVC' is used twice: in built in and in ",
        ),
        (
            "from models import model\n"
            "for _ in range(2):\n"
            "    @model('Mine', family='classical', inputs='features')\n"
            "    def build(context): ...",
            "model name 'Mine' is used twice",
        ),
        (
            "from benchmark.datasets import dataset\n@dataset('digits')\ndef load(seed): ...",
            "dataset name 'digits' is used twice",
        ),
        (
            "from features import view\n@view('edge')\ndef draw(picture): ...",
            "'edge' is used twice",
        ),
    ],
)
def test_a_plugin_that_does_not_load(refused, text, said):
    Path("p.py").write_text(text)
    assert said in refused("run", "--data", "good.csv", "--out", "out", "--plugin", "p.py")
    assert not any(source.name == "Mine" for source in datasets.sources())


def test_two_plugins_with_one_name(refused):
    declares = (
        "from models import model\n"
        "@model('Twin', family='classical', inputs='features')\ndef build(context): ..."
    )
    Path("one.py").write_text(declares)
    Path("two.py").write_text(declares)
    line = refused("models", "--plugin", "one.py", "--plugin", "two.py")
    assert "one.py" in line
    assert "two.py; rename one" in line
    models.forget_models(str(Path("one.py").resolve()))


def test_a_plugin_edited_within_the_same_second_is_read_again(capsys):
    declares = (
        "from models import model\n"
        "@model('Mine{}', family='classical', inputs='features')\ndef build(context): ..."
    )
    for version in (1, 2):
        Path("p.py").write_text(declares.format(version))
        os.utime("p.py", (1, 1))
        assert run_arguments(["models", "--plugin", "p.py"]) == 0
        assert f"Mine{version} " in capsys.readouterr().out
    assert not Path("__pycache__").exists()
    models.forget_models(str(Path("p.py").resolve()))


# --- other commands --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rnu",), "No such command 'rnu'. Did you mean 'run'?"),
        (("report",), "Missing argument 'DIR'"),
        (("report", "nothing"), "nothing: no finished trial"),
        (("report", "good.csv"), "good.csv: no finished trial"),
        (("compare", "published"), "at least two boards"),
        (("compare", "published", "nothing"), "nothing is not there; give a run folder"),
        (("compare", "published", "good.csv"), "good.csv is not a leaderboard.csv"),
        (("features", "digits"), "give -o FILE.csv"),
        (("features", "digits", "-o", "x.txt"), "x.txt must end in .csv or .parquet"),
        (("features", "digits", "-o", "no/x.csv"), "no/x.csv can't be written"),
        (("features", "good.csv", "-o", "x.csv"), "good.csv is a feature table already"),
        (("features", "nothing", "-o", "x.csv"), "nothing is neither a path"),
        (("features", "digits", "-o", "x.csv", "--features", "nope"), "no feature is called"),
        (("features", "digits", "-o", "x.csv", "--seed", "-1"), "--seed is -1"),
        (("features", "digits", "-o", "x.csv", "--preset", "no"), "no preset is called 'no'"),
        (("datasets", "--export", "good.csv"), "good.csv is a file; choose a folder"),
        (("datasets", "--export", "x", "--seed", "-1"), "--seed is -1"),
        (("models", "--check", "RandomForrest"), "did you mean RandomForestClassifier?"),
        (("models", "--check", "nothing.py"), "nothing.py is not a file that exists"),
    ],
)
def test_a_command_that_makes_no_sense(refused, arguments, said):
    assert said in refused(*arguments)


def test_help_comes_for_the_asking_and_for_no_command(capsys):
    assert run_arguments(["--help"]) == 0
    asked = capsys.readouterr().out
    assert run_arguments([]) == 0
    assert capsys.readouterr().out == asked
    for command in ("all", "run", "report", "compare", "features", "models", "datasets", "weights"):
        assert command in asked


@pytest.mark.parametrize("command", ["all", "run", "report"])
def test_help_names_every_metric_to_sort_by(capsys, command):
    assert run_arguments([command, "--help"]) == 0
    shown = re.sub(r"[│\s]+", " ", capsys.readouterr().out)
    assert f"ranks the rows: {', '.join(METRICS)}." in shown


@pytest.mark.parametrize("message", ["", "3 finished trials are kept"])
def test_ctrl_c_is_said_in_one_line(capsys, message):
    Path("p.py").write_text(f"raise KeyboardInterrupt({message!r})")
    assert run_arguments(["models", "--plugin", "p.py"]) == 130
    assert capsys.readouterr().err == (message or "interrupted") + "\n"


def test_models_and_datasets_are_listed(capsys):
    assert run_arguments(["models"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in ("RandomForestClassifier", "ResNet9-grey", "ResNet152"))
    assert run_arguments(["datasets"]) == 0
    listed = capsys.readouterr().out
    assert all(f"\n{name} " in listed for name in ("folds", "digits", "textures"))


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["models"], ["datasets"]])
def test_torch_is_not_imported_where_no_network_is_built(arguments):
    code = (
        "import sys; from benchmark.cli.app import run_arguments; "
        f"assert run_arguments({arguments}) == 0; "
        "slow = {'torch', 'sklearn', 'xgboost', 'lightgbm'} & set(sys.modules); "
        "sys.exit(f'imported {slow}' if slow else 0)"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


# --- as its own process ----------------------------------------------------------------------


def test_bad_input_through_the_real_command():
    done = python("-m", "benchmark", "all", "--data", "nothing", "--out", "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: nothing is neither a path that exists")
    assert done.stderr.count("\n") == 1
    assert not Path("out").exists()


def test_damaged_pictures_through_the_real_command():
    for path in photos("damaged").rglob("*.png"):
        path.write_bytes(path.read_bytes()[:400])
    done = python("-m", "benchmark", "all", "--data", "damaged", "--out", "out", "--device", "cpu")
    assert (done.returncode, done.stdout) == (2, "")
    read, line = done.stderr.splitlines()
    assert read == "2 classes, 24 pictures: train 8, val 8, test 8"
    assert line.startswith("error: damaged: more than a quarter")
    assert not Path("out").exists()


STOPPED = """
import os, signal, sys

class Stopping:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Stopping())
"""


@pytest.mark.parametrize(
    ("module", "code", "said"),
    [
        ("lazy_loader", -signal.SIGINT, ""),
        ("psutil", -signal.SIGINT, ""),
        ("typer", 130, "interrupted: nothing has begun yet\n"),
    ],
)
def test_ctrl_c_while_it_is_imported_is_no_traceback(module, code, said):
    Path("site").mkdir()
    Path("site/sitecustomize.py").write_text(STOPPED.format(module=module))
    done = python("-m", "benchmark", "models", before=[Path("site").resolve()])
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)


@pytest.mark.parametrize("hiding", ["models/__init__.py", "results.py", "features/__init__.py"])
def test_a_package_of_the_user_s_that_hides_ours(hiding):
    """In the current folder it is no obstacle; on Python's path it is named."""
    (Path("elsewhere") / hiding).parent.mkdir(parents=True)
    for folder in (Path(), Path("elsewhere")):
        (folder / hiding).parent.mkdir(exist_ok=True)
        (folder / hiding).write_text("raise SystemExit('never run')")
    assert python("-m", "benchmark", "models").returncode == 0
    hiding = Path("elsewhere") / hiding
    done = python("-m", "benchmark", "models", before=[Path("elsewhere").resolve()])
    name = hiding.parts[1].removesuffix(".py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: the package '{name}' that belongs to benchmark is hidden by "
        f"{hiding.resolve()}; run from another folder\n"
    )


@pytest.mark.parametrize(
    ("folder", "said"),
    [("features", "is hidden by {}/features; run from another"), ("x", "'features' is not inst")],
)
def test_a_plain_folder_hides_an_editable_installation(here, folder, said):
    Path(folder).mkdir()
    code = (
        "import sys; from importlib.machinery import PathFinder; from benchmark import shadow; "
        f"sys.path[:] = [{str(here)!r}]; sys.meta_path[:] = [PathFinder]; print(shadow.shadowing())"
    )
    assert said.format(here) in python("-c", code, check=True).stdout


# --- features, run, report, compare, one after the other --------------------------------------


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_feature_table_is_what_run_reads(suffix, capsys):
    root = photos("photos")
    (root / "val/cat/broken.png").write_bytes(b"no picture")
    assert run_arguments(["features", "photos", "-o", f"x.{suffix}"]) == 0
    assert f"24 rows of 48 features written to x.{suffix}" in capsys.readouterr().out
    read = pd.read_csv if suffix == "csv" else pd.read_parquet
    table = read(f"x.{suffix}")
    columns = features.feature_set("published").columns
    assert list(table.columns) == ["id", "split", "label", *columns]
    assert list(table["id"]) == [
        f"{split}/{kind}/{index}.png"
        for split in ("train", "val", "test")
        for kind in ("cat", "dog")
        for index in range(4)
    ]
    assert list(table["label"]) == [identity.split("/")[1] for identity in table["id"]]
    again = datasets.load(f"x.{suffix}")
    assert again.columns == columns
    assert again.classes == ("cat", "dog")
    for split in again.splits.values():
        for identity, row in zip(split.ids, split.table, strict=True):
            pixels = cv2.imread(str(root / identity))[:, :, ::-1]
            expected = features.feature_set("published").compute(np.ascontiguousarray(pixels))
            np.testing.assert_allclose(row, expected, rtol=1e-12)


def test_run_report_and_compare_a_feature_table(capsys):
    run = ["run", "--data", "good.csv", "--models", "GaussianNB,ResNet9", "--out", "out"]
    assert run_arguments([*run, "--device", "cpu"]) == 0
    out = capsys.readouterr().out
    assert "leaderboard.csv, leaderboard.md and report.html are in out" in out
    board = pd.read_csv("out/leaderboard.csv")
    assert set(zip(board["model"], board["split"], board["status"], strict=True)) == {
        ("GaussianNB", "val", "ok"), ("GaussianNB", "test", "ok"),
        ("ResNet9", "val", "skipped"), ("ResNet9", "test", "skipped"),
    }  # fmt: skip
    written = Path("out/leaderboard.csv").read_bytes()
    Path("out/leaderboard.csv").unlink()
    assert run_arguments(["report", "out"]) == 0
    assert Path("out/leaderboard.csv").read_bytes() == written
    assert run_arguments(["compare", "out", "published"]) == 0
    assert "GaussianNB" in capsys.readouterr().out


def test_a_regression_fails_the_command_only_if_it_is_asked_to(capsys):
    for out, names in (("a", "GaussianNB,DummyClassifier"), ("b", "DummyClassifier")):
        run = ["run", "--data", "good.csv", "--models", names, "--out", out, "--device", "cpu"]
        assert run_arguments(run) == 0
    assert run_arguments(["compare", "a", "b"]) == 0
    capsys.readouterr()
    assert run_arguments(["compare", "a", "b", "--fail-on-regression"]) == 1
    out, err = capsys.readouterr()
    assert "2 gone" in out
    assert err == "regression: GaussianNB on val gone, GaussianNB on test gone\n"
    assert run_arguments(["compare", "b", "a", "--fail-on-regression"]) == 0
    capsys.readouterr()
    assert run_arguments(["compare", "a", "published", "--fail-on-regression"]) == 2
    err = capsys.readouterr().err
    assert "published cannot be checked for regressions against a on val, test: " in err
    assert err.count("\n") == 1


def test_export_writes_every_dataset_as_a_folder(capsys, monkeypatch):
    few = {"train": 3, "val": 3, "test": 3}
    modelled = folds.modelled_folds
    monkeypatch.setattr(folds, "modelled_folds", lambda sizes, seed: modelled(few, seed))
    assert run_arguments(["datasets", "--export", "all"]) == 0
    written = capsys.readouterr().out.split()
    assert written == ["all/folds", "all/digits", "all/textures"]
    assert len(datasets.load("all/digits").splits["train"]) == 1258
