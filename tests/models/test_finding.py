"""Findings about any subject: what is passed, what is failed, and what is said about it."""

import warnings

import pytest

from models import BrokenCheck, Finding, WrongAnswer, findings


def is_even(number):
    if number % 2:
        raise BrokenCheck(f"{number} is odd")


def is_small(number):
    if number > 9:
        raise WrongAnswer(f"{number} is large")


def can_be_divided_by(number):
    return 1 / number


CHECKS = {"it is even": is_even, "it is small": is_small, "it divides": can_be_divided_by}


def test_a_subject_that_holds_has_a_finding_a_check_in_their_order():
    assert findings("two", CHECKS, 2) == [Finding("two", check, True) for check in CHECKS]
    assert str(findings("two", CHECKS, 2)[0]) == "passed  two: it is even"


def test_a_broken_check_says_what_was_seen_and_the_others_are_still_done():
    odd, large, divides = findings("eleven", CHECKS, 11)
    assert (odd.passed, odd.reason) == (False, "11 is odd")
    assert (large.passed, large.reason) == (False, "11 is large")
    assert divides.passed
    assert str(odd) == "FAILED  eleven: it is even - 11 is odd"


@pytest.mark.parametrize("error", [KeyError("a"), SystemExit(3), MemoryError("none")])
def test_any_other_error_is_a_failed_check_with_its_place(error):
    def fails(subject):
        raise error

    (finding,) = findings("it", {"it runs": fails}, None)
    assert not finding.passed
    assert finding.reason.startswith(f"{type(error).__name__}: {error} (")
    assert "test_finding.py:" in finding.reason


def test_ctrl_c_ends_the_suite():
    def interrupted(subject):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        findings("it", {"it runs": interrupted}, None)


@pytest.mark.filterwarnings("error")
def test_warnings_of_the_subject_are_no_findings():
    def warns(subject):
        warnings.warn("careful", stacklevel=1)

    (finding,) = findings("it", {"it runs": warns}, None)
    assert finding.passed
