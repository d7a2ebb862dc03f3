"""Every option in one table: it makes the command line, the ini file and docs/options.md.

Knows nothing of what the options steer, nor of pytest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_cypherbench.defaults import CANDIDATE


@dataclass(frozen=True, slots=True)
class Option:
    """A row of the table. ``kind`` "list" may be given more than once; "flag" takes no value;
    ``variable`` is the environment variable that stands in where neither line nor ini says more."""

    name: str
    default: str
    help: str
    kind: Literal["text", "int", "float", "list", "resume", "flag"] = "text"
    metavar: str = "NAME"
    variable: str = ""
    line: bool = True

    @property
    def flag(self) -> str:
        """As written on the command line."""
        return f"--{self.name}"

    @property
    def ini(self) -> str:
        """As written in the ini file."""
        return f"cypherbench_{self.name.replace('-', '_')}"


OPTIONS = (
    Option(
        "model", "", "the model to judge; may be given several times", "list", "BACKEND:VARIANT"
    ),
    Option("candidate", CANDIDATE, "whose variant BACKEND:VARIANT means"),
    Option("adapter", "", "a peft adapter for the hf: models, as a folder", metavar="DIR"),
    Option(
        "trust-remote-code",
        "",
        "let a model's folder bring code of its own, which then runs here",
        "flag",
    ),
    Option("cases", "cases", "the folder of case files (ini only)", metavar="DIR", line=False),
    Option("prompt", "schema", "prompt by name, or a .jinja file"),
    Option(
        "shots",
        "",
        "examples a question, for a prompt that shows some (default: 4)",
        "int",
        "K",
    ),
    Option(
        "shots-from",
        "",
        "file or folder of the pairs that examples are taken from (default: train/ in the case "
        "folder, else the training pairs that come with us)",
        metavar="PATH",
    ),
    Option(
        "graph-engine",
        "auto",
        "what executes Cypher: neo4j-server, neo4j-container, neo4j-local, embedded, or auto: a "
        "server if NEO4J_URI is set, else a container if a runtime answers, else a Neo4j in "
        "NEO4J_HOME, else embedded",
    ),
    Option("neo4j-image", "neo4j:5.26-community", "the image of neo4j-container", metavar="IMAGE"),
    Option(
        "neo4j-home",
        "",
        "the Neo4j of neo4j-local: its home, or a folder with its jars",
        metavar="DIR",
        variable="NEO4J_HOME",
    ),
    Option(
        "allow-unsafe-server",
        "",
        "go on with a server that would let a prediction reach out of the graph",
        "flag",
    ),
    Option(
        "allow-nonempty",
        "",
        "use what a server holds as the graph of every case: nothing is loaded or removed",
        "flag",
    ),
    Option("rounds", "1", "timed generations per case", "int", "N"),
    Option("max-tokens", "256", "longest answer, in tokens", "int", "N"),
    Option("temperature", "0", "0 decodes greedily", "float", "T"),
    Option("seed", "0", "seed of the sampler where the temperature is above 0", "int", "N"),
    Option(
        "samples",
        "1",
        "answers per case, each judged; sample i has the seed --seed + i, so that a temperature is "
        "needed",
        "int",
        "N",
    ),
    Option(
        "pass-at",
        "",
        "estimate pass@K from the samples; may be given several times (default: 1 and --samples)",
        "list",
        "K",
    ),
    Option(
        "perplexity",
        "",
        "measure how likely the model finds each reference, where its backend can tell",
        "flag",
    ),
    Option(
        "constrain",
        "none",
        "what a model may write: anything (none), one Cypher query that reads (grammar), or one "
        "that names nothing but the graph's labels, relationship types and properties (schema)",
        metavar="none|grammar|schema",
    ),
    Option(
        "cache",
        "",
        "take answers that an earlier run with --cache has, and keep new ones; only new ones are "
        "timed",
        "flag",
    ),
    Option(
        "window",
        "1",
        "requests to an endpoint that are under way at the same time; in one process only",
        "int",
        "N",
    ),
    Option("batch-size", "1", "prompts per batch, where the backend takes several", "int", "N"),
    Option("threads", "0", "threads of the model; 0 lets the backend choose", "int", "N"),
    Option(
        "generation-timeout",
        "600",
        "longest time for one answer of a model, then the run ends; 0: no limit",
        "float",
        "SECONDS",
    ),
    Option("query-timeout", "10", "longest time for one query", "float", "SECONDS"),
    Option("max-rows", "100000", "most rows that a query may return", "int", "N"),
    Option(
        "graph-variants",
        "1",
        "altered copies of its graph on which a prediction that passes is judged too, so that luck "
        "does not pass; 0: none",
        "int",
        "K",
    ),
    Option(
        "model-dir",
        "",
        "folder with model files; may be given several times",
        "list",
        "DIR",
        "CYPHERBENCH_MODELS",
    ),
    Option(
        "cache-dir",
        "",
        "where downloaded and quantised models are kept (default: the user's cache folder)",
        metavar="DIR",
        variable="CYPHERBENCH_CACHE",
    ),
    Option(
        "journal",
        "",
        "the journal of this run (default: a new file in .cypherbench/)",
        metavar="FILE",
    ),
    Option(
        "resume",
        "",
        "go on with a journal (default: the newest) and generate nothing that it holds",
        "resume",
        "FILE",
    ),
)
NEWEST = "newest"
