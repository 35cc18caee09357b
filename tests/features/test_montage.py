"""The montage: where its tiles are and what they show."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from skimage.data import astronaut, camera, grass

from features import FeatureError, draw_montage, grey

pytestmark = pytest.mark.filterwarnings("error")

TILE, GAP, SPACE = 128, 4, 22
COLOUR = astronaut()[:64, 180:244]


def tile(page, row, column):
    """The tile in a row and column, counted from the page's lower right corner."""
    right = page.shape[1] - 28 - column // 4 * (4 * TILE + 3 * GAP + SPACE)
    right -= column % 4 * (TILE + GAP)
    bottom = page.shape[0] - 28 - row * (TILE + SPACE)
    return page[bottom - TILE : bottom, right - TILE : right]


def doubled(image):
    return np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)


def test_the_views_are_side_by_side():
    page = draw_montage({"astronaut": [COLOUR]})
    assert page.dtype == np.uint8
    assert page.ndim == 3
    assert page.shape[2] == 3
    assert_array_equal(tile(page, 0, 3), doubled(COLOUR))
    assert_array_equal(tile(page, 0, 2)[:, :, 0], doubled(grey(COLOUR)))
    assert tile(page, 0, 1).max() == 255  # stretched
    assert set(np.unique(tile(page, 0, 0))) == {0, 255}


def test_rows_are_classes_and_columns_pictures():
    dark, light = (np.full((16, 16), value, np.uint8) for value in (60, 180))
    page = draw_montage({"dark": [dark], "light": [light, light]})
    assert (tile(page, 0, 3) == 180).all()
    assert (tile(page, 0, 7) == 180).all()
    assert (tile(page, 1, 7) == 60).all()
    assert (tile(page, 1, 3) == 255).all()  # no second picture


def test_rows_and_columns_are_labelled():
    page = draw_montage({"a": [COLOUR], "a much longer name": [COLOUR]})
    names = page[28 + 30 :, 28 : page.shape[1] - 28 - 4 * TILE - 3 * GAP]
    assert (names[:TILE] < 128).any()
    assert (names[-TILE - 28 : -28] < 128).sum() > 3 * (names[:TILE] < 128).sum()
    assert (page[: 28 + 30] < 200).any()
    assert (page[:20] == 255).all()


def test_a_note_is_below_the_rows():
    plain, noted = (
        draw_montage({"a": [COLOUR]}),
        draw_montage({"a": [COLOUR]}, "and 3 more classes"),
    )
    rows = plain.shape[0] - 28
    assert_array_equal(noted[:rows], plain[:rows])
    assert (noted[rows:] < 200).any()
    assert (plain[rows:] == 255).all()


def test_proportions_are_kept():
    page = draw_montage({"wide": [np.zeros((64, 128), np.uint8)]})
    grey_tile = tile(page, 0, 2)
    assert (grey_tile[32:96] == 0).all()
    assert (grey_tile[:32] > 0).all()
    assert (grey_tile[96:] > 0).all()


def test_thin_edges_survive_shrinking():
    page = draw_montage({"camera": [camera()]})
    assert 0.05 < np.mean(tile(page, 0, 0) > 128) < 0.3


def test_a_line_of_a_large_picture_is_one_pixel_of_the_tile():
    step = np.zeros((1024, 1024), np.uint8)
    step[:, 516:] = 200
    shown = tile(draw_montage({"step": [step]}), 0, 0)[:, :, 0]
    assert (shown.max(axis=0) > 0).sum() == 1
    assert (shown.max(axis=1) == 255).sum() > 120


def test_busy_edges_of_a_large_picture_are_no_white_patch():
    shown = tile(draw_montage({"grass": [grass()]}), 0, 0)
    assert np.mean(shown == 255) < 0.1
    assert shown.std() > 40


def test_gabor_s_peaks_survive_shrinking():
    # Half of it flat, half a wave of the filter's own length: the same mean, other responses.
    wave = np.full((640, 640), 128, np.uint8)
    wave[:, 320:] = np.rint(128 + 100 * np.cos(2 * np.pi * np.arange(320) / 2.5)).astype(np.uint8)
    shown = tile(draw_montage({"wave": [wave]}), 0, 1)[:, :, 0].astype(float)
    assert shown[:, 70:120].mean() > 200
    assert shown[:, 70:120].mean() > 2 * shown[:, 8:58].mean()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1, 3), (2000, 3), (100, 37, 3)])
def test_any_size(shape):
    draw_montage({"class": [np.full(shape, 7, np.uint8)]})


def test_long_names_are_shortened():
    short, long = (draw_montage({"x" * count: [COLOUR]}) for count in (60, 600))
    assert short.shape == long.shape


@pytest.mark.parametrize("nothing", [{}, {"a": []}, {"a": [], "b": []}])
def test_nothing_to_show(nothing):
    with pytest.raises(FeatureError, match="no picture"):
        draw_montage(nothing)


def test_what_is_no_picture():
    with pytest.raises(FeatureError, match="give uint8"):
        draw_montage({"a": [np.zeros((3, 3))]})
