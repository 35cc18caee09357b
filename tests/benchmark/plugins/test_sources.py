"""Which code beside its own file decides what a plugin does, and which libraries."""

import hashlib
import os
import time
from importlib import metadata

import pytest

from benchmark import plugins
from benchmark.plugins.sources import sources_of


@pytest.fixture
def write(tmp_path):
    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text)
        return tmp_path / "plugin.py"

    return write


def beside(plugin):
    return set(sources_of(str(plugin)).beside)


def test_imports_of_imports_at_once_and_later_count_and_nothing_else(write):
    plugin = write(
        plugin="import numpy, first\ndef build():\n    from second import x\n",
        first="import importlib\nimportlib.import_module('third')\n",
        second="import pack.deep.down as d\n",
        third="import plugin, os\n",
        pack__deep__down="",
        pack__other="import fourth\n",
        fourth="",
        never="",
        never_a_package__module="",
    )
    expected = {"first.py", "second.py", "third.py", "fourth.py"}
    assert beside(plugin) == expected | {"pack/deep/down.py", "pack/other.py"}
    found = sources_of(str(plugin)).beside["fourth.py"]
    assert found == hashlib.sha256(b"").hexdigest()


def test_what_was_imported_by_a_name_that_only_running_tells(write):
    plugin = write(
        plugin="import importlib\nimportlib.import_module('hel' + 'per')\n",
        helper="",
    )
    assert beside(plugin) == set()
    plugins.load_plugin(plugin)
    assert beside(plugin) == {"helper.py"}


def test_libraries_bear_the_names_of_their_distributions(write):
    plugin = write(plugin="import helper, os", helper="import sklearn.svm\nimport cv2, models")
    assert sources_of(str(plugin)).libraries == {
        name: metadata.version(name)
        for name in ("scikit-learn", "opencv-python-headless", metadata_of("models"))
    }


def metadata_of(package):
    return metadata.packages_distributions()[package][0]


def test_a_file_beside_that_bears_a_library_s_name_does_not_count(write):
    assert beside(write(plugin="import numpy, random", numpy="", random="")) == set()


def test_what_can_t_be_parsed_counts_by_its_text_alone(write):
    assert beside(write(plugin="import helper", helper="x = (")) == {"helper.py"}


def test_the_youngest_file_says_when_something_was_last_written(write):
    plugin = write(plugin="import one, two", one="", two="")
    assert sources_of(str(plugin)).changed == pytest.approx(time.time(), abs=60)
    for name, moment in (("one", 1e9), ("two", 1.1e9), ("plugin", 1.5e9)):
        os.utime(plugin.with_name(f"{name}.py"), (moment, moment))
    assert sources_of(str(plugin)).changed == 1.1e9


def test_what_is_built_in_has_no_sources():
    for origin in ("built in", "no/such/file.py", ""):
        found = sources_of(origin)
        assert (found.beside, found.libraries, found.changed) == ({}, {}, 0.0)


def test_a_module_of_a_package_counts_with_all_of_the_package(tmp_path):
    package = tmp_path / "mine"
    package.mkdir()
    for name in ("__init__", "plugin", "net"):
        (package / f"{name}.py").write_text("from . import net\n")
    assert beside(package / "plugin.py") == {"mine/__init__.py", "mine/net.py"}


def test_of_an_installed_plugin_all_code_of_its_distribution_counts(tmp_path, monkeypatch):
    info = tmp_path / "my_models-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-models\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[benchmark.models]\nmine = my_models_plugin\n")
    names = ["my_models_plugin.py", "my_models_net.py", "my_models_data.txt"]
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in names))
    for name in names:
        (tmp_path / name).write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert beside(tmp_path / "my_models_plugin.py") == {"my_models_net.py"}
