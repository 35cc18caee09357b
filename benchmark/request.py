"""Request: what a user asks a run for, checked before anything is read or written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark import processes
from benchmark.frozen import PREFIX, feature_set
from benchmark.options import (
    check_image_size,
    check_numbers,
    check_out,
    check_precision,
    chosen_device,
    chosen_models,
    folder_of_weights,
)
from benchmark.plan import Settings
from benchmark.plugins import check_not_loading, load_all
from benchmark.portions import Wanted
from benchmark.presets import preset as preset_called
from models import Model


@dataclass(frozen=True)
class Request:
    """The models of a run, how to go about their trials, and what to make of each picture."""

    models: Sequence[Model]
    settings: Settings
    wanted: Wanted

    @property
    def workers(self) -> int:
        """Processes that prepare pictures."""
        return min(self.settings.threads or processes.cores(), processes.cores())


def request(
    *,
    models: Sequence[str] | str | None,
    preset: str,
    out: str | Path | None,
    seed: int,
    threads: int | None,
    jobs: int | None,
    timeout: float | None,
    memory_limit: float | None,
    device: str,
    offline: bool,
    plugins: Sequence[str | Path] | str | Path,
    features: str,
    image_size: int | None,
    retry: bool,
    weights_dir: str | Path | None,
    precision: str,
) -> Request:
    """The request that the arguments of `benchmark.run` make; loads the plugins.

    Raises `InputError`, `ModelError` or `FeatureError` for one that makes no sense.
    """
    check_not_loading()
    size = preset_called(preset)
    check_numbers(
        {"threads": threads, "jobs": jobs, "image-size": image_size},
        {"timeout": timeout, "memory-limit": memory_limit},
        seed,
    )
    check_image_size(image_size)
    check_precision(precision)
    files = load_all(plugins)
    chosen = chosen_models(models.split(",") if isinstance(models, str) else models)
    weights_folder = folder_of_weights(weights_dir)
    eaten = {model.inputs for model in chosen}
    _check_features(features, "features" in eaten, weights_folder, offline)
    settings = Settings(
        preset=preset,
        seed=seed,
        image_size=image_size or size.image_size,
        device=chosen_device(device, any(model.family == "deep" for model in chosen)),
        offline=offline,
        threads=threads,
        jobs=jobs,
        timeout=timeout if timeout is not None else size.timeout,
        memory_limit=memory_limit,
        retry=retry,
        weights_dir=weights_folder,
        precision=precision,
    )
    if out is not None:
        check_out(out)
    wanted = Wanted(
        feature_set=features if "features" in eaten else None,
        image_size=settings.image_size if "images" in eaten else None,
        plugin_files=files,
        seed=seed,
        weights_dir=weights_folder,
        offline=offline,
    )
    return Request(chosen, settings, wanted)


def _check_features(name: str, are_eaten: bool, weights_folder: str, offline: bool) -> None:
    """There is such a set; the weights of a frozen body need only be at hand if it is eaten."""
    if name.startswith(PREFIX) and not are_eaten:
        from models.starts import start_of

        start_of(name.removeprefix(PREFIX))
    else:
        feature_set(name, weights_folder, offline)
