"""What a GGUF file really holds: the types of its tensors, and how much each of them holds.

Knows nothing of variants. A type with blocks of 256 numbers does not fit rows of another length,
and llama.cpp then writes another type: "q3_k_m" may hold no Q3_K at all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pytest_cypherbench.candidates.digest import known, remember
from pytest_cypherbench.errors import UserError, missing_extra

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Share:
    """The tensors of one type: how many, and of how many weights."""

    type: str
    tensors: int
    weights: int


def contents_of(path: Path, cache: Path) -> tuple[Share, ...]:
    """Shares of a GGUF file, the largest first; read once, for a library takes seconds.

    Raises UserError for a missing library and a file that cannot be read.
    """
    noted = known(path, cache).get("contents")
    if isinstance(noted, list):
        return tuple(Share(**each) for each in noted)
    found = _read(path)
    remember(path, cache, contents=[asdict(share) for share in found])
    return found


def in_words(shares: tuple[Share, ...]) -> str:
    """``holds q5_0 62 %, q8_0 21 %``: by weights, what is less than half a percent left out."""
    total = sum(share.weights for share in shares)
    parts = [(share.type, round(100 * share.weights / total)) for share in shares]
    return "holds " + ", ".join(f"{name} {percent} %" for name, percent in parts if percent)


def _read(path: Path) -> tuple[Share, ...]:
    if find_spec("gguf") is None:
        raise missing_extra("gguf", f"what {path.name} holds (gguf)")
    from gguf import GGUFReader

    tensors: Counter[str] = Counter()
    weights: Counter[str] = Counter()
    try:
        for tensor in GGUFReader(path).tensors:
            name = tensor.tensor_type.name.lower()
            tensors[name] += 1
            weights[name] += int(tensor.n_elements)
    except (ValueError, IndexError, OSError) as error:
        raise UserError(
            f"{path.name} cannot be read as GGUF: {error}", fix="delete it, and make it again"
        ) from error
    return tuple(Share(name, tensors[name], count) for name, count in weights.most_common())
