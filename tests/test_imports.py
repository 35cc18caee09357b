"""Who may import whom, and what an import may cost."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"benchmark", "features", "models", "results"}


def imported(file: Path) -> set[str]:
    """Top-level packages that a file imports anywhere in it, by statement or by name."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} is a relative import"
            names.add(node.module)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return {name.partition(".")[0] for name in names if name}


@pytest.mark.parametrize("package", sorted(OURS - {"benchmark"}))
def test_a_package_imports_nothing_of_the_others(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    strangers = OURS - {package}
    assert {str(f): found for f in files if (found := imported(f) & strangers)} == {}


def test_only_benchmark_joins_the_other_three():
    found = set().union(*(imported(file) for file in (ROOT / "benchmark").rglob("*.py")))
    assert found >= OURS


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


def test_a_package_s_exports_are_all_there():
    import benchmark
    import features
    import models
    import results

    for package in (benchmark, features, models, results):
        missing = [name for name in package.__all__ if not hasattr(package, name)]
        assert missing == [], package.__name__


def test_no_module_hides_a_call_of_the_library():
    import benchmark

    modules = {path.stem for path in (ROOT / "benchmark").glob("*.py")}
    assert modules & (set(benchmark.__all__) - {"datasets"}) == set()
