"""Every option in one table: it makes the command line, the ini file, docs/options.md and Settings.

The only place that reads the environment. Knows nothing of what the options steer.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.settings import Server, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_cypherbench.session import Run


# Where the run travels in pytest's config, and what a worker has to say; names in test reports, of
# a record's key and of an error that concerns every case to come.
RUN: pytest.StashKey[Run] = pytest.StashKey()
SAID: pytest.StashKey[list[str]] = pytest.StashKey()
KEY = "cypherbench_key"
FATAL = "cypherbench_fatal"


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
    Option("candidate", "smollm2-135m", "whose variant BACKEND:VARIANT means"),
    Option("cases", "cases", "the folder of case files (ini only)", metavar="DIR", line=False),
    Option("prompt", "schema", "prompt by name, or a .jinja file"),
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


def add_options(parser: pytest.Parser) -> None:
    """Register every row of the table with pytest."""
    group = parser.getgroup("cypherbench", "text-to-Cypher models (pytest-cypherbench)")
    for option in OPTIONS:
        text = f"{option.help} [{option.default or 'none'}]"
        if option.kind == "list":
            parser.addini(option.ini, text, type="linelist")
        else:
            parser.addini(option.ini, text, type="string")
        if not option.line:
            continue
        if option.kind == "list":
            group.addoption(option.flag, action="append", metavar=option.metavar, help=text)
        elif option.kind == "flag":
            group.addoption(option.flag, action="store_const", const="yes", help=text)
        elif option.kind == "resume":
            group.addoption(option.flag, nargs="?", const=NEWEST, metavar=option.metavar, help=text)
        else:
            group.addoption(option.flag, metavar=option.metavar, help=text)


def read_settings(config: pytest.Config) -> Settings:
    """Line before ini before environment before default. Raises UserError for a bad value."""
    text = {option.name: _value(config, option) for option in OPTIONS if option.kind != "list"}
    many = {option.name: _values(config, option) for option in OPTIONS if option.kind == "list"}
    start = config.invocation_params.dir
    return Settings(
        models=many["model"],
        candidate=text["candidate"],
        cases=_data_folder(config.rootpath, text["cases"], "cases"),
        candidates=_candidate_folders(config.rootpath),
        prompt=text["prompt"],
        graph_engine=text["graph-engine"],
        rounds=_number("rounds", text, least=1),
        max_tokens=_number("max-tokens", text, least=1),
        temperature=_decimal("temperature", text, least=0),
        seed=_number("seed", text, least=0),
        threads=_number("threads", text, least=0) or None,
        generation_timeout_seconds=_decimal("generation-timeout", text, least=0),
        query_timeout_seconds=_decimal("query-timeout", text, least=0.001),
        max_rows=_number("max-rows", text, least=1),
        graph_variants=_number("graph-variants", text, least=0),
        model_dirs=tuple(_folder(start / part, "--model-dir") for part in many["model-dir"]),
        cache_dir=_cache_dir(text["cache-dir"], start),
        journal=start / text["journal"] if text["journal"] else None,
        resume=text["resume"],
        root=config.rootpath,
        server=_server(os.environ),
        neo4j_image=text["neo4j-image"],
        neo4j_home=(start / text["neo4j-home"]).resolve() if text["neo4j-home"] else None,
        java_home=Path(java) if (java := os.environ.get("JAVA_HOME")) else None,
        docker_host=os.environ.get("DOCKER_HOST"),
        allow_unsafe_server=_yes("allow-unsafe-server", text),
        allow_nonempty=_yes("allow-nonempty", text),
        workers=config.getoption("numprocesses", None) or 0,
    )


def options_page() -> str:
    """docs/options.md: the table as Markdown."""
    rows = [_row(option) for option in OPTIONS]
    head = ["| option | ini | environment | default | meaning |", "|---|---|---|---|---|"]
    intro = [
        "# Options",
        "",
        "The command line comes before the ini file, the ini file before the environment.",
        "`NEO4J_URI`, `NEO4J_USERNAME`, `NEO4J_PASSWORD` and `NEO4J_DATABASE` name a server.",
        "",
    ]
    return "\n".join([*intro, *head, *rows, ""])


def _row(option: Option) -> str:
    value = "" if option.kind == "flag" else f" {option.metavar}"
    line = f"`{option.flag}{value}`" if option.line else ""
    variable = f"`{option.variable}`" if option.variable else ""
    return f"| {line} | `{option.ini}` | {variable} | {option.default} | {option.help} |"


def _value(config: pytest.Config, option: Option) -> str:
    line = config.getoption(option.flag, default=None) if option.line else None
    found = line or config.getini(option.ini) or os.environ.get(option.variable or "-", "")
    return str(found or option.default)


def _values(config: pytest.Config, option: Option) -> tuple[str, ...]:
    line: list[str] | None = config.getoption(option.flag, default=None)
    ini: list[str] = config.getini(option.ini)
    variable = os.environ.get(option.variable or "-", "")
    found = line or ini or variable.split(os.pathsep)
    return tuple(dict.fromkeys(part for part in found if part))


def _yes(name: str, text: Mapping[str, str]) -> bool:
    answers = {"": False, "no": False, "false": False, "yes": True, "true": True}
    if (answer := answers.get(text[name].lower())) is None:
        raise UserError(f"--{name} {text[name]!r} is neither yes nor no", fix="write yes or no")
    return answer


def _number(name: str, text: Mapping[str, str], *, least: int) -> int:
    try:
        number = int(text[name])
    except ValueError:
        number = least - 1
    if number < least:
        raise UserError(
            f"--{name} {text[name]!r} is no whole number from {least} up", fix="give one"
        )
    return number


def _decimal(name: str, text: Mapping[str, str], *, least: float) -> float:
    try:
        number = float(text[name])
    except ValueError:
        number = float("nan")
    if not least <= number < float("inf"):
        raise UserError(f"--{name} {text[name]!r} is no number from {least} up", fix="give one")
    return number


def _folder(path: Path, flag: str) -> Path:
    if not path.is_dir():
        raise UserError(f"{flag} {path}: no such folder", fix="create it or correct the path")
    return path.resolve()


def _data_folder(root: Path, chosen: str, kind: str) -> Path:
    """The user's folder if it exists, else the one that came with the package."""
    own = (root / chosen).resolve()
    if own.is_dir() or chosen != kind:
        return own
    return _packaged(kind)


def _candidate_folders(root: Path) -> tuple[Path, ...]:
    own = root / "candidates"
    return (own, _packaged("candidates")) if own.is_dir() else (_packaged("candidates"),)


def _packaged(kind: str) -> Path:
    """In a wheel the data lie inside the package, in a checkout beside it."""
    package = Path(__file__).parent
    inside = package / "data" / kind
    return inside if inside.is_dir() else package.parent / kind


def _cache_dir(text: str, start: Path) -> Path:
    if text:
        return (start / text).resolve()
    from platformdirs import user_cache_path

    return user_cache_path("pytest-cypherbench")


def _server(environment: Mapping[str, str]) -> Server | None:
    uri = environment.get("NEO4J_URI")
    if not uri:
        return None
    return Server(
        uri,
        environment.get("NEO4J_USERNAME", "neo4j"),
        environment.get("NEO4J_PASSWORD", ""),
        environment.get("NEO4J_DATABASE"),
    )


if __name__ == "__main__":
    sys.stdout.write(options_page())
