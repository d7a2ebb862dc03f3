"""Case files as pytest modules: every row an item of the packaged test function, bad rows errors.

Knows nothing of models or graphs.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from pytest_cypherbench.cases import SUFFIXES, is_case_file, load_cases
from pytest_cypherbench.errors import SuiteError, UserError
from pytest_cypherbench.flow import BadRow, Case, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_cypherbench.settings import Settings

# Folders of the case folder whose files are no test cases: graph data and training pairs.
NO_CASES = frozenset({"graphs", "train"})
SEEN = pytest.StashKey[dict[str, str]]()


class CaseFile(pytest.Module):
    """A case file; its only test function is the packaged one, parametrised by the file's cases."""

    cases: tuple[Case, ...] = ()

    def _getobj(self) -> object:
        return import_module("pytest_cypherbench.evaluation")

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Bad rows first, each an error of its own, then the cases."""
        rows = read_rows(self.path, self.config.rootpath, self.config.stash.setdefault(SEEN, {}))
        self.cases = tuple(row for row in rows if isinstance(row, Case))
        for row in rows:
            if isinstance(row, BadRow):
                yield BadRowItem.from_parent(self, name=f"row {row.origin.row}", row=row)
        if self.cases:
            yield from super().collect()


class BadRowItem(pytest.Item):
    """A row that is no case: an error of the data set, never a model's failure."""

    def __init__(self, *, row: BadRow, **rest: Any) -> None:  # noqa: ANN401 pytest's own arguments
        super().__init__(**rest)
        self.row = row

    def setup(self) -> None:
        """Raise what is wrong; in the set-up, so that it counts as an error."""
        raise SuiteError(f"{self.row.origin.file}, row {self.row.origin.row}: {self.row.reason}")

    def runtest(self) -> None:
        """Never reached."""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the row stands."""
        return self.path, None, self.nodeid


# ── which files ────────────────────────────────────────────────────────────────────────────────


def aim(config: pytest.Config, settings: Settings) -> None:
    """Without a path on the command line, collect the case folder and nothing else.

    Raises UserError for a path or a case folder that is not there."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        if not settings.cases.is_dir():
            raise UserError(
                f"no case folder {settings.cases}",
                fix="name case files on the command line, or set cypherbench_cases in the ini file",
            )
        config.args = [str(settings.cases)]
    for path in _arguments(config):
        if not path.exists():
            raise UserError(f"no such file or folder: {path}", fix="correct the path")


def collect_file(path: Path, parent: pytest.Collector, settings: Settings) -> CaseFile | None:
    """A collector for a file that is named on the command line, lies in the case folder, or lies in
    a folder on the command line and looks like a case file."""
    if path.suffix.lower() not in SUFFIXES:
        return None
    if path not in _arguments(parent.config):
        if path.is_relative_to(settings.cases):
            if path.relative_to(settings.cases).parts[0] in NO_CASES:
                return None
        elif not is_case_file(path):
            return None
    found: CaseFile = CaseFile.from_parent(parent, path=path)
    return found


def read_rows(path: Path, root: Path, seen: dict[str, str]) -> list[Case | BadRow]:
    """The rows of a file, which they name relative to ``root``. A case whose id another file in
    ``seen`` has is a bad row: two cases of one id cannot be told apart in a report."""
    file = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    checked: list[Case | BadRow] = []
    for row in load_cases(path):
        origin = Origin(file, row.origin.row)
        if isinstance(row, Case) and seen.setdefault(row.id, file) != file:
            reason = f"the id {row.id!r} is taken by a case in {seen[row.id]}; give it another"
            checked.append(BadRow(origin, reason))
        else:
            checked.append(replace(row, origin=origin))
    return checked


def _arguments(config: pytest.Config) -> set[Path]:
    start = config.invocation_params.dir
    return {(start / argument.partition("::")[0]).resolve() for argument in config.args}


# ── which tests ────────────────────────────────────────────────────────────────────────────────


def parametrise(metafunc: pytest.Metafunc, settings: Settings) -> None:
    """Cases and models for a function that asks for our fixtures of these names."""
    if _is_ours(metafunc, "case"):
        module = metafunc.definition.getparent(CaseFile)
        cases = module.cases if module else _all_cases(settings)
        metafunc.parametrize("case", cases, ids=[case.id for case in cases], indirect=True)
    if _is_ours(metafunc, "model"):
        labels = settings.models
        metafunc.parametrize("model", labels, ids=labels, indirect=True, scope="session")
    if settings.answers.samples > 1 and _is_ours(metafunc, "sample"):
        numbers = range(settings.answers.samples)
        names = [f"sample{number}" for number in numbers]
        metafunc.parametrize("sample", numbers, ids=names, indirect=True)


def order(items: list[pytest.Item], models: tuple[str, ...]) -> None:
    """Sort the cases by model, then graph; stable, and other tests keep the front."""

    def place(item: pytest.Item) -> tuple[int, str]:
        params = getattr(item, "callspec", None) and item.callspec.params  # type: ignore[attr-defined]
        if not params or "model" not in params or "case" not in params:
            return -1, ""
        return models.index(params["model"]), params["case"].graph

    items.sort(key=place)


def cases_of(items: list[pytest.Item]) -> tuple[Case, ...]:
    """The cases that are about to run, each once."""
    specs = (getattr(item, "callspec", None) for item in items)
    cases = (spec.params.get("case") for spec in specs if spec)
    return tuple({case.id: case for case in cases if isinstance(case, Case)}.values())


def refuse_nothing(session: pytest.Session) -> None:
    """Raises UserError if this process collects and has nothing to run."""
    if session.items or session.testsfailed or session.config.getoption("dist", "no") != "no":
        return
    raise UserError(
        f"no case is selected from {', '.join(session.config.args)}",
        fix="check -k, -m, --lf and the path; case files end in " + " ".join(sorted(SUFFIXES)),
    )


def _is_ours(metafunc: pytest.Metafunc, name: str) -> bool:
    """Whether the fixture is the plugin's: one that a project defines itself is left alone."""
    found = metafunc._arg2fixturedefs.get(name)  # noqa: SLF001 no public way to ask
    return found is not None and found[-1].func.__module__ == "pytest_cypherbench.plugin"


def _all_cases(settings: Settings) -> tuple[Case, ...]:
    """The good cases of the case folder, for a test function of the user's own."""
    seen: dict[str, str] = {}
    found: list[Case] = []
    for path in sorted(settings.cases.rglob("*")):
        if (
            path.suffix.lower() in SUFFIXES
            and path.relative_to(settings.cases).parts[0] not in NO_CASES
        ):
            rows = read_rows(path, settings.root, seen)
            found.extend(row for row in rows if isinstance(row, Case))
    return tuple(found)
