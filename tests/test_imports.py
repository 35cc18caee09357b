"""The order of the house: who may import whom, what an import may cost, and what a name means."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("benchmark", "features", "models", "results")
MOST_FILES = 16

# The floors of each package from the ground up: what stands in one line imports only what stands
# in it or above it in this list. A name is a folder or a module of the package.
FLOORS = {
    "features": (
        ("errors",),
        ("picture",),
        ("kernels", "contract"),
        ("registry",),
        ("views", "measures"),
        ("sets",),
        ("choice",),
        ("lettering", "montage"),
    ),
    "models": (
        ("errors",),
        ("contract",),
        ("answers", "finding", "self_report", "vision"),
        ("networks",),
        ("training",),
        ("classical", "explanation"),
        ("weights",),
        ("deep", "timm"),
        ("registry",),
        ("conformance",),
    ),
    "results": (
        ("errors", "numerals", "scale"),
        ("records",),
        ("statistics",),
        ("board",),
        ("text",),
        ("report", "comparison", "curve"),
        ("leaderboard",),
    ),
    "benchmark": (
        ("errors", "shadow", "presets", "printable", "drafts", "scratch"),
        ("request", "checks", "processes", "terminal"),
        ("progress",),
        ("datasets",),
        ("plugins",),
        ("inputs", "exhibits"),
        ("resolution",),
        ("trials",),
        ("calls",),
        ("cli",),
        ("__main__",),
    ),
}


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_of(file): file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))
}


@cache
def imported(module: str) -> frozenset[str]:
    """Whatever of ours a module imports anywhere in it: at its top, lazily or only for types."""
    names = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{MODULES[module]}:{node.lineno} is a relative import"
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in MODULES else str(node.module) for name in full}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return frozenset(name for name in names if name.partition(".")[0] in PACKAGES)


def floor_of(module: str) -> int:
    package, _, rest = module.partition(".")
    top = rest.partition(".")[0]
    for number, names in enumerate(FLOORS[package]):
        if top in names:
            return number
    if not top:  # the face sees everything
        return len(FLOORS[package])
    raise AssertionError(f"{MODULES[module]} stands on no floor: add it to FLOORS")


def test_a_package_imports_nothing_of_the_others_but_benchmark_which_joins_them():
    strangers = {
        f"{MODULES[module]}: {name}"
        for module in MODULES
        for name in imported(module)
        if (own := module.partition(".")[0]) != "benchmark" and name.partition(".")[0] != own
    }
    assert strangers == set()
    joined = {name.partition(".")[0] for m in MODULES if m.startswith("benchmark.")
              for name in imported(m)}  # fmt: skip
    assert joined == set(PACKAGES)


def test_benchmark_talks_to_the_faces_of_the_others():
    inside = {
        f"{MODULES[module]}: {name}"
        for module in MODULES
        if module.partition(".")[0] == "benchmark"
        for name in imported(module)
        if "." in name and not name.startswith("benchmark.")
    }
    assert {line for line in inside if "results.report" not in line} == set()


def test_nothing_imports_upwards():
    upwards = {
        f"{MODULES[module]} imports {name}"
        for module in MODULES
        for name in imported(module)
        if name.partition(".")[0] == module.partition(".")[0] and floor_of(name) > floor_of(module)
    }
    assert upwards == set()


def test_there_is_no_circle():
    state: dict[str, str] = {}
    circles = []

    def visit(module: str, path: tuple[str, ...]) -> None:
        if state.get(module) == "done":
            return
        if module in path:
            circles.append(" -> ".join((*path[path.index(module) :], module)))
            return
        for name in sorted(imported(module)):
            if name in MODULES:
                visit(name, (*path, module))
        state[module] = "done"

    for module in MODULES:
        visit(module, ())
    assert circles == []


def test_no_folder_is_a_corridor():
    folders = defaultdict(list)
    for file in MODULES.values():
        folders[str(file.parent.relative_to(ROOT))].append(file.name)
    assert {name: len(files) for name, files in folders.items() if len(files) > MOST_FILES} == {}


def test_a_public_name_means_one_thing():
    homes = defaultdict(set)
    for module, file in MODULES.items():
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            named = isinstance(node, ast.ClassDef | ast.FunctionDef)
            if named and not node.name.startswith("_"):
                homes[node.name].add(module)
    assert {name: sorted(where) for name, where in homes.items() if len(where) > 1} == {}


def test_tests_lie_beside_what_they_test():
    strays = [
        str(folder.relative_to(ROOT))
        for folder in sorted((ROOT / "tests").rglob("*/"))
        if any(folder.glob("test_*.py"))
        and not (ROOT / folder.relative_to(ROOT / "tests")).is_dir()
    ]
    assert strays == []


def test_importing_everything_imports_nothing_that_takes_long():
    heavy = ("torch", "torchvision", "lazypredict", "pandas", "sklearn", "xgboost", "lightgbm")
    script = (
        "import sys, benchmark, features, models, results\n"
        "models.registered()\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_s_exports_are_all_there(package):
    face = __import__(package)
    assert len(face.__all__) > 5
    assert [name for name in face.__all__ if not hasattr(face, name)] == []


def test_no_module_hides_a_call_of_the_library():
    import benchmark

    modules = {path.stem for path in (ROOT / "benchmark").glob("*.py")}
    folders = {path.name for path in (ROOT / "benchmark").iterdir() if path.is_dir()}
    assert (modules | folders) & (set(benchmark.__all__) - {"datasets"}) == set()
