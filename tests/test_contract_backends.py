"""Our own backends keep the contract that others are given; one that breaks it is told so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from broken_backends import BROKEN, Whole
from faulty_server import Handler, Reply, event, faulty_server, gives, piece, streams, usage
from tiny_models import tiny

from pytest_cypherbench.backends import Backend, ModelSpec
from pytest_cypherbench.errors import SuiteError
from pytest_cypherbench.flow import Message, ModelInfo, Prompt, Sampling
from pytest_cypherbench.testing import BackendContract


@pytest.mark.xdist_group("contract of gguf")
class TestGguf(BackendContract):
    """With the weights of SmolLM2."""

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls, smollm2: ModelSpec) -> ModelSpec:
        return smollm2


@pytest.mark.slow
@pytest.mark.xdist_group("contract of gguf")
class TestGgufOfQwen(BackendContract):
    """With another tokenizer."""

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls, coder: ModelSpec) -> ModelSpec:
        return coder


@pytest.mark.xdist_group("contract of hf")
class TestHf(BackendContract):
    """With weights by chance."""

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls, tmp_path_factory: pytest.TempPathFactory) -> ModelSpec:
        for library in ("torch", "transformers"):
            pytest.importorskip(library, reason=f"needs {library}: install the extra hf")
        folder = tiny(tmp_path_factory.mktemp("tiny") / "model")
        return ModelSpec(ModelInfo("hf:fp32", "hf", "fp32"), folder, 1)


@pytest.mark.slow
@pytest.mark.xdist_group("contract of hf")
class TestHfOfSmolLM2(BackendContract):
    """With real weights."""

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls, smollm2_folder: ModelSpec) -> ModelSpec:
        return smollm2_folder


class TestOpenAI(BackendContract):
    """Asked of a server that answers as ``Whole`` does."""

    frames = False

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls) -> Iterator[ModelSpec]:
        pytest.importorskip("httpx", reason="needs httpx: install the extra openai")
        with faulty_server() as server:
            variant = f"m@{server.url}"
            info = ModelInfo(f"openai:{variant}", "openai", variant)
            server.otherwise = serves(Whole(ModelSpec(info)))
            yield ModelSpec(info, answer_seconds=10)


def serves(model: Whole) -> Reply:
    """Its answers in the protocol of OpenAI, to chats and to raw texts."""

    def reply(handler: Handler) -> None:
        body = handler.body
        spoken = body.get("messages") or [{"role": "raw", "content": body["prompt"]}]
        messages = tuple(Message(one["role"], one["content"]) for one in spoken)
        sampling = Sampling(body["max_tokens"], body["temperature"], body["seed"])
        try:
            found = model.answer(Prompt("", messages, 0), sampling)
        except SuiteError as error:
            gives(400, {"error": str(error)})(handler)
            return
        first = {
            "text": found.text,
            **piece(found.text)["choices"][0],
            "finish_reason": found.finish,
        }
        counts = usage(found.prompt_tokens, found.output_tokens)
        streams(event({"choices": [first]}), event(counts), event(b"[DONE]"))(handler)

    return reply


class TestWhole(BackendContract):
    """A backend that has all there is: nothing is skipped."""

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls, tmp_path_factory: pytest.TempPathFactory) -> ModelSpec:
        file = tmp_path_factory.mktemp("letters") / "letters.txt"
        file.touch()
        return ModelSpec(ModelInfo("letters:all", "letters", "all"), file)

    @classmethod
    def open(cls, spec: ModelSpec) -> Backend:
        return Whole(spec)


# ── the contract can be broken ──

THEIRS = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from broken_backends import BROKEN, Whole, otherwise
from test_contract_backends import TestWhole as Kept

def contract_of(backend, **said):
    opens = classmethod(lambda _, spec: backend(spec))
    return type("Test", (Kept,), {{"open": opens, **said}})
"""
EACH_BROKEN = """
for broken in BROKEN:
    globals()[f"Test{broken.__name__}"] = contract_of(broken)
del Kept
"""
SERVED = """
numbers = iter(range(10**6))

class Unsteady(Whole):
    def answer(self, prompt, sampling):
        return otherwise(super().answer(prompt, sampling), prompt, chr(next(numbers)))

TestUnsteady = contract_of(Unsteady, deterministic=False, frames=False)
del Kept
"""
UNSAID = """
from pytest_cypherbench.testing import BackendContract

class TestMine(BackendContract):
    pass
"""


def outcomes(pytester: pytest.Pytester, source: str) -> dict[str, dict[str, set[str]]]:
    """By class and outcome, the tests without their parameters; for what is skipped, the reasons."""
    pytester.makepyfile(test_theirs=THEIRS + source)
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for report in pytester.inline_run("--tb=no").getreports("pytest_runtest_logreport"):
        if report.when == "call" or not report.passed:
            _, theirs, test = report.nodeid.split("::")
            reason = report.longrepr[2] if report.skipped else test.partition("[")[0]
            found[theirs.removeprefix("Test")][report.outcome].add(reason)
    return found


def test_each_broken_promise_fails_its_own_test(pytester: pytest.Pytester) -> None:
    """Backends that each break one promise fail the tests of that promise, and no others."""
    found = outcomes(pytester, EACH_BROKEN)
    assert {name: of["failed"] for name, of in found.items()} == {
        broken.__name__: tests for broken, tests in BROKEN.items()
    }
    assert all(of["passed"] for of in found.values())


def test_every_test_of_the_contract_can_fail() -> None:
    """Each is failed by one of the broken backends."""
    tests = {name for name in dir(BackendContract) if name.startswith("test_")}
    assert set.union(*BROKEN.values()) == tests


def test_a_server_that_decides_is_not_blamed(pytester: pytest.Pytester) -> None:
    """Where a class says that texts may differ and that a server frames them, what depends on it is
    skipped with that as the reason, and the rest holds."""
    found = outcomes(pytester, SERVED)["Unsteady"]
    assert not found["failed"]
    assert found["skipped"] == {
        "Skipped: deterministic = False: texts of this backend are not compared",
        "Skipped: frames = False: not this backend but its server applies the template",
    }


def test_a_class_that_names_no_model_is_told_to(pytester: pytest.Pytester) -> None:
    """One line says what to write."""
    pytester.makepyfile(UNSAID)
    result = pytester.runpytest_inprocess("--tb=line", "-k", "runtime")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*say on TestMine what to test: model = 'BACKEND:VARIANT'*"])
