"""The networks in docs/adding-a-model.md are models, as it says."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

from models import check_model, forget_models, select

PAGE = (Path(__file__).parents[2] / "docs" / "adding-a-model.md").read_text(encoding="utf-8")


def section(title):
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_network_of_the_page_keeps_the_contract(tmp_path, monkeypatch):
    path = tmp_path / "tiny.py"
    (code,) = re.findall(r"```python\n(.*?)```", section("A network"), re.DOTALL)
    path.write_text(code)
    spec = importlib.util.spec_from_file_location("tiny", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "tiny", module)
    try:
        spec.loader.exec_module(module)
        (declared,) = select(["Tiny"])
        assert "--models Tiny,ResNet9" in section("A network")
        assert [str(finding) for finding in check_model(declared) if not finding.passed] == []
    finally:
        forget_models(str(path.resolve()))


def test_the_network_of_timm_s_on_the_page_keeps_the_contract():
    (named,) = re.findall(r"--models (timm/\w+)", section("A network of timm's"))
    (declared,) = select([named])
    assert [str(finding) for finding in check_model(declared) if not finding.passed] == []
