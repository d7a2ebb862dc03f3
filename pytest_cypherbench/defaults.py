"""What counts unless an option says otherwise: the candidate, what came with us, the user's cache.

Knows nothing of options or of what lies there.
"""

from __future__ import annotations

from pathlib import Path

CANDIDATE = "smollm2-135m"


def packaged(kind: str) -> Path:
    """``cases`` or ``candidates`` that came with us: in a wheel they lie inside the package, in a
    checkout beside it."""
    package = Path(__file__).parent
    inside = package / "data" / kind
    return inside if inside.is_dir() else package.parent / kind


def candidate_folders(root: Path) -> tuple[Path, ...]:
    """The project's own candidates first, where it has any."""
    own = root / "candidates"
    return (own, packaged("candidates")) if own.is_dir() else (packaged("candidates"),)


def cache_folder() -> Path:
    """The user's cache folder, as the operating system has it."""
    from platformdirs import user_cache_path

    return user_cache_path("pytest-cypherbench")
