"""Names of classes and pictures: which are one, in what order, and what is never shown."""

import unicodedata

import pytest

from benchmark.datasets.names import about_names, class_names, natural_order


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["10", "9", "-1", "9"], ["-1", "9", "10"]),
        (["10", "9", "b"], ["10", "9", "b"]),
        (["1", "01"], ["01", "1"]),
        (["--1", "1"], ["--1", "1"]),
        (["²", "1"], ["1", "²"]),
    ],
)
def test_class_names_are_in_natural_order(names, order):
    assert natural_order(names) == order
    assert natural_order(names[::-1]) == order


def test_names_that_look_alike_are_one_class_and_that_is_said():
    forms = [unicodedata.normalize(form, "café") for form in ("NFC", "NFD")]
    called = class_names([*forms, "café ", "\u00a0bar", "bar"])
    assert set(called.values()) == {"café", "bar"}
    said = about_names(called)
    assert len(said) == 2
    assert "'caf\\xe9'" in said[1], "what can't be told apart by eye is written out"
    assert "'cafe\\u0301'" in said[1]


def test_names_that_differ_by_case_are_two_classes_and_that_is_said():
    called = class_names(["Cat", "cat", "dog"])
    assert set(called.values()) == {"Cat", "cat", "dog"}
    (said,) = about_names(called)
    assert "'Cat' and 'cat' differ by case alone" in said
    assert about_names(class_names(["a", "b"])) == []
