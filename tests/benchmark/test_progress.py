"""What a run says where there is no terminal: epochs, notes, ends."""

import re

import pytest

from benchmark import progress
from benchmark.progress import Progress


@pytest.fixture
def now(monkeypatch):
    """A clock that the test moves."""
    clock = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    return clock


def lines(capsys):
    return capsys.readouterr().err.splitlines()


def test_every_epoch_of_a_trial_has_its_line(now, capsys):
    with Progress() as shown:
        shown.plan(1, 0)
        shown.started("ResNet9")
        for epoch in range(5):
            now[0] += 1.5
            shown.message("ResNet9", f"epoch {epoch + 1}/5 loss 0.50")
        shown.ended("ResNet9", "ok", "", 7.5, "test 0.90")
    *epochs, end = lines(capsys)
    assert epochs == [f"ResNet9: epoch {epoch + 1}/5 loss 0.50" for epoch in range(5)]
    assert end.startswith("1/1 ResNet9")


def test_tiny_epochs_have_a_line_a_second_and_the_last(now, capsys):
    with Progress() as shown:
        shown.plan(2, 0)
        for model in ("A", "B"):
            shown.started(model)
        for epoch in range(1, 29):
            for model in ("A", "B"):  # each has a second of its own
                shown.message(model, f"epoch {epoch}/28")
            now[0] += 0.125
        shown.ended("A", "ok", "", 2.5, "")
        shown.ended("B", "ok", "", 2.5, "")
    said = [line for line in lines(capsys) if "epoch" in line]
    for model in ("A", "B"):
        assert [line for line in said if line.startswith(model)] == [
            f"{model}: epoch {epoch}/28" for epoch in (1, 9, 17, 25, 28)
        ]


def test_the_next_trial_of_a_model_begins_anew(now, capsys):
    with Progress() as shown:
        for size in (10, 20):
            shown.started("A")
            shown.message("A", f"of {size}")
            shown.ended("A", "ok", "", 0.1, "")
    assert [line for line in lines(capsys) if line.startswith("A:")] == ["A: of 10", "A: of 20"]


@pytest.mark.parametrize("terminal", [False, True])
def test_a_note_is_never_missed(now, capsys, monkeypatch, terminal):
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress() as shown:
        shown.started("A")
        shown.message("A", "epoch 1/9")
        shown.message("A", "note: went on after epoch [4] of 9")
        shown.message("A", "epoch 2/9")
        shown.message("A", "note: out of memory")
        shown.ended("A", "failed", "odd", 0.1, "")
    text = capsys.readouterr().err
    assert text.count("A: note: went on after epoch [4] of 9") == 1
    assert text.count("A: note: out of memory") == 1


def test_eighty_columns_have_room_for_the_count_and_the_epoch(capsys, monkeypatch):
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("LINES", "24")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(progress.LenientStream, "isatty", lambda stream: True)
    said = "epoch 12/100 loss 0.65 accuracy 0.82 val 0.80 1,234 pictures/s 3456 s left"
    with Progress() as shown:
        shown.plan(40, 0)
        shown.started("ResNet152-pretrained")
        shown.message("ResNet152-pretrained", said)
        shown._live.refresh()
        screen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert "0/40" in screen
    words = screen[screen.rindex("0/40") :].split()
    assert [word for word in said.split() if word not in words] == []
