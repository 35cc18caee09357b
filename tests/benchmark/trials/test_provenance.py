"""Where and with what a result was made."""

from benchmark.trials.provenance import _gpus, provenance


def test_the_machine_and_the_libraries_are_named():
    made = provenance()
    assert made["processor"]
    assert made["cores"] >= 1
    assert {"python", "numpy", "torch"} <= made["versions"].keys()


def test_gpus_are_named_as_their_driver_names_them(tmp_path):
    assert _gpus(tmp_path) == []
    for place, model in (("0000:01", "NVIDIA H200"), ("0000:02", "NVIDIA L4")):
        (tmp_path / place).mkdir()
        text = f"Model: \t\t {model}\nIRQ:   \t\t 16\nGPU UUID: \t GPU-1\n"
        (tmp_path / place / "information").write_text(text)
    assert _gpus(tmp_path) == ["NVIDIA H200", "NVIDIA L4"]
