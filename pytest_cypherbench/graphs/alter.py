"""An altered copy of a graph: same schema, other constants, counts and tops.

Knows nothing of engines or queries. A query that is right on the graph by luck (a constant, a list
written down, a filter that happens to select everything) is most likely wrong on the copy.

What is kept, so that a query which is right stays right: which properties and types there are, how
few relationships of a type a node may have, that unique values are unique and that pairs of nodes
are joined once, and names: most constants of a question still occur, but elsewhere.
"""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING

from pytest_cypherbench.graphs.draft import ENDS, STARTS, Draft, DraftNode, DraftRelationship
from pytest_cypherbench.graphs.load import facts as facts_of
from pytest_cypherbench.graphs.scatter import Scatter, bound_to, renew
from pytest_cypherbench.graphs.schema import fingerprint, schema

if TYPE_CHECKING:
    from pytest_cypherbench.graphs.data import GraphData
    from pytest_cypherbench.graphs.draft import Side
    from pytest_cypherbench.graphs.schema import Facts

# Shares of a label's nodes or a type's relationships; the last strength only moves values.
_STRENGTHS = (1.0, 0.5, 0.25, 0.0)
_DROPPED_NODES, _SPLIT_NODES, _DROPPED_EDGES, _REWIRED = 0.02, 0.1, 0.06, 0.25
# Of a smaller label a question may well name the one that would be gone.
_FEW_NODES = 40


def alter(name: str, facts: Facts, seed: int) -> GraphData:
    """The copy that this seed makes, always the same; ``facts`` may come from any engine.

    Odd seeds move names too, so that nearly every answer is another one. What two names have in
    common may then be nothing: even seeds leave names where they are and alter the rest."""
    wanted, base = _shape(facts), fingerprint(facts)
    for strength in _STRENGTHS:
        digest = hashlib.sha256(f"{base} altered {seed} {strength}".encode()).hexdigest()
        chance = random.Random(digest)  # noqa: S311 - no secret
        draft = Draft(facts)
        if strength:
            _drop_nodes(draft, chance, strength * _DROPPED_NODES)
            _split_nodes(draft, chance, strength * _SPLIT_NODES)
            _drop_edges(draft, chance, strength * _DROPPED_EDGES)
            _rewire(draft, chance, strength * _REWIRED)
        Scatter(draft, chance, names_move=seed % 2 == 1).run()
        data = draft.data(name, digest)
        if _shape(facts_of(data)) == wanted:
            break
    return data


def _shape(facts: Facts) -> object:
    """The schema without its counts: what a prompt shows."""
    found = schema(facts)
    entities = [
        [(e.name, e.properties) for e in part] for part in (found.labels, found.relationships)
    ]
    return entities, found.patterns


def _some(count: int, share: float) -> int:
    return max(1, round(count * share))


def _drop_nodes(draft: Draft, chance: random.Random, share: float) -> None:
    """Take nodes away with their relationships, where no neighbour loses what all of its kind
    have."""
    always, sides, dropped = draft.always(), draft.sides(), set[DraftNode]()
    for nodes in draft.groups().values():
        left = _some(len(nodes), share) if len(nodes) >= _FEW_NODES else 0
        for node in chance.sample(nodes, len(nodes)):
            edges = [edge for found in sides[node].values() for edge in found]
            if left and not any(_needs(edge, node, always, sides) for edge in edges):
                left -= 1
                dropped.add(node)
                for edge in edges:
                    other, side = edge.other(node)
                    if other is not node:
                        sides[other][side].remove(edge)
                sides[node] = {}
    draft.nodes = [node for node in draft.nodes if node not in dropped]
    gone = dropped.__contains__
    draft.relationships = [e for e in draft.relationships if not (gone(e.start) or gone(e.end))]


def _needs(
    edge: DraftRelationship,
    node: DraftNode,
    always: dict[tuple[str, ...], set[Side]],
    sides: dict[DraftNode, dict[Side, list[DraftRelationship]]],
) -> bool:
    other, side = edge.other(node)
    return side in always[other.labels] and len(sides[other][side]) < 2  # noqa: PLR2004


def _split_nodes(draft: Draft, chance: random.Random, share: float) -> None:
    """Make two of one: a new node takes half of another's relationships, so that counts and tops
    change and no name is lost. Its unique values are new ones."""
    always, sides = draft.always(), draft.sides()
    for labels, nodes in draft.groups().items():
        left = _some(len(nodes), share)
        for node in chance.sample(nodes, len(nodes)):
            found = sides[node]
            if not left or any(len(found[side]) < 2 for side in always[labels]):  # noqa: PLR2004
                continue
            left -= 1
            new = DraftNode(labels, renew(node, nodes))
            draft.nodes.append(new)
            for (_, side), edges in found.items():
                for edge in chance.sample(edges, len(edges) // 2):
                    if side == STARTS:
                        edge.start = new
                    else:
                        edge.end = new


def _drop_edges(draft: Draft, chance: random.Random, share: float) -> None:
    """Take relationships away, no node's last one of a type and direction."""
    sides, dropped = draft.sides(), set[DraftRelationship]()
    for edges in draft.types().values():
        left = _some(len(edges), share)
        for edge in chance.sample(edges, len(edges)):
            ends = sides[edge.start][edge.type, STARTS], sides[edge.end][edge.type, ENDS]
            if left and all(len(found) > 1 for found in ends):
                left -= 1
                dropped.add(edge)
                for found in ends:
                    found.remove(edge)
    draft.relationships = [edge for edge in draft.relationships if edge not in dropped]


def _rewire(draft: Draft, chance: random.Random, share: float) -> None:
    """Let pairs of relationships swap their ends: every node keeps as many as it had. Properties
    stay at the end within which they are unique, such as a position in a list."""
    for edges in draft.types().values():
        at_start, at_end = bound_to(edges, STARTS), bound_to(edges, ENDS)
        if at_start and at_end:
            continue
        pairs = {(edge.start, edge.end) for edge in edges}
        once = len(pairs) == len(edges)
        loops = any(start is end for start, end in pairs)
        chosen = chance.sample(edges, min(len(edges), 2 * _some(len(edges), share / 2)))
        for one, two in zip(chosen[::2], chosen[1::2], strict=False):
            new = {(one.start, two.end), (two.start, one.end)}
            if (once and new & pairs) or (not loops and any(a is b for a, b in new)):
                continue
            pairs = pairs - {(one.start, one.end), (two.start, two.end)} | new
            one.end, two.end = two.end, one.end
            if at_end:
                one.properties, two.properties = two.properties, one.properties
