"""What stands on the command line to files: a path, or ``OWNER/DATASET/SPLIT`` of the hub.

Knows nothing of formats. Through huggingface_hub, imported only where a hub id is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError, missing_extra
from pytest_cypherbench.registry import unknown
from pytest_cypherbench.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HUB = re.compile(r"([\w-][\w.-]*/[\w-][\w.-]*?)(?:/([A-Za-z_]+))?")
# Where data sets of the hub keep their splits; one may be cut into numbered parts.
_SPLIT = re.compile(r"(?:data/)?([A-Za-z_]+)(?:-\d+-of-\d+)?\.(?:parquet|json|csv)")


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one import under the names that messages give them; ``name``: for the output;
    ``revision``: the hub's commit, "" for files that were here."""

    name: str
    files: Mapping[str, Path]
    revision: str = ""


def find_source(given: str) -> Source:
    """Raises UserError for what is neither a file nor on the hub."""
    path = Path(given)
    if path.is_dir():
        raise UserError(f"{given} is a folder", fix="give one file in it")
    if path.exists():
        return Source(path.stem, {given: path})
    match = _HUB.fullmatch(given)
    if match is None or path.suffix.lower() in {".csv", ".json", ".parquet", ".txt"}:
        raise UserError(f"{given}: no such file", fix="correct the path, or give a hub id")
    try:
        import huggingface_hub  # noqa: F401 whether it is there
    except ModuleNotFoundError as error:
        raise missing_extra("hub", given) from error
    try:
        return _from_hub(match[1], match[2] or "", given)
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"the hub did not give {given}: {one_line(str(error))}",
            fix="check the name and the connection, or give a file",
        ) from error


def _from_hub(repo: str, split: str, given: str) -> Source:
    """The split's files; where no hub answers, from what its cache holds."""
    from huggingface_hub import HfApi, hf_hub_download, snapshot_download

    from pytest_cypherbench.candidates.hub import silence

    if silence():
        folder = Path(snapshot_download(repo, repo_type="dataset", local_files_only=True))
        kept = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
        split, names = choose_split(kept, split, given)
        return Source(split, {f"{repo}/{name}": folder / name for name in names}, folder.name)
    info = HfApi().dataset_info(repo)
    present = [sibling.rfilename for sibling in info.siblings or ()]
    split, names = choose_split(present, split, given)
    files = {
        f"{repo}/{name}": Path(hf_hub_download(repo, name, repo_type="dataset", revision=info.sha))
        for name in names
    }
    return Source(split, files, info.sha or "")


def choose_split(names: Iterable[str], split: str, given: str) -> tuple[str, list[str]]:
    """The split and its files; without one, the only one. Raises UserError."""
    splits: dict[str, list[str]] = {}
    for name in sorted(names):
        if found := _SPLIT.fullmatch(name):
            splits.setdefault(found[1], []).append(name)
    if not split and len(splits) == 1:
        split = next(iter(splits))
    if not split and splits:
        options = " or ".join(f"{given}/{name}" for name in splits)
        raise UserError(f"{given} has {len(splits)} splits", fix=f"give {options}")
    if split not in splits:
        raise unknown("split", split, splits, flag=given)
    return split, splits[split]
