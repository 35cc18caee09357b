"""Text that can be written and shown, whatever names it holds."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from benchmark.printable import printable, printable_lines


def test_a_name_in_no_encoding_becomes_one_that_can_be_written():
    assert printable("fold \udcff") == "fold \\xff"
    assert printable("façade 褶皱") == "façade 褶皱"


@given(st.text(st.characters()))
def test_no_name_moves_a_cursor_or_turns_the_order_of_what_is_shown(name):
    shown = printable(name)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert not {*shown} & {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
    assert printable(shown) == shown


def test_a_zero_width_joiner_is_part_of_a_word():
    assert printable("نمی\u200cخواهم") == "نمی\u200cخواهم"


@given(st.text(st.characters()))
def test_lines_keep_their_ends_and_nothing_else_that_is_not_shown(text):
    assert printable_lines(text).count("\n") == text.count("\n")
    assert printable_lines(text).replace("\n", "").replace("\t", "") == printable(
        text.replace("\n", "").replace("\t", "")
    )
