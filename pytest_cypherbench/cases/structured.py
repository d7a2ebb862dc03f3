"""YAML and JSON-lines case files to numbered rows; our own formats, so unknown keys are errors.

Knows nothing of what makes a case valid. Does not run tags: only plain YAML values are built.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from pytest_cypherbench.cases.columns import (
    DEFAULTS,
    KEYS,
    UnreadableError,
    decode,
    known_cells,
    repeated,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_cypherbench.cases.columns import Cells, RawRows

MAX_YAML_NODES = 5_000_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> RawRows:
    """A list of rows, or a mapping with defaults for all rows and the list under ``cases``."""
    loader = _LOADER(decode(path.read_bytes()))
    try:
        root = loader.get_single_node()
        if root is None:
            return
        _refuse_explosion(root)
        rows, defaults = _yaml_rows(loader, root)
        for number, node in enumerate(rows, 1):
            yield number, _yaml_row(loader, node, defaults)
    except yaml.YAMLError as error:
        raise UnreadableError(f"is not YAML: {_yaml_reason(error)}") from error
    except RecursionError as error:
        raise UnreadableError("is nested too deeply") from error
    finally:
        loader.dispose()


def _yaml_reason(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())


def _yaml_rows(loader: Any, root: yaml.Node) -> tuple[list[yaml.Node], Cells]:  # noqa: ANN401 PyYAML has two loader families
    if isinstance(root, yaml.SequenceNode):
        return root.value, {}
    if not isinstance(root, yaml.MappingNode):
        raise UnreadableError("holds neither a list of rows nor a mapping with 'cases:'")
    cases = [value for key, value in root.value if key.value == "cases"]
    if len(cases) != 1 or not isinstance(cases[0], yaml.SequenceNode):
        raise UnreadableError("is a mapping without one list under 'cases:'")
    rest = [pair for pair in root.value if pair[0].value != "cases"]
    head = yaml.MappingNode(root.tag, rest, root.start_mark, root.end_mark)
    defaults = _construct(loader, head, DEFAULTS)
    if isinstance(defaults, str):
        raise UnreadableError(f"outside 'cases:', {defaults}")
    return cases[0].value, defaults


def _yaml_row(loader: Any, node: yaml.Node, defaults: Cells) -> Cells | str:  # noqa: ANN401 as above
    cells = _construct(loader, node, KEYS)
    if isinstance(cells, str):
        return cells
    merged = {**defaults, **cells}
    if "tags" in defaults and "tags" in cells:  # a row's tags are added to those of its file
        merged["tags"] = [*_as_list(defaults["tags"]), *_as_list(cells["tags"])]
    return merged


def _as_list(tags: object) -> list[object]:
    return list(tags) if isinstance(tags, list) else [tags]


def _construct(loader: Any, node: yaml.Node, allowed: Iterable[str]) -> Cells | str:  # noqa: ANN401 as above
    if not isinstance(node, yaml.MappingNode):
        return "is not a mapping of keys to values"
    if twice := repeated(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
        return f"key {twice!r} stands twice"
    try:
        return known_cells(loader.construct_document(node), allowed)
    except yaml.YAMLError as error:
        return _yaml_reason(error)
    except (ValueError, TypeError, OverflowError) as error:  # a date of month 13, 5,000 digits
        return f"holds a value that cannot be read: {error}"


def _refuse_explosion(root: yaml.Node) -> None:
    """Refuse a file whose aliases expand beyond all measure, or into themselves.

    Every node is visited once; what it would weigh expanded is the sum over its children.
    """
    weights: dict[int, int] = {}
    open_nodes: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, done = stack.pop()
        children = _children(node)
        if done:
            open_nodes.discard(id(node))
            weights[id(node)] = 1 + sum(weights[id(child)] for child in children)
            if weights[id(node)] > MAX_YAML_NODES:
                raise UnreadableError(f"expands to more than {MAX_YAML_NODES:,} values")
        elif id(node) in open_nodes:
            raise UnreadableError("has an alias that stands for a value around it")
        elif id(node) not in weights:
            open_nodes.add(id(node))
            stack.append((node, True))
            stack.extend((child, False) for child in children if id(child) not in weights)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def read_jsonl(path: Path) -> RawRows:
    """One object per line; a row's number is its line, a broken line spoils no other."""
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if data.lstrip()[:1] == b"[":
        raise UnreadableError("is a JSON array: a .jsonl file holds one object per line")
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            yield number, _json_row(line)


def _json_row(line: bytes) -> Cells | str:
    try:
        return known_cells(parse_json(line.decode()), KEYS)
    except UnicodeDecodeError as error:
        return f"is not UTF-8 at byte {error.start}"
    except ValueError as error:
        return f"is not JSON: {error}"


def parse_json(text: str) -> object:
    """JSON without repeated keys. Raises ValueError for all that is none, also for deep nesting."""
    try:
        return json.loads(text, object_pairs_hook=_unrepeated)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _unrepeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if twice := repeated(key for key, _ in pairs):
        raise ValueError(f"key {twice!r} stands twice")
    return dict(pairs)
