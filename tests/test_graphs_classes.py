"""The classes that the embedded engine keeps between its starts: used if they fit, never in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest
from filelock import FileLock
from graph_engines import TINY

from pytest_cypherbench.flow import Execution, Limits
from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.embedded.command import classes_file
from pytest_cypherbench.graphs.embedded.engine import Embedded
from pytest_cypherbench.graphs.process.classes import Classes

if TYPE_CHECKING:
    from pathlib import Path


def answered(state: Path) -> list[str]:
    """Start an engine that keeps its classes in ``state``, ask it, close it; its JVM's options."""
    engine = Embedded(EngineSpec(state_folder=state))
    try:
        engine.load(TINY)
        done = engine.run("MATCH (p:Person) RETURN count(p)", {}, Limits())
        assert isinstance(done, Execution)
        assert done.rows == ((6,),)
        assert engine._child is not None
        (java,) = psutil.Process(engine._child.keeper_pid).children()
        return [part for part in java.cmdline() if part.startswith("-XX:AOT")]
    finally:
        engine.close()


def test_the_first_engine_records_and_the_next_one_uses(tmp_path: Path) -> None:
    """One file in the folder, made by the first start there; a damaged one is passed over, and one
    with which nothing starts is removed."""
    state = tmp_path / "engines"
    (option,) = answered(state)
    assert option.startswith("-XX:AOTCacheOutput=")
    file = classes_file(state)
    whole = file.read_bytes()
    assert {path.name for path in state.iterdir()} <= {file.name, file.with_suffix(".lock").name}
    assert answered(state) == [f"-XX:AOTCache={file}"]
    file.write_bytes(whole[: len(whole) // 2])
    assert answered(state) == [f"-XX:AOTCache={file}"]
    third = len(whole) // 3
    file.write_bytes(whole[:third] + bytes(range(256)) * (third // 256) + whole[2 * third :])
    answered(state)


def test_one_process_records_at_a_time(tmp_path: Path) -> None:
    """Who comes meanwhile starts as if nothing was kept; nor does a folder that cannot be written
    keep anybody from starting."""
    file = tmp_path / "engines" / "classes.aot"
    first, second = Classes(file), Classes(file)
    assert list(first.options(tmp_path)) == [f"-XX:AOTCacheOutput={tmp_path / 'classes.aot'}"]
    assert list(second.options(tmp_path)) == []
    first.release()
    assert second.recording is False
    assert len(list(second.options(tmp_path))) == 1
    second.release()
    (tmp_path / "file").touch()
    assert list(Classes(tmp_path / "file" / "classes.aot").options(tmp_path)) == []
    assert list(Classes(None).options(tmp_path)) == []


@pytest.mark.parametrize("written", [True, False])
def test_what_was_recorded_is_moved_whole_or_not_at_all(tmp_path: Path, *, written: bool) -> None:
    """A JVM that wrote nothing leaves nothing, and the next one may try."""
    file = tmp_path / "engines" / "classes.aot"
    classes = Classes(file)
    list(classes.options(tmp_path))
    if written:
        (tmp_path / "classes.aot").write_bytes(b"classes")
    classes.keep()
    assert file.exists() == written
    assert {path.suffix for path in file.parent.iterdir()} <= {".aot", ".lock"}
    FileLock(file.with_suffix(".lock")).acquire(timeout=0).lock.release()
