"""Samples of any number of bits as 8, and what is odd about them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage import img_as_ubyte

from benchmark.datasets.codec import LOW_BYTE, is_of_one_value
from benchmark.datasets.codec.errors import (
    MOST_PIXELS,
    DamagedPicture,
    TooLargePicture,
    check_size,
)
from benchmark.datasets.codec.samples import eight_bits


@given(arrays.arrays(np.uint16, (3, 4)))
def test_16_bits_become_scikit_image_s_8(samples):
    samples[0, 0] = 65535  # else scikit-image takes a low byte for the whole
    assert np.array_equal(eight_bits(samples, 16).picture, img_as_ubyte(samples))


@pytest.mark.parametrize("bits", range(1, 17))
def test_every_number_of_bits_spans_the_whole_range(bits):
    every = np.arange(1 << bits).astype(np.uint8 if bits <= 8 else np.uint16)[None]
    found = eight_bits(every, bits).picture[0].astype(int)
    assert (found[0], found[-1]) == (0, 255)
    assert (np.diff(found) >= 0).all()
    assert np.abs(found - every[0] * (255 / ((1 << bits) - 1))).max() < 1


@given(st.integers(9, 16), arrays.arrays(np.uint16, (2, 3), elements=st.integers(0, 511)))
def test_a_low_byte_is_told_from_a_black_picture_and_from_a_sound_one(bits, samples):
    is_odd = LOW_BYTE in eight_bits(samples, bits).oddities
    assert is_odd == (0 < samples.max() <= 255)


@given(
    arrays.arrays(
        np.uint8,
        st.sampled_from([(1, 1), (2, 3), (3, 2, 3), (1, 4, 3)]),
        elements=st.integers(0, 1),
    )
)
def test_a_picture_of_one_value_has_equal_pixels(picture):
    pixels = picture.reshape(picture.shape[0] * picture.shape[1], -1)
    assert is_of_one_value(picture) == (len(np.unique(pixels, axis=0)) == 1)


def test_the_limit_is_pillow_s():
    from PIL import Image

    assert MOST_PIXELS == Image.MAX_IMAGE_PIXELS
    check_size(MOST_PIXELS, 1)
    with pytest.raises(TooLargePicture, match="at most 89,478,485 are decoded"):
        check_size(MOST_PIXELS + 1, 1)
    with pytest.raises(DamagedPicture, match="0 x 5 pixels"):
        check_size(0, 5)
