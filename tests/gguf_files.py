"""Variations of a real GGUF file for tests: other metadata before the same tensors."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY, _BOOL = 8, 9, 7
_ALIGNMENT = 32


class Reader:
    """Walks over a GGUF header (version 3: magic, counts, key-value pairs, tensor infos)."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(f"<{form}", self.data, self.at)
        self.at += struct.calcsize(form)
        return int(value)

    def text(self) -> bytes:
        length = self.number("Q")
        self.at += length
        return self.data[self.at - length : self.at]

    def skip_value(self, kind: int) -> None:
        if kind == _STRING:
            self.text()
        elif kind == _ARRAY:
            inner, count = self.number("I"), self.number("Q")
            for _ in range(count):
                self.skip_value(inner)
        else:
            self.at += _SIZES[kind]


def rewrite(source: Path, target: Path, change: Mapping[str, str | bool | None]) -> Path:
    """Copy a GGUF file with some metadata set anew, or dropped where the new value is None."""
    data = source.read_bytes()
    reader = Reader(data)
    reader.at = 8
    tensors, pairs = reader.number("Q"), reader.number("Q")
    kept: list[bytes] = []
    for _ in range(pairs):
        start = reader.at
        key = reader.text().decode()
        reader.skip_value(reader.number("I"))
        if key not in change:
            kept.append(data[start : reader.at])
    kept += [_pair(key, value) for key, value in change.items() if value is not None]
    infos = reader.at
    for _ in range(tensors):
        reader.text()
        dimensions = reader.number("I")
        reader.at += 8 * dimensions + 4 + 8
    head = (
        data[:8] + struct.pack("<QQ", tensors, len(kept)) + b"".join(kept) + data[infos : reader.at]
    )
    target.write_bytes(_aligned(head) + data[len(_aligned(data[: reader.at])) :])
    return target


def _pair(key: str, value: str | bool) -> bytes:
    name = struct.pack("<Q", len(key)) + key.encode()
    if isinstance(value, bool):
        return name + struct.pack("<I?", _BOOL, value)
    text = value.encode()
    return name + struct.pack("<IQ", _STRING, len(text)) + text


def _aligned(head: bytes) -> bytes:
    return head + b"\0" * (-len(head) % _ALIGNMENT)
