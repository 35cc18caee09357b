"""Resolution: a request checked before anything is read or written, with nothing left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic

from benchmark import processes
from benchmark.checks import (
    check_image_size,
    check_numbers,
    check_out,
    check_precision,
    chosen_device,
    chosen_models,
    folder_of_weights,
)
from benchmark.errors import InputError
from benchmark.inputs.feature_sets import check_features, chosen_features
from benchmark.inputs.products import Spec
from benchmark.inputs.watch import Workers
from benchmark.plugins import check_not_loading, load_all
from benchmark.presets import preset as preset_called
from benchmark.request import AnyRequest, CurveRequest, Request, RunRequest
from models import Model
from results import check_metric

_FEWEST_SECONDS = 10.0  # for a picture, however short trials are: else a busy machine loses some


@dataclass(frozen=True)
class Resolved(Generic[AnyRequest]):
    """A request that makes sense, with nothing in it left open.

    Attributes
    ----------
    request : with the preset's defaults, the device and absolute paths filled in.
    models : the models that it names.
    spec : what to make of each picture for them.
    """

    request: AnyRequest
    models: Sequence[Model]
    spec: Spec

    @property
    def workers(self) -> Workers:
        """Processes that prepare pictures; one picture may take as long as one trial."""
        count = min(self.request.threads or processes.cores(), processes.cores())
        memory = self.request.memory_limit
        if self.request.timeout is None:
            return Workers(count, memory_gb=memory)
        return Workers(count, max(self.request.timeout, _FEWEST_SECONDS), memory)


def resolved(request: AnyRequest) -> Resolved[AnyRequest]:
    """Check a request before anything is read or written; loads its plugins.

    Raises
    ------
    InputError, ModelError, FeatureError, ResultsError
        If it makes no sense.
    """
    check_not_loading()
    processes.check_may_start()
    preset = preset_called(request.preset)
    _check_values(request)
    files = load_all(request.plugins)
    if isinstance(request, RunRequest):
        check_metric(request.sort_by)  # which a plugin may have declared
    models = chosen_models(None if request.models is None else listed(request.models))
    inputs, families = ({getattr(m, name) for m in models} for name in ("inputs", "family"))
    weights_dir = folder_of_weights(request.weights_dir)
    side = request.image_size or preset.image_size
    features = None
    if "features" in inputs:
        features = chosen_features(request.features, weights_dir, request.offline)
    else:
        check_features(request.features)
    if request.out is not None:
        check_out(request.out)
    filled = replace(
        request,
        plugins=files,
        image_size=side,
        device=chosen_device(request.device, "deep" in families),
        timeout=preset.timeout if request.timeout is None else request.timeout,
        weights_dir=weights_dir,
    )
    spec = Spec(features, side if "images" in inputs else None, files, request.seed)
    return Resolved(filled, models, spec)


def _check_values(request: Request) -> None:
    counts = {"threads": request.threads, "jobs": request.jobs, "image-size": request.image_size}
    amounts = {"timeout": request.timeout, "memory-limit": request.memory_limit}
    check_numbers(counts, amounts, request.seed)
    check_image_size(request.image_size)
    check_precision(request.precision)
    if isinstance(request, CurveRequest):
        check_numbers({"seeds": request.seeds}, {}, request.seed + request.seeds - 1)


def listed(names: Sequence[str] | str) -> list[str]:
    """Names as a list, or as one text of them parted by commas."""
    parts = names.split(",") if isinstance(names, str) else names
    return [part.strip() for part in parts if part.strip()]


def whole_numbers(numbers: Sequence[int] | str | None, name: str) -> list[int] | None:
    """Whole numbers as a list, or as one text of them parted by commas.

    Raises
    ------
    InputError
        If the text holds something else.
    """
    if numbers is None or not isinstance(numbers, str):
        return numbers if numbers is None else list(numbers)
    try:
        return [int(part) for part in listed(numbers)]
    except ValueError as error:
        raise InputError(f"--{name} is {numbers!r}; give whole numbers, as 25,50,100") from error
