"""Datasets: what can stand behind ``--data``, and how it is read."""

from __future__ import annotations

from benchmark.datasets.codec import UnreadablePicture
from benchmark.datasets.dataset import Dataset, Split
from benchmark.datasets.pictures import ArrayPictures
from benchmark.datasets.registry import Source, dataset, export, forget_datasets, load, sources

__all__ = [
    "ArrayPictures",
    "Dataset",
    "Source",
    "Split",
    "UnreadablePicture",
    "dataset",
    "export",
    "forget_datasets",
    "load",
    "sources",
]
