"""The tokenizer of a transformers folder: texts to ids and back, its template, what ends an answer.

Knows nothing of weights, devices or prompts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_cypherbench.backends.folders.silence import silence
from pytest_cypherbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FAST_OF_5 = "TokenizersBackend"


class FolderWords:
    """Loads the tokenizer. Raises UserError where the folder has none that is fast."""

    def __init__(self, folder: Path, *, trust_remote_code: bool = False) -> None:
        from transformers import AutoTokenizer, PreTrainedTokenizerFast

        # transformers 5 saves the fast tokenizer under a name that transformers 4 does not know.
        kind = PreTrainedTokenizerFast if _class_of(folder) == _FAST_OF_5 else AutoTokenizer
        try:
            with silence():
                tokenizer = kind.from_pretrained(
                    folder, local_files_only=True, trust_remote_code=trust_remote_code
                )
        except Exception as error:  # it reads many formats, each fails in its own way
            reason = " ".join(str(error).split())[:200]
            raise _no_tokenizer(folder, reason) from error
        if not isinstance(tokenizer, PreTrainedTokenizerFast):
            raise _no_tokenizer(folder, "it has no tokenizer.json")
        self.tokenizer = tokenizer
        self._core = tokenizer.backend_tokenizer
        self.bos = str(tokenizer.bos_token or "")
        self.eos = str(tokenizer.eos_token or "")
        template = tokenizer.chat_template
        if isinstance(template, dict):
            template = template.get("default")
        self.template: str | None = template
        self._start: list[int] = tokenizer.encode("")[:1] if self.bos else []

    def encode(self, text: str, *, markers: bool, starts: bool = False) -> list[int]:
        """Token ids; ``starts``: begin with BOS if this model wants one."""
        self._core.encode_special_tokens = not markers
        sound = text.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
        ids: list[int] = self._core.encode(sound, add_special_tokens=False).ids
        return [*self._start, *ids] if starts else ids

    def holds_markers(self, text: str) -> bool:
        """Whether a text from outside would be read as more than plain text."""
        return self.encode(text, markers=True) != self.encode(text, markers=False)

    def decode(self, tokens: Sequence[int]) -> str:
        """The text; a cut character becomes a replacement character, a marker its name."""
        return str(self._core.decode(list(tokens), skip_special_tokens=False))

    def id_of(self, token: str) -> int | None:
        """The id of a token by its name."""
        found: int | None = self._core.token_to_id(token)
        return found


def _class_of(folder: Path) -> object:
    try:
        about = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return about.get("tokenizer_class") if isinstance(about, dict) else None


def _no_tokenizer(folder: Path, reason: str) -> UserError:
    return UserError(
        f"the tokenizer in {folder.name} cannot be loaded (--model): {reason}",
        fix="save the model's fast tokenizer (tokenizer.json) into that folder",
    )
