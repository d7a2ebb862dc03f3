"""Variants of a candidate that are made of its most precise file: quantised, converted, exported.

Knows nothing of options or of how a model is run. Each is made once, and named after the file that
it was made of.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pytest_cypherbench.backends.variants import GGUF_TYPES, WHOLE_TYPES
from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_cypherbench.candidates.manifest import Candidate, File
    from pytest_cypherbench.candidates.store import Store

_CONVERSIONS = {
    "onnx": "pytest_cypherbench.conversions.to_onnx",
    "openvino": "pytest_cypherbench.conversions.to_openvino",
}
WHOLE = "fp32"


def quantised(store: Store, candidate: Candidate, variant: str) -> tuple[Path, File]:
    """A GGUF file of that type, and the listed file that it was made of. Raises UserError."""
    best = _best(candidate, variant)
    source = store.fetch(candidate, best)

    def write(part: Path) -> None:
        from pytest_cypherbench.backends.llama.parts import quantise

        quantise(source, part, variant)

    name = f"{candidate.name}.{variant}.from-{best.variant}-{best.sha256[:8]}.gguf"
    return store.made(candidate, name, write, f"{variant} from {best.variant}"), best


def as_folder(store: Store, candidate: Candidate) -> tuple[Path, File]:
    """A transformers folder, and the listed file that it was made of. Raises UserError."""
    from pytest_cypherbench.conversions.gguf_to_hf import VERSION, convert

    best = _best(candidate, "a transformers folder")
    source = store.fetch(candidate, best)
    name = f"{candidate.name}.hf{VERSION}.from-{best.variant}-{best.sha256[:8]}"
    what = f"a transformers folder from {best.variant}"
    return store.made(candidate, name, _into(lambda part: convert(source, part)), what), best


def exported(
    store: Store, candidate: Candidate, backend: str, variant: str
) -> tuple[Path, File, str]:
    """A folder of that backend's, the listed file that it was made of, and how it was quantised.

    Raises UserError."""
    conversion = import_module(_CONVERSIONS[backend])
    conversion.check()  # before weights are fetched
    folder, best = as_folder(store, candidate)

    def named(as_what: str) -> str:
        version = f"{backend}{conversion.VERSION}"
        return f"{candidate.name}.{version}-{as_what}.from-{best.variant}-{best.sha256[:8]}"

    whole = store.made(
        candidate,
        named(WHOLE),
        _into(lambda part: conversion.export(folder, part)),
        f"an export for {backend}",
    )
    if variant == WHOLE:
        return whole, best, ""
    path = store.made(
        candidate,
        named(variant),
        _into(lambda part: conversion.quantise(whole, part, variant)),
        f"{backend} {variant}",
    )
    return path, best, conversion.SCHEMES[variant]


def note_of(variant: str, original: File) -> str:
    """How a variant that was made from another file came to be, for the record."""
    whole = variant in {*WHOLE_TYPES, "fp32", "fp16"}
    verb = "converted" if original.variant in WHOLE_TYPES else "dequantised"
    return f"{verb if whole else 'requantised'} from {original.variant}"


def _into(fill: Callable[[Path], None]) -> Callable[[Path], None]:
    """A folder is made before it is filled."""

    def write(part: Path) -> None:
        part.mkdir()
        fill(part)

    return write


def _best(candidate: Candidate, wanted: str) -> File:
    """The candidate's most precise GGUF file."""
    usable = [file for file in candidate.files if file.variant in GGUF_TYPES]
    if not usable:
        raise UserError(
            f"no file of {candidate.name} can be quantised to {wanted} (--model)",
            fix="list one in its candidate.toml",
        )
    return min(usable, key=lambda file: GGUF_TYPES.index(file.variant))
