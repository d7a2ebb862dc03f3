"""What ``--graph-engine auto`` means here: the user's server, else a container, else the Neo4j on
the user's disk, else the embedded engine.

Knows nothing of how an engine is started; it asks only whether one can be.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs.neo4j import runtime

if TYPE_CHECKING:
    from pytest_cypherbench.graphs import EngineSpec


def choose(spec: EngineSpec, docker_host: str | None) -> tuple[str, str]:
    """The engine's name, and why that one in a few words. What is there but cannot be used is said
    by ``spec.say``. ``docker_host``: what DOCKER_HOST says. May pull the image."""
    if spec.uri:
        return "neo4j-server", "auto: NEO4J_URI is set"
    if not (no_container := _why_no_container(spec, docker_host)):
        return "neo4j-container", "auto: a container runtime answers"
    if _is_home(spec):
        return "neo4j-local", f"auto: NEO4J_HOME is set, {no_container}"
    return "embedded", f"auto: no NEO4J_URI, {no_container}, no NEO4J_HOME"


def _why_no_container(spec: EngineSpec, docker_host: str | None) -> str:
    if find_spec("testcontainers") is None:
        return "no extra 'containers'"
    if not runtime.answers(docker_host):
        return "no container runtime"
    try:
        with runtime.container_of(spec.image) as container:
            runtime.fetch(container, spec.say)
    except UserError as error:
        spec.say(f"not neo4j-container: {error.cause}")
        return "no container image"
    return ""


def _is_home(spec: EngineSpec) -> bool:
    if spec.home is None:
        return False
    from pytest_cypherbench.graphs.neo4j.installed import find_jars, find_java

    try:
        find_jars(spec.home)
        find_java(spec.java_home)
    except UserError as error:
        spec.say(f"not neo4j-local: {error.cause}")
        return False
    return True
