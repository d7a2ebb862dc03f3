"""Which tests may run at the same time, under `-n`: what shares something stays in one process.

A group is taken by one process, a test at a time. There is one server and one container runtime;
an engine that a module's tests share is started once; everything else stands alone.
"""

from __future__ import annotations

import pytest

SERVER, CONTAINERS = "server", "containers"
# Marks of tests that use them in another way than by a parameter with the engine's name.
uses_server = pytest.mark.xdist_group(SERVER)
uses_containers = pytest.mark.xdist_group(CONTAINERS)

_BY_ENGINE = {"neo4j-server": SERVER, "neo4j-container": CONTAINERS}
_current: str | None = None


def group_of(item: pytest.Item) -> str:
    """The group of a test: that of its mark or engine, or of its module's fixtures; "": it stands
    alone."""
    if marked := item.get_closest_marker("xdist_group"):
        return str(marked.args[0])
    if not isinstance(item, pytest.Function):
        return ""
    chosen = item.callspec.params if hasattr(item, "callspec") else {}
    for value in chosen.values():
        if isinstance(value, str) and value in _BY_ENGINE:
            return _BY_ENGINE[value]
    found = item._fixtureinfo.name2fixturedefs.items()
    shared = [name for name, defs in found if any(one.scope == "module" for one in defs)]
    if not shared:
        return ""
    module = item.nodeid.partition("::")[0]
    return " ".join([module, *(str(chosen[name]) for name in sorted(shared) if name in chosen)])


def name_in_id(item: pytest.Item) -> None:
    """What pytest-xdist tells groups by; 3.8 sets an attribute that pytest 9.2 does not read."""
    group = group_of(item)
    if group and not item.nodeid.endswith(f"@{group}"):
        item._id = type(item._id).parse(f"{item.nodeid}@{group}")  # type: ignore[attr-defined]


def enter(item: pytest.Item) -> None:
    """From now on ``item`` runs."""
    global _current  # noqa: PLW0603 - one test at a time runs in a process
    _current = group_of(item)


def must_be_in(group: str) -> None:
    """Fail a test that uses what others must not use meanwhile, and does not say so."""
    if _current not in {None, group}:  # None: a process that a test started
        pytest.fail(f"this test needs the mark uses_{group} of groups.py")
