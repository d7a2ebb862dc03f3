"""What a Neo4j database holds of ours: a mark tells. Replaced only where all of it is ours.

Knows nothing of locks, processes or predictions: who calls this holds the lease.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from pytest_cypherbench.cypher import quoted
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.graphs.load import load
from pytest_cypherbench.graphs.schema import OURS, fingerprint, read_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.graphs.bolt import Bolt
    from pytest_cypherbench.graphs.data import GraphData
    from pytest_cypherbench.graphs.schema import Facts

# The name of an index marks what we loaded: it survives restarts, no query about the graph sees it.
# It is a point index on a label and a property that exist, so that neither becomes known by it.
_MARK = "cypherbench_"
_LOADING = f"{_MARK}loading_"
_EMPTY = (
    "point NEO4J_URI at an empty database, empty this one yourself, or use what it holds with "
    "--allow-nonempty"
)


class Marked:
    """The one database at the other end of ``bolt``, whose address is ``where``."""

    def __init__(self, bolt: Bolt, where: str) -> None:
        self._bolt = bolt
        self._where = where
        # What we have just loaded, under its mark: not read a second time.
        self._loaded: tuple[str, Facts] | None = None

    def find(self, data: GraphData) -> Facts | None:
        """All of ``data`` as the database holds it; None if it holds something else.

        Raises UserError if someone changed it."""
        mark = self._mark()
        if not mark.startswith(_mark(data)):
            return None
        if self._loaded is not None and self._loaded[0] == mark:
            return self._loaded[1]
        facts = read_facts(self._bolt)
        if not mark.endswith(fingerprint(facts)):
            raise self._not_ours("its graph was changed by someone else")
        return facts

    def as_found(self) -> Facts:
        """All that the database holds, whoever loaded it. Raises UserError if that is nothing."""
        if not self.count():
            raise UserError(
                f"--allow-nonempty, but {self._where} holds nothing", fix="leave it out"
            )
        return read_facts(self._bolt)

    def replace(self, data: GraphData) -> None:
        """Put ``data`` in the place of nothing, or of what we loaded before.

        Raises UserError, with nothing changed, if anything else is there."""
        mark = self._mark()
        if mark.startswith(_mark(data)):
            return  # another process was faster
        self._must_be_ours(mark)
        before = self.count()
        loading = f"{_LOADING}{max(len(data.nodes), before)}"
        if mark != loading:
            self._set_mark(loading, _MARK, next(iter(_keys(data)), "name"))
            self._drop_mark(mark)
        if before:
            self._bolt.write("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS")
        facts = load(self._bolt, data, dynamic=True)
        label, key = next(
            ((labels[0], key) for _, labels, found in facts.nodes for key in found if labels),
            (_MARK, _MARK),  # not what the mark of loading is on
        )
        mark = _mark(data) + fingerprint(facts)
        self._set_mark(mark, label, key)
        self._drop_mark(loading)
        self._loaded = mark, facts

    def count(self) -> int:
        """How many nodes there are."""
        return cast("int", self._bolt.rows("MATCH (n) RETURN count(n)", OURS)[0][0])

    def _mark(self) -> str:
        """The name of the index that tells what we loaded; "" if there is none."""
        rows = self._bolt.rows(
            "SHOW INDEXES YIELD name WHERE name STARTS WITH $mark RETURN name ORDER BY name",
            OURS,
            mark=_MARK,
        )
        names = [str(row[0]) for row in rows]
        return next((name for name in names if name.startswith(_LOADING)), (names or [""])[0])

    def _must_be_ours(self, mark: str) -> None:
        count = self.count()
        if mark.startswith(_LOADING):
            if count > int(mark.removeprefix(_LOADING)):
                raise self._not_ours("it holds more than a broken-off load left")
        elif mark:
            if not mark.endswith(fingerprint(read_facts(self._bolt))):
                raise self._not_ours("its graph was changed by someone else")
        elif count:
            raise self._not_ours(f"it holds {count} nodes that were not loaded from here")

    def _set_mark(self, name: str, label: str, key: str) -> None:
        on = f"(n:{quoted(label)}) ON (n.{quoted(key)})"
        self._bolt.write(f"CREATE POINT INDEX `{name}` IF NOT EXISTS FOR {on}")

    def _drop_mark(self, name: str) -> None:
        if name:
            self._bolt.write(f"DROP INDEX `{name}` IF EXISTS")

    def _not_ours(self, reason: str) -> UserError:
        return UserError(f"will not touch the database at {self._where}: {reason}", fix=_EMPTY)


def _keys(data: GraphData) -> Iterator[str]:
    return (key for row in data.nodes for key in row.properties)


def _mark(data: GraphData) -> str:
    return f"{_MARK}{re.sub(r'[^0-9A-Za-z]', '_', data.name)[:30]}_{data.sha256[:16]}_"
