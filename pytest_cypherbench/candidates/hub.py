"""Files from the Hugging Face Hub, through huggingface_hub, imported only when asked for.

Knows nothing of candidates. Does not protect from wrong bytes: the caller compares digests.
"""

from __future__ import annotations

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from pytest_cypherbench.candidates.folders import check_names
from pytest_cypherbench.candidates.wheels import SourceError
from pytest_cypherbench.errors import UserError, missing_extra
from pytest_cypherbench.registry import unknown

_SECONDS = 5.0


def download_file(repo: str, file: str, revision: str, folder: Path) -> Path:
    """One file of a repository into ``folder``; goes on where an earlier try stopped."""
    try:
        from huggingface_hub import hf_hub_download
    except ModuleNotFoundError as error:
        raise SourceError("the extra 'hub' is not installed") from error
    if reason := silence():
        raise SourceError(reason)
    try:
        return Path(hf_hub_download(repo, file, revision=revision, local_dir=folder))
    except Exception as error:
        raise SourceError(_one_line(error)) from error


def find_file(repo: str, variant: str, label: str) -> Path:
    """The file of that variant (or name) in a repository, in the hub's own cache.

    Where no hub answers, what that cache already holds. Raises UserError: missing extra, no
    repository, no or more than one such file.
    """
    try:
        from huggingface_hub import HfApi, hf_hub_download, snapshot_download
    except ModuleNotFoundError as error:
        raise missing_extra("hub", f"--model {label}") from error
    try:
        if silence():
            folder = Path(snapshot_download(repo, local_files_only=True))
            kept = [path.relative_to(folder).as_posix() for path in folder.rglob("*.gguf")]
            return folder / choose(kept, variant)
        names = [name for name in HfApi().list_repo_files(repo) if name.endswith(".gguf")]
        return Path(hf_hub_download(repo, choose(names, variant)))
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"the hub did not give --model {label}: {_one_line(error)}",
            fix="check the name and the connection, or name a local .gguf file",
        ) from error


def find_folder(repo: str, label: str, *, trust_remote_code: bool = False) -> Path:
    """A repository's transformers model, in the hub's own cache: safetensors and small files.

    Where no hub answers, what that cache already holds. Raises UserError: missing extra, no
    repository, weights that are a pickle.
    """
    try:
        from huggingface_hub import HfApi, snapshot_download
    except ModuleNotFoundError as error:
        raise missing_extra("hub", f"--model {label}") from error
    wanted = ["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]
    wanted += ["*.py"] if trust_remote_code else []
    try:
        if silence():
            return Path(snapshot_download(repo, local_files_only=True))
        check_names(HfApi().list_repo_files(repo), repo, label)
        return Path(snapshot_download(repo, allow_patterns=wanted, ignore_patterns=["*/*"]))
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"the hub did not give --model {label}: {_one_line(error)}",
            fix="check the name and the connection, or name a local folder",
        ) from error


def choose(names: list[str], variant: str) -> str:
    """The one name that ends in the variant, or is it. Raises UserError."""
    wanted = variant.lower()
    ends = (f"-{wanted}.gguf", f".{wanted}.gguf")
    hits = [name for name in names if name.lower() == wanted or name.lower().endswith(ends)]
    if len(hits) == 1:
        return hits[0]
    raise unknown("variant", variant, names, flag="--model")


def silence() -> str:
    """Why the hub does not answer, or "". Asked first, because its library tries for 20 seconds."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return "switched off (HF_HUB_OFFLINE)"
    try:
        with urlopen(Request(constants.ENDPOINT, method="HEAD"), timeout=_SECONDS):  # noqa: S310
            return ""
    except HTTPError:  # an answer, if not to this question
        return ""
    except (OSError, ValueError) as error:
        return f"no answer ({_one_line(error)})"


def _one_line(error: Exception) -> str:
    """The first line that a library's error says, which may run over many."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
