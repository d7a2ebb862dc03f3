"""``python -m pytest_cypherbench audit``: the command line of an audit, and its exit status.

Knows nothing of checks. With options.py, which belongs to pytest, the only place that reads the
environment.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pytest_cypherbench.audit.answers import Budget
from pytest_cypherbench.audit.checking import Audit, Plan, by_graph, check_graph, check_texts
from pytest_cypherbench.audit.report import Report, as_json, terminal_lines
from pytest_cypherbench.cases.folders import read_paths, read_training, training_beside
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs import ENGINES, Copying, EngineSpec
from pytest_cypherbench.graphs.auto import choose
from pytest_cypherbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_cypherbench.flow import Case
    from pytest_cypherbench.graphs import Engine

CLEAN, FOUND = 0, 1
_PLAN = Plan()


def main(arguments: Sequence[str]) -> int:
    """Audit, print, write the JSON. 0: clean, 1: findings; argparse exits with 2. Raises
    CypherbenchError where it cannot run."""
    options = _parser().parse_args(arguments)
    report = _audit(options)
    if options.json:
        _write(options.json, as_json(report))
    sys.stdout.write("".join(f"{line}\n" for line in terminal_lines(report)))
    return FOUND if report.open else CLEAN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pytest_cypherbench audit",
        description="Check what cases are worth; docs/audit.md says what each check means.",
    )
    add = parser.add_argument
    add("paths", nargs="+", type=Path, metavar="PATH", help="case files, or folders of them")
    add("--graph-engine", default="auto", metavar="NAME", help="as for pytest [auto]")
    add(
        "--train",
        action="append",
        type=Path,
        metavar="FOLDER",
        help="training cases that no test case may be in [PATH/train]",
    )
    add("--json", type=Path, metavar="FILE", help="write everything there too")
    number = f"[{_PLAN.budget.seconds:g}]"
    add("--seconds", type=_above_0, default=_PLAN.budget.seconds, help=f"budget of time {number}")
    add("--rows", type=_count, default=_PLAN.budget.rows, help=f"of rows [{_PLAN.budget.rows}]")
    shuffles = f"copies loaded in another order [{_PLAN.shuffles}]"
    add("--shuffles", type=_count, default=_PLAN.shuffles, metavar="N", help=shuffles)
    altered = f"altered copies for mutants [{_PLAN.altered}]"
    add("--altered", type=_count, default=_PLAN.altered, metavar="N", help=altered)
    add("--no-strength", action="store_true", help="make no mutants")
    return parser


def _count(text: str) -> int:
    if (number := int(text)) < 0:
        raise ValueError
    return number


def _above_0(text: str) -> float:
    if not 0 < (number := float(text)) < float("inf"):
        raise ValueError
    return number


_count.__name__, _above_0.__name__ = "count", "number of seconds"  # as argparse names them


def _audit(options: argparse.Namespace) -> Report:
    root = Path.cwd()
    paths = [path.resolve() for path in options.paths]
    rows = read_paths(paths, root)
    if not rows.rows:
        shown = ", ".join(map(str, options.paths))
        raise UserError(f"no case in {shown}", fix="give case files, or a folder that has some")
    folders = options.train or training_beside(paths)
    training = read_training([folder.resolve() for folder in folders], root)
    budget = Budget(options.seconds, options.rows)
    audit = Audit(Plan(budget, options.shuffles, options.altered, not options.no_strength))
    check_texts(rows, training, audit)
    groups = by_graph(rows.cases, root, paths[0], audit)
    engine = _on_engine(options.graph_engine, groups, audit)
    return Report(audit, rows, training, engine, audit.findings.settled(rows.cases))


def _on_engine(name: str, groups: Mapping[Path, Sequence[Case]], audit: Audit) -> str:
    """Check each graph's cases; the engine's name and version. Raises UserError without one."""
    if name not in {"auto", *ENGINES.names()}:
        raise unknown("engine", name, ["auto", *ENGINES.names()], flag="--graph-engine")
    spec = _spec(os.environ)
    if name == "auto":
        name, _ = choose(spec, os.environ.get("DOCKER_HOST"))
    engine = _open(name, spec, audit)
    try:
        for number, (folder, cases) in enumerate(groups.items(), start=1):
            _say(f"audit: {folder.name}, {len(cases)} cases ({number}/{len(groups)})")
            if number > 1 and isinstance(engine, Copying):
                # It keeps what it has loaded: the copies of all graphs would exhaust its memory.
                engine.close()
                engine = _open(name, spec, audit)
            check_graph(cases, folder, engine, audit)
    finally:
        engine.close()
    return f"{engine.name} ({engine.version})"


def _open(name: str, spec: EngineSpec, audit: Audit) -> Engine:
    with audit.timed("engine"):
        return cast("type[Engine]", ENGINES.load(name))(spec)  # type: ignore[call-arg]


def _spec(environment: Mapping[str, str]) -> EngineSpec:
    from platformdirs import user_cache_path

    home, java = environment.get("NEO4J_HOME"), environment.get("JAVA_HOME")
    cache = environment.get("CYPHERBENCH_CACHE")
    run = Path(tempfile.gettempdir()) / f"cypherbench-audit-{secrets.token_hex(8)}"
    return EngineSpec(
        uri=environment.get("NEO4J_URI") or None,
        username=environment.get("NEO4J_USERNAME", "neo4j"),
        password=environment.get("NEO4J_PASSWORD", ""),
        database=environment.get("NEO4J_DATABASE"),
        state_folder=(Path(cache) if cache else user_cache_path("pytest-cypherbench")) / "engines",
        run_folder=run,
        home=Path(home).resolve() if home else None,
        java_home=Path(java) if java else None,
        say=_say,
    )


def _write(file: Path, content: Mapping[str, object]) -> None:
    try:
        file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"--json {file}: {error.strerror}", fix="give a file in a folder") from None


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
