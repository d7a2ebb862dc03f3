"""The graphs of the training domains: their generators make what is committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_cypherbench.graphs.data import read_graph
from training.domains import DOMAINS
from training.domains.command import GRAPHS, Args, parse, run


def test_every_graph_has_its_module() -> None:
    """No graph without a generator, no generator without a manifest."""
    assert sorted(folder.name for folder in GRAPHS.iterdir()) == list(DOMAINS)


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_committed_files_are_made_again(domain: str, tmp_path: Path) -> None:
    """Byte for byte, and no other CSV file lies there; the folder loads as a graph."""
    assert run(Args((domain,), tmp_path)) == 0
    made = {file.name: file.read_bytes() for file in (tmp_path / domain).iterdir()}
    kept = {file.name: file.read_bytes() for file in (GRAPHS / domain).glob("*.csv")}
    assert made == kept
    graph = read_graph(GRAPHS / domain)
    assert 100 <= len(graph.nodes) <= 400
    assert len(graph.relationships) >= 200


def test_an_unknown_domain_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """As any wrong argument: usage and exit status 2."""
    with pytest.raises(SystemExit) as caught:
        parse(["cinema"])
    assert caught.value.code == 2
    assert "no domain 'cinema'; have: astronomy" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit status 1."""
    (tmp_path / "file").write_text("")
    assert run(Args(("chess",), tmp_path / "file")) == 1
    assert "--output" in capsys.readouterr().err
