"""A grammar as xgrammar reads it, one byte at a time: the acceptor of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pytest_cypherbench.cases import load_cases
from pytest_cypherbench.flow import Case, Schema
from pytest_cypherbench.graphs.data import read_graph
from pytest_cypherbench.graphs.load import facts
from pytest_cypherbench.graphs.schema import schema

CASES = Path(__file__).parents[1] / "cases"
END = 256


@dataclass(frozen=True)
class Acceptor:
    """Tokens are the 256 bytes, and one that ends a text."""

    compiled: Any

    def accepts(self, text: str) -> bool:
        return self.begins(text, ends=True)

    def begins(self, text: str, *, ends: bool = False) -> bool:
        """Whether a sentence begins so."""
        import xgrammar

        matcher = xgrammar.GrammarMatcher(self.compiled)
        tokens = [*text.encode(), END] if ends else text.encode()
        return all(matcher.accept_token(token) for token in tokens)

    def allowed(self, matcher: Any) -> list[int]:
        """What may come next."""
        import xgrammar

        bits = xgrammar.allocate_token_bitmask(1, END + 1)
        matcher.fill_next_token_bitmask(bits)
        words = [word & 0xFFFFFFFF for word in bits[0].tolist()]
        return [token for token in range(END + 1) if words[token // 32] >> token % 32 & 1]


@cache
def acceptor(text: str) -> Acceptor:
    import xgrammar

    tokens = [bytes([byte]) for byte in range(END)] + [b"<end>"]
    info = xgrammar.TokenizerInfo(tokens, vocab_type=xgrammar.VocabType.RAW, stop_token_ids=[END])
    return Acceptor(xgrammar.GrammarCompiler(info).compile_grammar(text))


@cache
def schema_of(folder: Path) -> Schema:
    """What a graph's files hold."""
    return schema(facts(read_graph(folder)))


def cases_in(folder: Path, name: str = "*.yaml") -> list[Case]:
    found = [row for file in sorted(folder.glob(name)) for row in load_cases(file)]
    assert all(isinstance(row, Case) for row in found)
    return [row for row in found if isinstance(row, Case)]
