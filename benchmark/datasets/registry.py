"""The registry: which datasets have a name, and how whatever stands behind ``--data`` is read."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmark.checks import check_out, check_seed
from benchmark.datasets.codec import encode
from benchmark.datasets.dataset import Dataset
from benchmark.errors import InputError, one_line, user_errors
from benchmark.presets import preset as preset_called
from benchmark.printable import printable

Loader = Callable[[int], Dataset]


@dataclass(frozen=True)
class Source:
    """A dataset that has a name of its own.

    Attributes
    ----------
    name : what ``--data`` calls it.
    description : one line.
    load : makes the dataset from a seed.
    origin : the file that declared it.
    """

    name: str
    description: str
    load: Loader
    origin: str


_sources: dict[str, Source] = {}


def dataset(name: str) -> Callable[[Loader], Loader]:
    """Declare the decorated function, ``load(seed) -> Dataset``, as the source called ``name``.

    The first line of its docstring is the description.

    Raises
    ------
    InputError
        If the name is taken.
    """

    def declare(function: Loader) -> Loader:
        origin = str(Path(inspect.getsourcefile(function) or "").resolve())
        taken = _sources.get(name)
        if taken is not None or name in _BUILT_IN:
            first = taken.origin if taken is not None else "built in"
            raise InputError(
                f"dataset name {name!r} is used twice: in {first} and in {origin}; rename one"
            )
        description = (inspect.getdoc(function) or "").split("\n")[0]
        _sources[name] = Source(name, description, function, origin)
        return function

    return declare


def forget_datasets(origin: str) -> None:
    """Remove every source that ``origin`` declared, so that a file can be loaded again."""
    for name in [name for name, source in _sources.items() if source.origin == origin]:
        del _sources[name]


def sources() -> list[Source]:
    """Every dataset that has a name, the built-in ones first."""
    built_in = [
        Source(name, description, functools.partial(_built_in, name), "built in")
        for name, description in _BUILT_IN.items()
    ]
    return [*built_in, *_sources.values()]


_BUILT_IN = {
    "folds": "modelled folds: box, chevron and rounded hinges in layered rock",
    "digits": "handwritten digits, 8x8, ten classes (from scikit-learn)",
    "textures": "patches of brick, grass and gravel, 32x32 (from scikit-image)",
}


def load(source: str | Path, *, seed: int = 42, preset: str = "quick") -> Dataset:
    """Read the dataset that ``source`` names.

    Parameters
    ----------
    source : a name (`sources`), a folder of pictures, an ``.npz``, a ``.csv`` or a ``.parquet``.
    seed : decides modelled folds and how a folder without splits is split.
    preset : decides how many modelled folds there are.

    Raises
    ------
    InputError
        With one line that names the culprit and says what to do.
    """
    check_seed(seed)
    preset_called(preset)
    name = printable(str(source))
    if name in _sources:
        return _not_the_path(_declared(_sources[name], seed), source)
    if name in _BUILT_IN:
        return _not_the_path(_built_in(name, seed, preset), source)
    path = Path(source)
    try:
        if name and path.is_dir():
            from benchmark.datasets.folder import load_folder

            return load_folder(path, name, seed)
        if path.is_file():
            return _file(path, name)
    except OSError as error:
        raise InputError(f"{name} can't be read ({error.strerror}); check the path") from error
    known = [*_BUILT_IN, *_sources]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]}?" if close else f"give a path or one of {', '.join(known)}"
    raise InputError(
        f"{name or repr(name)} is neither a path that exists nor the name of a dataset; {hint}"
    )


def _not_the_path(named: Dataset, source: str | Path) -> Dataset:
    """A dataset that has a name, which says so if there is a folder or file of that name too."""
    if not Path(source).exists():
        return named
    remark = (
        f"warning: {source} is the dataset of that name; for the folder or file that is called so "
        f"give ./{source}"
    )
    return replace(named, remarks=(*named.remarks, remark))


def _declared(source: Source, seed: int) -> Dataset:
    """The dataset that a plugin makes; what goes wrong in it is the plugin's, and said so."""
    where = f"dataset {source.name!r} in {source.origin}"
    try:
        made = source.load(seed)
    except user_errors():
        raise
    except Exception as error:
        raise InputError(
            f"{where} does not load: {type(error).__name__}: {one_line(error)}"
        ) from error
    if not isinstance(made, Dataset):
        raise InputError(f"{where} returned {type(made).__name__}; return a Dataset")
    return made


def _built_in(name: str, seed: int, preset: str = "quick") -> Dataset:
    from benchmark.datasets import bundled

    if name == "digits":
        return bundled.digits()
    if name == "textures":
        return bundled.textures()
    from benchmark.datasets.folds import CLASSES, modelled_folds

    sizes = preset_called(preset).folds
    return Dataset.from_arrays("folds", "folds", CLASSES, modelled_folds(sizes, seed))


def _file(path: Path, name: str) -> Dataset:
    from benchmark.datasets.npz import load_npz
    from benchmark.datasets.table import load_table

    suffix = path.suffix.lower()
    if suffix in (".csv", ".parquet"):
        return load_table(path, name)
    if suffix == ".npz":
        return load_npz(path, name)
    raise InputError(f"{name} is a file of unknown kind; give a folder, .npz, .csv or .parquet")


def export(folder: str | Path, *, seed: int = 42, preset: str = "quick") -> list[Path]:
    """Write every named dataset of pictures as PNG files, ``folder/NAME/SPLIT/CLASS/ROW.png``.

    Returns
    -------
    The dataset folders.

    Raises
    ------
    InputError
        If one of them exists already.
    """
    check_out(folder, "--export")
    for source in sources():
        target = Path(folder) / source.name
        if target.exists():
            raise InputError(f"{target} exists already; export to another folder or move it away")
    written = []
    for source in sources():
        target = Path(folder) / source.name
        contents = load(source.name, seed=seed, preset=preset)
        if contents.has_pictures:
            _write(contents, target)
            written.append(target)
    return written


def _write(contents: Dataset, target: Path) -> None:
    for name, split in contents.splits.items():
        assert split.pictures is not None
        for index, label in enumerate(split.labels):
            path = target / name / contents.classes[label] / f"{index:05d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(np.asarray(split.pictures.load(index))))
