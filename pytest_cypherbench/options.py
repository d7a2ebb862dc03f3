"""The table of options for pytest's command line and ini file, and what was chosen as Settings.

The only place that reads the environment. Knows nothing of what the options steer.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.defaults import cache_folder, candidate_folders, packaged
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flags import NEWEST, OPTIONS, Option
from pytest_cypherbench.grammar import MODES
from pytest_cypherbench.registry import unknown
from pytest_cypherbench.settings import Answers, Neo4j, Server, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_cypherbench.session import Run


# Where the run travels in pytest's config, and what a worker has to say; names in test reports, of
# a record's key and of an error that concerns every case to come.
RUN: pytest.StashKey[Run] = pytest.StashKey()
SAID: pytest.StashKey[list[str]] = pytest.StashKey()
KEY = "cypherbench_key"
FATAL = "cypherbench_fatal"


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
    cases = _data_folder(config.rootpath, text["cases"], "cases")
    return Settings(
        models=many["model"],
        candidate=text["candidate"],
        cases=cases,
        candidates=candidate_folders(config.rootpath),
        prompt=text["prompt"],
        shots=_number("shots", text, least=1) if text["shots"] else None,
        shots_from=(start / text["shots-from"]).resolve() if text["shots-from"] else None,
        training=own if (own := cases / "train").is_dir() else packaged("cases") / "train",
        graph_engine=text["graph-engine"],
        rounds=_number("rounds", text, least=1),
        max_tokens=_number("max-tokens", text, least=1),
        temperature=_decimal("temperature", text, least=0),
        seed=_number("seed", text, least=0),
        perplexity=_yes("perplexity", text),
        constrain=_constrain(text["constrain"]),
        adapter=_folder(start / text["adapter"], "--adapter") if text["adapter"] else None,
        trust_remote_code=_yes("trust-remote-code", text),
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
        neo4j=_neo4j(text, start),
        answers=_answers(many["pass-at"], text),
        workers=config.getoption("numprocesses", None) or 0,
        api_key=os.environ.get("OPENAI_API_KEY") or None,
    )


def _neo4j(text: Mapping[str, str], start: Path) -> Neo4j:
    return Neo4j(
        server=_server(os.environ),
        image=text["neo4j-image"],
        home=(start / text["neo4j-home"]).resolve() if text["neo4j-home"] else None,
        java_home=Path(java) if (java := os.environ.get("JAVA_HOME")) else None,
        docker_host=os.environ.get("DOCKER_HOST"),
        allow_unsafe_server=_yes("allow-unsafe-server", text),
        allow_nonempty=_yes("allow-nonempty", text),
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
        "`OPENAI_API_KEY` is the key for a model `openai:NAME@URL`; no option holds it.",
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


def _constrain(mode: str) -> str:
    if mode not in MODES:
        raise unknown("mode", mode, MODES, flag="--constrain")
    return mode


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


def _answers(ks: tuple[str, ...], text: Mapping[str, str]) -> Answers:
    return Answers(
        samples=_samples(text),
        pass_at=_pass_at(ks, text),
        window=_at_once("window", text),
        batch_size=_at_once("batch-size", text),
        cache=_yes("cache", text),
    )


def _samples(text: Mapping[str, str]) -> int:
    samples = _number("samples", text, least=1)
    if samples > 1 and _decimal("temperature", text, least=0) == 0:
        raise UserError(
            f"--samples {samples} at --temperature 0 would be the same answer {samples} times",
            fix="give a temperature above 0, such as 0.7",
        )
    return samples


def _at_once(name: str, text: Mapping[str, str]) -> int:
    """How many answers at once: their times are no latencies, so that rounds would time nothing."""
    number = _number(name, text, least=1)
    other = "batch-size" if name == "window" else "window"
    for flag in ("rounds", other):
        if number > 1 and _number(flag, text, least=1) > 1:
            raise UserError(f"--{name} {number} and --{flag} do not go together", fix="drop one")
    return number


def _pass_at(chosen: tuple[str, ...], text: Mapping[str, str]) -> tuple[int, ...]:
    samples = _samples(text)
    if not chosen:
        return (1, samples) if samples > 1 else ()
    ks = sorted({_number("pass-at", {"pass-at": k}, least=1) for k in chosen})
    if ks[-1] > samples:
        raise UserError(
            f"--pass-at {ks[-1]} cannot be estimated from --samples {samples}",
            fix=f"give --samples {ks[-1]} or more",
        )
    return tuple(ks)


def _folder(path: Path, flag: str) -> Path:
    if not path.is_dir():
        raise UserError(f"{flag} {path}: no such folder", fix="create it or correct the path")
    return path.resolve()


def _data_folder(root: Path, chosen: str, kind: str) -> Path:
    """The user's folder if it exists, else the one that came with the package."""
    own = (root / chosen).resolve()
    if own.is_dir() or chosen != kind:
        return own
    return packaged(kind)


def _cache_dir(text: str, start: Path) -> Path:
    if text:
        return (start / text).resolve()
    return cache_folder()


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
