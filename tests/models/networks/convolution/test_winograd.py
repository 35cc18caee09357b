"""The convolution by tiles against torch's own in float64, and against shifts done by hand."""

from concurrent.futures import ThreadPoolExecutor

import pytest

torch = pytest.importorskip("torch")

import threadpoolctl  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from torch.nn import functional  # noqa: E402

from models.networks.convolution import winograd  # noqa: E402
from models.networks.convolution.quick import _QuickConv2d  # noqa: E402

# Of the terms' sizes, summed; float32 itself is at 1e-7, the method's bases cost the rest.
CLOSE = 3e-5


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def with_gradients(convolution, maps, kernel, slopes):
    maps, kernel = maps.clone().requires_grad_(), kernel.clone().requires_grad_()
    answer = convolution(maps, kernel)
    answer.backward(slopes)
    return answer.detach(), maps.grad, kernel.grad


def plain(maps, kernel):
    return functional.conv2d(maps, kernel, padding=1)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 9),
    channels=st.integers(1, 40),
    answers=st.integers(1, 40),
    height=st.integers(3, 21),
    width=st.integers(3, 21),
    seed=st.integers(0, 2**32 - 1),
)
def test_answers_and_gradients_are_those_of_the_plain_sum(
    n, channels, answers, height, width, seed
):
    maps = drawn(n, channels, height, width, seed=seed)
    kernel = drawn(answers, channels, 3, 3, seed=seed + 1)
    slopes = drawn(n, answers, height, width, seed=seed + 2)
    exact = with_gradients(plain, maps.double(), kernel.double(), slopes.double())
    sizes = with_gradients(plain, maps.abs(), kernel.abs(), slopes.abs())
    ours = with_gradients(winograd.convolve, maps, kernel, slopes)
    for expected, size, seen in zip(exact, sizes, ours, strict=True):
        assert seen.shape == expected.shape
        assert seen.dtype == torch.float32
        assert (seen - expected).abs().max() <= CLOSE * size.max()


@pytest.mark.parametrize("down", [-1, 0, 1])
@pytest.mark.parametrize("right", [-1, 0, 1])
def test_a_kernel_of_a_single_one_moves_the_maps(down, right):
    maps = drawn(4, 2, 9, 6)
    kernel = torch.zeros(2, 2, 3, 3)
    for channel in range(2):
        kernel[channel, channel, 1 - down, 1 - right] = 1
    moved = functional.pad(maps, (1, 1, 1, 1))[:, :, 1 - down : 10 - down, 1 - right : 7 - right]
    assert torch.allclose(winograd.convolve(maps, kernel), moved, atol=1e-5)


def test_maps_in_either_memory_order_give_the_same_bits_and_answers_lie_channels_last():
    maps, kernel = drawn(6, 16, 8, 8), drawn(24, 16, 3, 3)
    answer = winograd.convolve(maps, kernel)
    ordered = winograd.convolve(maps.contiguous(memory_format=torch.channels_last), kernel)
    assert torch.equal(answer, ordered)
    assert answer.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_bits_are_the_same_each_time_and_every_picture_is_some_threads(threads):
    maps, kernel, slopes = drawn(7, 32, 12, 12), drawn(16, 32, 3, 3), drawn(7, 16, 12, 12)
    torch.set_num_threads(threads)
    first, *again = [with_gradients(winograd.convolve, maps, kernel, slopes) for _ in range(3)]
    for other in again:
        assert all(torch.equal(one, two) for one, two in zip(first, other, strict=True))
    exact = plain(maps.double(), kernel.double())
    assert (first[0] - exact).abs().max() <= CLOSE * exact.abs().max()


def test_threads_of_other_libraries_are_put_back():
    winograd.convolve(drawn(4, 16, 8, 8), drawn(16, 16, 3, 3))
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = threadpoolctl.threadpool_info()
        winograd.convolve(drawn(4, 16, 8, 8), drawn(16, 16, 3, 3))
        assert threadpoolctl.threadpool_info() == before


def test_nan_stays_in_its_own_tiles():
    maps = drawn(2, 16, 8, 8)
    maps[1, 3, 0, 0] = float("nan")
    answer = winograd.convolve(maps, drawn(16, 16, 3, 3))
    assert answer[0].isfinite().all()
    assert answer[1, :, :2, :2].isnan().all()


def test_maps_that_want_no_gradient_get_none():
    kernel = drawn(16, 16, 3, 3).requires_grad_()
    maps = drawn(4, 16, 8, 8)
    winograd.convolve(maps, kernel).sum().backward()
    assert maps.grad is None
    assert kernel.grad.abs().sum() > 0
    with torch.no_grad():
        assert not winograd.convolve(maps, kernel).requires_grad


def test_a_frozen_kernel_gets_no_gradient_and_lets_the_maps_through():
    maps, kernel = drawn(4, 16, 8, 8).requires_grad_(), drawn(16, 16, 3, 3)
    winograd.convolve(maps, kernel).sum().backward()
    assert kernel.grad is None
    (expected,) = torch.autograd.grad(plain(maps, kernel).sum(), maps)
    assert torch.allclose(maps.grad, expected, atol=1e-3)


def test_answers_may_be_changed_in_place():
    maps, kernel = drawn(4, 16, 8, 8), drawn(16, 16, 3, 3)
    slopes = drawn(4, 16, 8, 8, seed=1)
    ours = with_gradients(lambda *given: winograd.convolve(*given).relu_(), maps, kernel, slopes)
    torchs = with_gradients(lambda *given: plain(*given).relu_(), maps, kernel, slopes)
    for expected, seen in zip(torchs, ours, strict=True):
        assert torch.allclose(seen, expected, atol=1e-2, rtol=1e-3)


def test_a_gradients_gradient_is_the_plain_sums():
    kernel = drawn(16, 16, 3, 3).requires_grad_()
    found = []
    for convolution in (plain, winograd.convolve):
        maps = drawn(4, 16, 8, 8).requires_grad_()
        (slope,) = torch.autograd.grad(
            convolution(maps, kernel).square().sum(), maps, create_graph=True
        )
        found.append(torch.autograd.grad(slope.square().sum(), kernel)[0])
    assert torch.allclose(found[1], found[0], rtol=1e-3, atol=1e-3 * found[0].abs().max())


def test_two_trainings_in_one_process_take_turns_and_get_their_own_numbers():
    kernels = [drawn(16, 16, 3, 3, seed=seed) for seed in range(6)]
    maps = drawn(8, 16, 12, 12)
    alone = [winograd.convolve(maps, kernel) for kernel in kernels]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda kernel: winograd.convolve(maps, kernel), kernels))
    assert all(torch.equal(one, two) for one, two in zip(alone, together, strict=True))


def by_tiles(convolution: _QuickConv2d, maps: torch.Tensor, monkeypatch) -> bool:
    seen = []
    convolve = winograd.convolve
    monkeypatch.setattr(
        winograd, "convolve", lambda *given: (seen.append(given), convolve(*given))[1]
    )
    answer = convolution(maps)
    expected = functional.conv2d(
        maps, convolution.weight, convolution.bias, convolution.stride, convolution.padding
    )
    assert torch.allclose(
        answer, expected, rtol=1e-2 if answer.dtype != maps.dtype else 1e-4, atol=1e-2
    )
    return bool(seen)


@pytest.mark.parametrize("bias", [False, True])
def test_a_convolution_with_much_to_multiply_goes_by_tiles(bias, monkeypatch):
    convolution = _QuickConv2d(64, 128, 3, padding=1, bias=bias)
    assert by_tiles(convolution, drawn(128, 64, 16, 16), monkeypatch)


@pytest.mark.parametrize(
    ("convolution", "shape"),
    [
        (_QuickConv2d(3, 64, 3, padding=1), (64, 3, 64, 64)),
        (_QuickConv2d(256, 256, 3, padding=1, stride=2), (64, 256, 8, 8)),
        (_QuickConv2d(256, 256, 1), (64, 256, 8, 8)),
        (_QuickConv2d(32, 64, 3, padding=1), (200, 32, 32, 32)),
        (_QuickConv2d(256, 256, 3, padding=1), (32, 256, 8, 8)),
        (_QuickConv2d(256, 256, 3, padding=1), (600, 256, 2, 2)),
        (_QuickConv2d(64, 64, 3, padding=1), (64, 256, 256)),
        (_QuickConv2d(64, 64, 3, padding=1), (1, 64, 256, 256)),
    ],
)
def test_what_gains_nothing_goes_another_way(convolution, shape, monkeypatch):
    assert not by_tiles(convolution, drawn(*shape), monkeypatch)


def test_other_precisions_are_torchs(monkeypatch):
    double = _QuickConv2d(128, 128, 3, padding=1).double()
    assert not by_tiles(double, drawn(256, 128, 8, 8).double(), monkeypatch)
    with torch.autocast("cpu", torch.bfloat16):
        single = _QuickConv2d(128, 128, 3, padding=1)
        assert not by_tiles(single, drawn(256, 128, 8, 8), monkeypatch)


def test_torchs_own_transforms_go_torchs_way():
    convolution = _QuickConv2d(128, 128, 3, padding=1)
    maps = drawn(2, 256, 128, 8, 8)
    one_by_one = torch.stack([convolution(part) for part in maps])
    assert torch.allclose(torch.func.vmap(convolution)(maps), one_by_one, atol=1e-4)


def test_maps_of_other_channels_are_refused_as_torch_refuses_them():
    with pytest.raises(RuntimeError, match="to have 128 channels"):
        _QuickConv2d(128, 128, 3, padding=1)(drawn(256, 256, 8, 8))
