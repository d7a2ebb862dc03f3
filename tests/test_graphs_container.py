"""The engine neo4j-container: one container for a run, nothing of it left, whoever dies."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from containers import DOCKER_HOST, client, eventually, ours
from graph_engines import TINY
from groups import uses_containers

from pytest_cypherbench.errors import EngineError, UserError
from pytest_cypherbench.flow import Execution, Limits
from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.neo4j import container, runtime
from pytest_cypherbench.graphs.neo4j.container import Neo4jContainer, variables
from pytest_cypherbench.graphs.neo4j.safe import safe_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker
    from docker.models.containers import Container

    from pytest_cypherbench.graphs import Engine

pytestmark = uses_containers
COUNT = "MATCH (p:Person) RETURN count(p)"
PROGRAM = """\
import sys
from pathlib import Path
from pytest_cypherbench.flow import Limits
from pytest_cypherbench.graphs import EngineSpec
from pytest_cypherbench.graphs.neo4j.container import Neo4jContainer
engine = Neo4jContainer(EngineSpec(run_folder=Path(sys.argv[1])))
engine.load(Path(sys.argv[2]))
print(engine.run(sys.argv[3], {}, Limits()).rows, flush=True)
if len(sys.argv) > 4:
    sys.stdin.read()
engine.close()
"""


def beside(folder: Path, *more: str) -> subprocess.Popen[str]:
    """Another process of the same run."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(TINY), COUNT, *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def mine(found: docker.DockerClient, before: set[str]) -> list[Container]:
    return [one for one in ours(found) if one.id not in before]


@pytest.fixture(scope="module")
def docker_client() -> Iterator[docker.DockerClient]:
    found = client()
    yield found
    found.close()


@pytest.fixture
def before(docker_client: docker.DockerClient) -> set[str]:
    """The containers of other runs on this machine."""
    return {str(one.id) for one in ours(docker_client)}


@pytest.fixture(scope="module")
def others(docker_client: docker.DockerClient) -> set[str]:
    return {str(one.id) for one in ours(docker_client)}


@pytest.fixture(scope="module")
def engine(others: set[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One engine for the tests that do it no harm, or that it survives."""
    del others  # had to be listed before
    started = Neo4jContainer(EngineSpec(run_folder=tmp_path_factory.mktemp("engine") / "run"))
    try:
        started.load(TINY)
        yield started
    finally:
        started.close()


def only(docker_client: docker.DockerClient, others: set[str]) -> Container:
    (found,) = mine(docker_client, others)
    return found


def answer(engine: Engine) -> Any:
    done = engine.run(COUNT, {}, Limits())
    assert isinstance(done, Execution), done
    return done.rows


# ── what it starts ──


def test_settings_travel_as_the_official_image_reads_them() -> None:
    """Every safe setting is a variable whose name gives the setting's back by the image's rule."""
    named = variables("secret")
    assert named.pop("NEO4J_AUTH") == "neo4j/secret"

    def setting(variable: str) -> str:
        dotted = variable.removeprefix("NEO4J_").replace("_", ".")
        return dotted.replace("..", "_")

    assert safe_settings().items() <= {setting(key): value for key, value in named.items()}.items()


def test_the_container_is_confined(
    engine: Engine, docker_client: docker.DockerClient, others: set[str]
) -> None:
    """Its one port is on loopback, its memory has a limit, and nothing of the host is in it."""
    assert answer(engine) == ((6,),)
    facts = only(docker_client, others).attrs
    published = [at for ports in facts["NetworkSettings"]["Ports"].values() for at in ports or ()]
    assert [at["HostIp"] for at in published] == ["127.0.0.1"]
    assert 0 < facts["HostConfig"]["Memory"] <= 2 * 2**30
    assert {mount["Type"] for mount in facts["Mounts"]} <= {"volume"}
    assert not facts["HostConfig"]["Binds"]


@pytest.mark.usefixtures("engine")
def test_the_users_testcontainers_keep_their_settings() -> None:
    """Its reaper was off for our container alone, and no variable is left behind."""
    from testcontainers.core.config import testcontainers_config

    assert not testcontainers_config.ryuk_disabled
    assert os.environ.get("DOCKER_HOST") == DOCKER_HOST


def test_processes_of_a_run_share_it(
    engine: Engine, docker_client: docker.DockerClient, others: set[str]
) -> None:
    """A second process finds the container and the graph in it, and leaves both when it goes."""
    found = only(docker_client, others).id
    other = beside(engine._home._lifeline.folder)  # type: ignore[attr-defined]
    assert other.communicate(timeout=60)[0] == "((6,),)\n"
    assert only(docker_client, others).id == found
    assert answer(engine) == ((6,),)


def test_a_killed_container_is_replaced(
    engine: Engine, docker_client: docker.DockerClient, others: set[str]
) -> None:
    """`docker kill` between two queries costs nothing but time, and leaves no dead container."""
    killed = only(docker_client, others)
    killed.kill()
    assert answer(engine) == ((6,),)
    assert only(docker_client, others).id != killed.id
    assert answer(engine) == ((6,),)


# ── what it leaves ──


def test_nothing_is_left(
    docker_client: docker.DockerClient, before: set[str], tmp_path: Path
) -> None:
    """After close there is no container, no volume, no folder and no process."""
    volumes = {volume.id for volume in docker_client.volumes.list()}
    other = beside(tmp_path / "run", "wait")
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "((6,),)\n"
        (started,) = mine(docker_client, before)
        family = psutil.Process(other.pid).children(recursive=True)
        assert family
    finally:
        other.communicate(timeout=60)
    assert started.id not in {one.id for one in ours(docker_client)}
    assert {volume.id for volume in docker_client.volumes.list()} <= volumes
    assert not (tmp_path / "run").exists()
    assert eventually(lambda: not any(process.is_running() for process in family))


@pytest.mark.parametrize("too", ["", "keeper"])
def test_kill_9_leaves_nothing(
    docker_client: docker.DockerClient, before: set[str], tmp_path: Path, too: str
) -> None:
    """After SIGKILL of the only process of a run, even with the keeper that watches it, container
    and volumes are gone within seconds."""
    volumes = {volume.id for volume in docker_client.volumes.list()}
    other = beside(tmp_path / "run", "wait")
    assert other.stdout is not None
    assert other.stdout.readline() == "((6,),)\n"
    keepers = [
        child
        for child in psutil.Process(other.pid).children()
        if any("keeper.py" in part for part in child.cmdline())
    ]
    assert keepers
    other.kill()
    for keeper in keepers if too else ():
        with suppress(psutil.NoSuchProcess):
            os.kill(keeper.pid, signal.SIGKILL)
    other.communicate(timeout=60)
    assert eventually(lambda: not mine(docker_client, before))
    assert eventually(lambda: {volume.id for volume in docker_client.volumes.list()} <= volumes)
    if not too:
        assert eventually(lambda: not (tmp_path / "run").exists())


# ── what goes wrong ──


def one_line(caught: pytest.ExceptionInfo[Exception], *words: str) -> None:
    text = str(caught.value)
    assert "\n" not in text
    assert all(re.search(word, text) for word in words), text


def test_no_runtime_names_the_other_three_ways(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where no runtime answers, one line says what else there is; nothing is left on the disk."""
    pytest.importorskip("testcontainers", reason="no containers: install the extra")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(UserError) as caught:
        Neo4jContainer(EngineSpec(run_folder=tmp_path / "run")).load(TINY)
    one_line(caught, "NEO4J_URI", "NEO4J_HOME", "--graph-engine embedded")
    assert not (tmp_path / "run").exists()


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without testcontainers, the line to install it with."""
    monkeypatch.setitem(sys.modules, "testcontainers.core.config", None)
    with pytest.raises(UserError) as caught:
        Neo4jContainer(EngineSpec(run_folder=tmp_path / "run")).load(TINY)
    one_line(caught, r"pip install 'pytest-cypherbench\[containers\]'")


@pytest.mark.usefixtures("docker_client")
def test_an_image_that_is_nowhere(tmp_path: Path) -> None:
    """An image that is neither here nor in a registry: one line that names it and the option."""
    spec = EngineSpec(run_folder=tmp_path / "run", image="localhost:9/cypherbench/none:0")
    with pytest.raises(UserError) as caught:
        Neo4jContainer(spec).load(TINY)
    one_line(caught, "localhost:9/cypherbench/none:0", "--neo4j-image")


@pytest.mark.parametrize(
    ("does", "cause"),
    [
        ("echo no room on the disk >&2; exit 3", "ended: no room on the disk"),
        ("echo still unpacking; exec sleep 600", r"not answer within 3 s: still unpacking"),
    ],
)
def test_a_container_that_does_not_come_up(
    docker_client: docker.DockerClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    does: str,
    cause: str,
) -> None:
    """One that ends, or that never answers, is quoted by its last line, and removed."""
    monkeypatch.setattr(container, "_START_SECONDS", 3.0)
    base = EngineSpec().image
    (tmp_path / "Dockerfile").write_text(f'FROM {base}\nENTRYPOINT ["/bin/sh", "-c", "{does}"]\n')
    image, _ = docker_client.images.build(path=str(tmp_path), tag="cypherbench/broken", rm=True)
    try:
        with pytest.raises(EngineError) as caught:
            Neo4jContainer(
                EngineSpec(run_folder=tmp_path / "run", image="cypherbench/broken")
            ).load(TINY)
        one_line(caught, cause)
        made = {"ancestor": image.id}
        assert eventually(lambda: not docker_client.containers.list(all=True, filters=made))
    finally:
        docker_client.images.remove(image.id, force=True)


def test_a_runtime_is_asked_in_vain_for_no_longer_than_two_seconds(tmp_path: Path) -> None:
    """A socket that nobody listens on, and one where nobody answers, are no runtime."""
    import socket

    assert not runtime.answers(f"unix://{tmp_path}/none.sock")
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf.sock"))
        deaf.listen()
        assert not runtime.answers(f"unix://{tmp_path}/deaf.sock")
