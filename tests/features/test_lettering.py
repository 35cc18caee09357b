"""Lettering: whichever font there is, a letter is drawn, replaced, or cut off, never a box."""

import unicodedata

import pytest
from PIL import Image, ImageDraw, ImageFont

from features import lettering
from features.lettering import Lettering


@pytest.fixture
def only_pillow_s(monkeypatch):
    """A machine that has no font but Pillow's own."""
    monkeypatch.setattr(lettering, "_WIDE", ())
    lettering._fonts.cache_clear()
    yield
    lettering._fonts.cache_clear()


def drawn(lettered):
    page = Image.new("RGB", (300, 40), (255, 255, 255))
    lettered.draw(ImageDraw.Draw(page), (2, 20), "lm", (0, 0, 0))
    return page.tobytes()


def test_latin_letters_are_pillow_s_own_font():
    lettered = Lettering("frog 0-9", 17)
    assert lettered.text == "frog 0-9"
    assert lettered.font is lettering._fonts(17)[0]
    assert lettered.width == round(ImageFont.load_default(17).getlength("frog 0-9"))


@pytest.mark.usefixtures("only_pillow_s")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u00dcn\u012bc\u00f6d\u00e9", "Unicode"),
        ("\u8936\u76b1 2", "?? 2"),
        ("frog \U0001f438", "frog ?"),
        ("", ""),
    ],
)
def test_letters_that_no_font_has(text, shown):
    assert Lettering(text, 17).text == shown


def test_cyrillic_comes_from_another_font_where_there_is_one():
    try:
        ImageFont.truetype("DejaVuSans.ttf", 17)
    except OSError:
        pytest.skip("no DejaVu on this machine")
    lettered = Lettering("\u043a\u0438\u0440", 17)
    assert lettered.text == "\u043a\u0438\u0440"
    assert lettered.font is not lettering._fonts(17)[0]
    assert drawn(lettered) != drawn(Lettering("\u0438\u0438\u0438", 17))


def test_an_accent_apart_is_the_letter_with_its_accent():
    apart = Lettering(unicodedata.normalize("NFD", "\u00fcber"), 17)
    assert apart.text == Lettering("\u00fcber", 17).text


@pytest.mark.parametrize("text", ["x" * 60, "\u8936" * 90])
def test_a_long_text_is_cut_short(text):
    lettered = Lettering(text, 17, longest=100)
    assert lettered.text.endswith("…")
    assert 80 < lettered.width <= 100
