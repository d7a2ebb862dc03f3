"""The values that flow through the system, in the order in which the stages make them.

Knows nothing of pytest, models, databases or files: only frozen data.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_cypherbench.values import Row, Value

# ── 1. a case: one row of a case file ──────────────────────────────────────────────────────────


class Order(StrEnum):
    """Whether the order of the result rows counts."""

    IGNORED = "ignored"
    SIGNIFICANT = "significant"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a case stands: file, and the row's number in it from 1 (CSV: after the header)."""

    file: str
    row: int


@dataclass(frozen=True, slots=True)
class Case:
    """One dataset entry. ``order`` None means: significant where the reference ends in ORDER BY.
    ``accept``: further references, any of which is right too; ``language``: of the question;
    ``waive``: checks of the audit that the case need not pass, each with its reason."""

    id: str
    graph: str
    question: str
    reference: str
    origin: Origin
    tags: tuple[str, ...] = ()
    difficulty: int | None = None
    params: Mapping[str, Value] = field(default_factory=dict)
    order: Order | None = None
    tolerance: float = 1e-9
    expect: tuple[Row, ...] | None = None
    accept: tuple[str, ...] = ()
    language: str = "en"
    waive: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no case, and why."""

    origin: Origin
    reason: str


# ── 2. a schema: what the loaded graph holds, introspected, sorted by name ──────────────────────


@dataclass(frozen=True, slots=True)
class Property:
    """A property and the Cypher types (``STRING``, ``LIST<STRING>`` …) of its values."""

    name: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """A label or relationship type, its properties, and how many there are of it."""

    name: str
    properties: tuple[Property, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """One ``(:start)-[:type]->(:end)`` that occurs in the graph."""

    start: str
    type: str
    end: str


@dataclass(frozen=True, slots=True)
class Schema:
    """Labels, relationship types and the patterns that connect them."""

    labels: tuple[Entity, ...]
    relationships: tuple[Entity, ...]
    patterns: tuple[Pattern, ...]


# ── 3. a prompt: what the model is asked ────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Message:
    """A chat message; role ``raw`` is a finished text that no chat template may touch."""

    role: Literal["system", "user", "assistant", "raw"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages for one case. Message number ``asks`` holds the question. Those before it, and its
    first ``shared_chars`` characters, are the same for every case on this graph: a backend may
    compute them once. After it stand an answer and what is said to that, if anything does.
    ``grammar``: what the answer must keep to, in GBNF, the same for every case on this graph; ""
    for nothing."""

    case_id: str
    messages: tuple[Message, ...]
    shared_chars: int
    asks: int = -1
    grammar: str = ""

    @property
    def shared(self) -> tuple[Message, ...]:
        """What every case on this graph begins with; the last of these messages is cut."""
        *before, asking = self.messages[: self.asks + 1 or None]
        return (*before, replace(asking, content=asking.content[: self.shared_chars]))


# ── 4. a generation: what the model wrote ───────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to decode; temperature 0 is greedy."""

    max_tokens: int = 256
    temperature: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Generation:
    """Raw text with its cost. ``seconds`` is the wall time of the whole answer,
    ``first_token_seconds`` (TTFT) that until the first text; None where a backend cannot tell.
    ``cached``: written in an earlier run, so its times are that run's and no figure of this one.
    ``first``: the answer that this one repairs; all counts and times are then sums over both."""

    text: str
    prompt_tokens: int | None
    output_tokens: int | None
    seconds: float
    first_token_seconds: float | None
    finish: Literal["stop", "length"]
    cached: bool = False
    first: Generation | None = None


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely a model is to write a given text: the natural logarithm of its probability, which
    leaves out the end of the answer; the model's tokens of it, and its bytes in UTF-8."""

    logprob: float
    tokens: int
    text_bytes: int


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What answered: ``label`` as the user wrote it (``gguf:q4_k_m``) and what it resolved to."""

    label: str
    backend: str
    variant: str
    candidate: str | None = None
    file: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    runtime: str = ""
    notes: tuple[str, ...] = ()


# ── 5. a query: what was found in the text ──────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Query:
    """The one statement in the model's text, or ``text`` None and why there is none.
    ``cut`` lists (rule, removed text) in the order in which the rules applied."""

    text: str | None
    reason: str = ""
    cut: tuple[tuple[str, str], ...] = ()


# ── 6. an execution: what the database answered ─────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may cost: seconds, rows, bytes of values pulled, nesting depth of a value."""

    seconds: float = 10.0
    rows: int = 100_000
    value_bytes: int = 64 * 2**20
    depth: int = 64


@dataclass(frozen=True, slots=True)
class Execution:
    """Rows as the engine returned them."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    seconds: float


class FailureKind(StrEnum):
    """Why an engine returned no rows; each becomes the verdict of the same name."""

    SYNTAX_ERROR = "syntax_error"
    RUNTIME_ERROR = "runtime_error"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BLOCKED = "blocked"
    UNDECIDABLE = "undecidable"
    ENGINE_ERROR = "engine_error"


@dataclass(frozen=True, slots=True)
class Failure:
    """A query that gave no rows: kind, one line of reason, and the seconds spent."""

    kind: FailureKind
    reason: str
    seconds: float = 0.0


# ── 7. a verdict: what the comparison says ──────────────────────────────────────────────────────


class Outcome(StrEnum):
    """The verdicts, in the order in which reports list them."""

    PASS = "pass"  # noqa: S105 no password
    MISMATCH = "mismatch"
    UNDECIDABLE = "undecidable"
    NO_QUERY = "no_query"
    SYNTAX_ERROR = "syntax_error"
    RUNTIME_ERROR = "runtime_error"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BLOCKED = "blocked"
    REFERENCE_ERROR = "reference_error"
    ENGINE_ERROR = "engine_error"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, the rule that decided it, and the soft scores beside it.

    ``empty``: both results have no rows. ``permuted_columns``: equal only after permuting columns.
    ``ordered``: rows also stand in the reference's order (None where it asks for none).
    ``precision``, ``recall``, ``f1``: of rows as multisets under the best column match, 0 to 1.
    ``lucky``: a mismatch on an altered copy of the graph alone; all else is of the graph itself."""

    outcome: Outcome
    reason: str = ""
    empty: bool = False
    permuted_columns: bool = False
    ordered: bool | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    lucky: bool = False


@dataclass(frozen=True, slots=True)
class Copies:
    """On how many altered copies of the graph a prediction was judged that is right on the graph;
    ``reason``: why on fewer than was asked for, else ""."""

    judged: int
    reason: str = ""


# ── 8. a record: everything above for one case, model and sample ────────────────────────────────


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The first rows of an execution, and how many there were."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    row_count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Record:
    """One judged case. ``round_seconds`` holds the wall time of every timed generation; the judged
    text is that of the last one. ``key`` is a hash of all that the outcome depends on. ``copies``
    is None where none was asked; so is ``likelihood``, which is that of the reference."""

    key: str
    case: Case
    model: str
    sample: int
    prompt_sha256: str
    expected: Excerpt | Failure | None
    verdict: Verdict
    engine: str
    generation: Generation | None = None
    round_seconds: tuple[float, ...] = ()
    query: Query | None = None
    predicted: Excerpt | Failure | None = None
    copies: Copies | None = None
    likelihood: Likelihood | None = None
