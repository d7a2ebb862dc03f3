"""What a generation depends on, as one hash.

Knows nothing of where generations are kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_cypherbench.flow import Prompt, Sampling

# Raise it where the same inputs come to another text than before: how messages become tokens, how
# the shared prefix is cut, how an answer is decoded.
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """Everything that can change a generation; what is unknown is None or "".

    ``runtime`` names the library and its version, ``constraint`` is the grammar or its hash,
    ``endpoint`` the address of a server, ``sample`` counts the samples of a case from 0. Of the
    prompt all but the case's id counts: the same question asked for another case is answered alike.
    """

    backend: str
    variant: str
    weights_sha256: str | None
    weights_bytes: int | None
    runtime: str
    prompt: Prompt
    sampling: Sampling
    sample: int = 0
    adapter_sha256: str | None = None
    tokenizer_sha256: str | None = None
    chat_template_sha256: str | None = None
    threads: int | None = None
    context_tokens: int | None = None
    device: str = ""
    batch_size: int = 1
    constraint: str = ""
    endpoint: str = ""
    format: int = FORMAT

    @property
    def sha256(self) -> str:
        """SHA-256 of the fields as JSON: sorted names, no blanks, ASCII, numbers as Python has
        them. A field that is added to prompts or samplings counts without a change here."""
        fields = asdict(self)
        del fields["prompt"]["case_id"]
        fields["sampling"]["temperature"] = float(self.sampling.temperature)  # 0 is 0.0
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode("ascii")).hexdigest()
