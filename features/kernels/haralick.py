"""Haralick's features of the four co-occurrence matrices of an 8-bit image."""

from __future__ import annotations

import math

import numpy as np
from numba import types

from features.kernels.kernel import IMAGE, LINE, kernel, step

LEVELS = 256
DIRECTIONS = 4
_COUNT = 13

# One matrix holds the pairs of values (x, y) at |x - y| * LEVELS + min(x, y): it is symmetric, so
# that half of it says all, and neighbours are alike, so that a photograph's pairs lie together.
# The odd length keeps the same pair of four directions from falling on one line of the cache.
STRIDE = LEVELS * LEVELS + 80

# n log2 n of the whole numbers below are looked up.
_TABLE = 16384


def logarithms() -> np.ndarray:
    """n log2 n for n = 0, 1, 2 ...: float64, (16384,)."""
    counts = np.arange(_TABLE, dtype=np.float64)
    counts[1:] *= np.log2(counts[1:])
    return counts


@step
def _histogram(image: np.ndarray) -> np.ndarray:
    # Several counters for each value: one that is counted twice in a row has to wait for itself.
    counts = np.zeros((4, LEVELS), np.int64)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            counts[x & 3, image[y, x]] += 1
    for value in range(LEVELS):
        counts[0, value] += counts[1, value] + counts[2, value] + counts[3, value]
    return counts[0]


@step
def _range(values: np.ndarray) -> tuple[int, int, int]:
    """One more than the greatest value, the least one, and how many there are."""
    levels, darkest, kinds = 0, LEVELS, 0
    for value in range(LEVELS):
        if values[value]:
            levels = value + 1
            darkest = min(darkest, value)
            kinds += 1
    return levels, darkest, kinds


@step
def _neighbours(image: np.ndarray, y: int, direction: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of row ``y`` that have a neighbour in this direction, and the neighbours."""
    row = image[y]
    if direction == 0:
        return row[:-1], row[1:]
    below = image[y + 1]
    if direction == 1:
        return row[:-1], below[1:]
    if direction == 2:
        return row, below
    return row[1:], below[:-1]


@step
def _count_unlike(image: np.ndarray, direction: int) -> int:
    """Count the pairs of different values in one direction."""
    unlike = 0
    for y in range(image.shape[0] - (direction != 0)):
        here, there = _neighbours(image, y, direction)
        unlike += _different(here, there)
    return unlike


@step
def _different(here: np.ndarray, there: np.ndarray) -> int:
    count = np.uint32(0)
    for x in range(here.size):
        count += np.uint32(here[x] != there[x])
    return int(count)


@step
def _count_pairs(image: np.ndarray, matrices: np.ndarray) -> None:
    """Count the pairs: to the right, below right, below and below left."""
    height, width = image.shape
    right = np.empty(width - 1, np.uint16)
    below_right, below, below_left = right.copy(), np.empty(width, np.uint16), right.copy()
    first, second = matrices[:STRIDE], matrices[STRIDE : 2 * STRIDE]
    third, fourth = matrices[2 * STRIDE : 3 * STRIDE], matrices[3 * STRIDE :]
    for y in range(height - 1):
        _encode(*_neighbours(image, y, 0), right)
        _encode(*_neighbours(image, y, 1), below_right)
        _encode(*_neighbours(image, y, 2), below)
        _encode(*_neighbours(image, y, 3), below_left)
        # Four matrices in turn: a count that is raised twice in a row has to wait for itself.
        for x in range(width - 1):
            first[right[x]] += 1
            second[below_right[x]] += 1
            third[below[x]] += 1
            fourth[below_left[x]] += 1
        third[below[width - 1]] += 1
    _encode(*_neighbours(image, height - 1, 0), right)
    for x in range(width - 1):
        first[right[x]] += 1


@step
def _encode(here: np.ndarray, there: np.ndarray, codes: np.ndarray) -> None:
    """Where in a matrix each pair of values is counted."""
    for x in range(codes.size):
        least = min(here[x], there[x])
        most = max(here[x], there[x])
        codes[x] = np.uint16(np.uint16(most - least) << 8) | np.uint16(least)


@step
def _marginal(image: np.ndarray, values: np.ndarray, direction: int, marginal: np.ndarray) -> None:
    """How often each value is in a pair: twice for each pixel, less the pairs beyond a border."""
    height, width = image.shape
    for value in range(LEVELS):
        marginal[value] = 2 * values[value]
    if direction != 2:
        for y in range(height):
            marginal[image[y, 0]] -= 1
            marginal[image[y, width - 1]] -= 1
    if direction != 0:
        for x in range(width):
            marginal[image[0, x]] -= 1
            marginal[image[height - 1, x]] -= 1
    if direction == 1:
        marginal[image[0, 0]] += 1
        marginal[image[height - 1, width - 1]] += 1
    if direction == 3:
        marginal[image[0, width - 1]] += 1
        marginal[image[height - 1, 0]] += 1


@step
def _times_logarithm(count: int, logarithms: np.ndarray) -> float:
    if count < _TABLE:
        return logarithms[count]
    return count * math.log2(count)


@step
def _two_levels(
    low: int,
    high: int,
    unlike: int,
    pairs: int,
    marginal: np.ndarray,
    logarithms: np.ndarray,
    sums: np.ndarray,
    differences: np.ndarray,
) -> tuple[int, float]:
    """What `_collect` does for a matrix of two values, in which only three counts matter."""
    both_high = (marginal[high] - unlike) // 2
    both_low = pairs - unlike - both_high
    sums[2 * low] += both_low
    sums[low + high] += unlike
    sums[2 * high] += both_high
    differences[0] += both_low + both_high
    differences[high - low] += unlike
    squares = 2 * both_low * both_low + unlike * unlike + 2 * both_high * both_high
    bits = _times_logarithm(2 * both_low, logarithms) + _times_logarithm(2 * both_high, logarithms)
    return squares, bits + 2.0 * _times_logarithm(unlike, logarithms)


@step
def _collect_few(
    image: np.ndarray,
    direction: int,
    matrix: np.ndarray,
    logarithms: np.ndarray,
    sums: np.ndarray,
    differences: np.ndarray,
) -> tuple[int, float]:
    """What `_collect` does, for an image of far fewer pairs than the matrix has entries."""
    # It looks at the entries of the image's pairs, and so not at the many that are empty. No count
    # may be beyond the table.
    squares = np.int64(0)
    bits = 0.0
    codes = np.empty(image.shape[1], np.uint16)
    for y in range(image.shape[0] - (direction != 0)):
        here, there = _neighbours(image, y, direction)
        row = codes[: here.size]
        _encode(here, there, row)
        for x in range(row.size):
            # No branches, which nobody could foretell: an entry seen before counts 0 by now.
            code = row[x]
            count = int(matrix[code])
            matrix[code] = 0
            difference, least = code >> 8, code & 255
            sums[2 * least + difference] += count
            differences[difference] += count
            squares += (count * count) << int(difference == 0)
            bits += logarithms[count]
    # On the diagonal, 2 n log2 2n is twice n log2 n and 2 n more.
    return int(squares), 2.0 * (bits + differences[0])


@step
def _collect(
    matrix: np.ndarray,
    levels: int,
    logarithms: np.ndarray,
    sums: np.ndarray,
    differences: np.ndarray,
) -> tuple[int, float]:
    """Count ``sums`` (x + y) and ``differences`` (|x - y|) from one matrix, and clear it."""
    # Returned is half the sum of the squares of the whole symmetric matrix, and that of n log2 n.
    squares = np.int64(0)
    equal = 0.0
    for value in range(levels):
        count = int(matrix[value])
        if count:
            matrix[value] = 0
            squares += 2 * count * count
            equal += _times_logarithm(2 * count, logarithms)
            sums[2 * value] += count
            differences[0] += count
    unequal = 0.0
    for difference in range(1, levels):
        row = matrix[difference * LEVELS : difference * LEVELS + levels - difference]
        total = np.int64(0)
        for value in range(row.size):
            count = int(row[value])
            if count:
                row[value] = 0
                total += count
                squares += count * count
                unequal += _times_logarithm(count, logarithms)
                sums[2 * value + difference] += count
        differences[difference] = total
    return int(squares), equal + 2.0 * unequal


@step
def _entropy(counts: np.ndarray, total: int, logarithms: np.ndarray) -> float:
    """Entropy in bits of ``counts`` that add up to ``total``."""
    bits = 0.0
    for index in range(counts.size):
        if counts[index]:
            bits += _times_logarithm(counts[index], logarithms)
    return (_times_logarithm(total, logarithms) - bits) / total


@step
def _spread(marginal: np.ndarray, entries: int) -> tuple[float, int, float]:
    """Mean of the values, and about the nearest whole number to it: sum of squares, and mean."""
    # About that number, the second moment in whole numbers loses nothing to cancellation.
    total = np.int64(0)
    for value in range(LEVELS):
        total += value * marginal[value]
    centre = np.int64(total / entries + 0.5)
    squares = np.int64(0)
    for value in range(LEVELS):
        squares += (value - centre) ** 2 * marginal[value]
    return total / entries, int(squares), (total - centre * entries) / entries


@step
def _add_statistics(
    pairs: int,
    levels: int,
    squares: int,
    bits: float,
    marginal: np.ndarray,
    sums: np.ndarray,
    differences: np.ndarray,
    logarithms: np.ndarray,
    out: np.ndarray,
) -> None:
    """Add one direction's features to ``out``, in the paper's order."""
    entries = 2 * pairs
    mean, second, offset = _spread(marginal, entries)
    contrast = np.int64(0)
    inverse = 0.0
    scatter = 0.0
    for difference in range(levels):
        count = differences[difference]
        contrast += count * difference * difference
        inverse += count / (1.0 + difference * difference)
        scatter += (count / pairs - 1.0 / levels) ** 2
    variance = second / entries - offset * offset
    covariance = (second - contrast) / entries - offset * offset
    entropy = (_times_logarithm(entries, logarithms) - bits) / entries
    of_value = _entropy(marginal, entries, logarithms)
    # The matrix being symmetric, the paper's HXY1 and HXY2 are both twice the entropy of a value.
    shared = 2.0 * of_value - entropy
    out[0] += squares / (2.0 * pairs * pairs)
    out[1] += contrast / pairs
    out[2] += covariance / variance if variance > 0.0 else 1.0
    out[3] += variance
    out[4] += inverse / pairs
    out[5] += 2.0 * mean
    out[6] += 2.0 * (variance + covariance)
    out[7] += _entropy(sums, pairs, logarithms)
    out[8] += entropy
    out[9] += scatter / levels
    out[10] += _entropy(differences, pairs, logarithms)
    out[11] -= shared / of_value if of_value > 0.0 else 0.0
    out[12] += math.sqrt(max(0.0, 1.0 - math.exp(-2.0 * shared)))


@kernel(IMAGE, types.int32[::1], LINE, types.float64[::1])
def haralick_features(
    image: np.ndarray, matrices: np.ndarray, logarithms: np.ndarray, out: np.ndarray
) -> None:
    """Features 1 to 13, each the mean over the four directions.

    Counts are whole numbers, and so are the sums of their products: what is divided is exact.

    Parameters
    ----------
    image : uint8, (H, W), at least two pixels high and wide.
    matrices : all zero, int32, (DIRECTIONS * STRIDE,); all zero again afterwards.
    logarithms : from `logarithms`.
    out : float64, (13,).
    """
    height, width = image.shape
    values = _histogram(image)
    levels, darkest, kinds = _range(values)
    if kinds > 2:
        _count_pairs(image, matrices)
    out[:] = 0.0
    sums = np.empty(2 * LEVELS, np.int64)
    differences = np.empty(LEVELS, np.int64)
    marginal = np.empty(LEVELS, np.int64)
    for direction in range(DIRECTIONS):
        pairs = (height - (direction != 0)) * (width - (direction != 2))
        _marginal(image, values, direction, marginal)
        sums[:] = 0
        differences[:] = 0
        if kinds <= 2:
            unlike = _count_unlike(image, direction)
            squares, bits = _two_levels(
                darkest, levels - 1, unlike, pairs, marginal, logarithms, sums, differences
            )
        else:
            matrix = matrices[direction * STRIDE : (direction + 1) * STRIDE]
            if pairs < min(levels * levels // 4, _TABLE):
                squares, bits = _collect_few(
                    image, direction, matrix, logarithms, sums, differences
                )
            else:
                squares, bits = _collect(matrix, levels, logarithms, sums, differences)
        _add_statistics(pairs, levels, squares, bits, marginal, sums, differences, logarithms, out)
    for number in range(_COUNT):
        out[number] /= DIRECTIONS
