"""What a window of requests gains over one at a time, in ratios of walls taken in one run.

The server is a stub: four answers at once, 0.4 s each, so that the client alone is measured.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from faulty_server import faulty_server, takes

from pytest_cypherbench.backends import ModelSpec
from pytest_cypherbench.backends.endpoints.openai import OpenAI
from pytest_cypherbench.backends.guarded import ask_all
from pytest_cypherbench.flow import Generation, Message, ModelInfo, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

SLOTS, SECONDS, WINDOW = 4, 0.4, 8
PROMPTS = [Prompt(str(n), (Message("user", str(n)),), 0) for n in range(16)]


def test_a_window_of_eight_on_four_slots(figure: Callable[[str], None]) -> None:
    """Wall of 16 answers one by one ÷ wall with a window of 8; four slots allow 4 (target 2.5)."""
    with faulty_server() as server:
        server.otherwise = takes(SECONDS, SLOTS, lambda one: one.body["messages"][0]["content"])
        label = f"m@{server.url}"
        model = OpenAI(ModelSpec(ModelInfo(f"openai:{label}", "openai", label)))
        started = perf_counter()
        serial = [model.generate(prompt, Sampling()).text for prompt in PROMPTS]
        middle = perf_counter()
        found = list(ask_all(model, PROMPTS, Sampling(), window=WINDOW))
        ended = perf_counter()
        model.close()
    assert [one.text for one in found if isinstance(one, Generation)] == serial
    ratio = (middle - started) / (ended - middle)
    own = (middle - started) / len(PROMPTS) - SECONDS
    figure(f"serial ÷ window of {WINDOW}: {ratio:.2f}; the client's own {own * 1000:.1f} ms each")
    assert ratio >= 1.5
