"""Importing torchvision, whole or half."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )


def test_torchvision_imports_in_a_new_process():
    done = run(
        "from models.networks.torchvision import import_torchvision\n"
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
        "from models.networks import torchvision\n"
        "torchvision.import_torchvision()\n"
        "assert torchvision._declared == []\n"
    )
    assert done.returncode == 0, done.stderr


def test_another_error_stays_what_it_is(tmp_path):
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('something else')")
    done = run(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from models.networks.torchvision import import_torchvision\n"
        "import_torchvision()\n"
    )
    assert done.returncode == 1
    assert "RuntimeError: something else" in done.stderr
