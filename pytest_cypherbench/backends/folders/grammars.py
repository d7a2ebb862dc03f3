"""Answers of models in folders kept to a grammar, by xgrammar.

Knows nothing of prompts, models or what the grammar says. As with llama.cpp, the model chooses and
the grammar is asked then: to ask for every token takes up to a second where much is allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  # every runtime brings it

from pytest_cypherbench.errors import SuiteError, UserError, missing_extra

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    import numpy.typing as npt
    import transformers

    from pytest_cypherbench.backends.scores import Pick, Scores

# So many tokens are asked for one by one; then all at once.
_SINGLY = 16


class Grammars:
    """Grammars for one tokenizer, whose scores are so many and whose answers end in these tokens.

    Raises UserError where xgrammar is not installed."""

    def __init__(
        self, tokenizer: transformers.PreTrainedTokenizerFast, count: int, ends: Iterable[int]
    ) -> None:
        self._xgrammar = _xgrammar()
        info = self._xgrammar.TokenizerInfo.from_huggingface(
            tokenizer, vocab_size=count, stop_token_ids=sorted(ends)
        )
        self._compiler = self._xgrammar.GrammarCompiler(info)
        self._count = count
        self._held: tuple[str, object] = ("", None)

    def keep(self, pick: Pick, text: str) -> Pick:
        """``pick`` for one answer, so that it keeps to a grammar. Raises UserError for a grammar
        that cannot be read; what is returned raises SuiteError where no token may follow."""
        if self._held[0] != text:
            try:
                self._held = (text, self._compiler.compile_grammar(text))
            except RuntimeError as error:
                raise UserError(
                    f"xgrammar cannot read the grammar (--constrain): {str(error)[:200]}",
                    fix="leave --constrain out, or try another release of xgrammar",
                ) from error
        matcher = self._xgrammar.GrammarMatcher(self._held[1])

        def kept(scores: Scores) -> int:
            scores = scores.copy()
            for refused in range(self._count):
                if refused == _SINGLY:
                    scores[~self._allowed(matcher)] = -np.inf
                if not np.isfinite(scores).any():
                    break
                token = pick(scores)
                if matcher.accept_token(token):
                    return token
                # It cannot be chosen again; the others keep the chances that the grammar leaves.
                scores[token] = -np.inf
            raise SuiteError(
                "no token of the model continues the answer by the grammar (--constrain)"
            )

        return kept

    def _allowed(self, matcher: object) -> npt.NDArray[np.bool_]:
        """Which tokens may come next: one bit each in words of 32, the lowest first."""
        words = self._xgrammar.allocate_token_bitmask(1, self._count)
        matcher.fill_next_token_bitmask(words)  # type: ignore[attr-defined]
        bits = np.unpackbits(words.numpy().view(np.uint8), bitorder="little")
        return bits[: self._count].astype(bool)


def _xgrammar() -> ModuleType:
    try:
        import xgrammar
    except ImportError as error:
        raise missing_extra("grammar", "--constrain (xgrammar)") from error
    module: ModuleType = xgrammar
    return module
