"""Importing torchvision, whole or half."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )


def test_torchvision_imports_in_a_new_process():
    done = run(
        "from models.vision import import_torchvision\n"
        "torchvision = import_torchvision()\n"
        "assert torchvision is import_torchvision()\n"
        "import torchvision.transforms.v2\n"
        "torchvision.models.resnet34(num_classes=3)\n"
    )
    assert done.returncode == 0, done.stderr


def test_nothing_is_declared_where_torchvision_imports_by_itself():
    done = run(
        "import torch\n"
        "library = torch.library.Library('torchvision', 'FRAGMENT')\n"
        "for name in ('nms', 'qnms'):\n"
        "    library.define(name + '(Tensor a, Tensor b, float c) -> Tensor')\n"
        "from models import vision\n"
        "vision.import_torchvision()\n"
        "assert vision._declared == []\n"
    )
    assert done.returncode == 0, done.stderr


def test_another_error_stays_what_it_is(tmp_path):
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('something else')")
    done = run(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from models.vision import import_torchvision\n"
        "import_torchvision()\n"
    )
    assert done.returncode == 1
    assert "RuntimeError: something else" in done.stderr


def test_whoever_imports_it_is_given_the_cure_and_torch_waits_until_then():
    done = run(
        "import sys\n"
        "from models import mend_torchvision\n"
        "mend_torchvision()\n"
        "mend_torchvision()\n"
        "assert 'torch' not in sys.modules\n"
        "import torchvision, inspect\n"
        "from torchvision.transforms import v2\n"
        "assert torchvision.models.resnet18(num_classes=3).eval()(v2.functional.to_image(\n"
        "    __import__('numpy').zeros((32, 32, 3), 'float32'))[None]).shape == (1, 3)\n"
        "assert 'import_error' not in inspect.getsource(torchvision)\n"
        "assert type(torchvision.__loader__).__name__ == 'SourceFileLoader'\n"
    )
    assert done.returncode == 0, done.stderr


def test_where_there_is_none_that_is_said():
    done = run(
        "import sys\n"
        "from models import mend_torchvision\n"
        "mend_torchvision()\n"
        "sys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
        "import torchvision\n"
    )
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'torchvision'" in done.stderr
