"""The backends onnx and openvino, with tiny weights: they say what transformers says."""

# ruff: noqa: E402  # what needs libraries is imported after the look for them

from __future__ import annotations

import json
import shutil
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from interrupts import interrupt_after
from tiny_models import tiny

from pytest_cypherbench.backends import Backend, ModelSpec, Scoring
from pytest_cypherbench.backends.variants import ONNX_VARIANTS, OPENVINO_VARIANTS
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Message, ModelInfo, Prompt, Sampling
from pytest_cypherbench.testing import BackendContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

for library in ("torch", "transformers", "optimum", "onnx", "onnxruntime", "openvino", "nncf"):
    pytest.importorskip(library, reason=f"needs {library}: install the extras onnx and openvino")

from pytest_cypherbench.backends.folders.decoding import BLOCK
from pytest_cypherbench.backends.folders.hf import Hf
from pytest_cypherbench.backends.guarded import open_backend

pytestmark = pytest.mark.xdist_group("exports")

BACKENDS = ("onnx", "openvino")
VARIANTS = {"onnx": ONNX_VARIANTS, "openvino": OPENVINO_VARIANTS}
QUANTISED = [(name, variant) for name in BACKENDS for variant in VARIANTS[name][1:]]
QUERY = "MATCH (p:Person)-[:ACTED_IN]->(m:Movie {title: 'The Matrix'}) RETURN p.name"
QUESTIONS = ("Which people acted in The Matrix?", "7 best rated movies?", "Éric Rohmer: which?")


def ask(question: str) -> Prompt:
    opening = "The graph:\n(:Person {name: STRING})-[:ACTED_IN]->(:Movie)\n\nQuestion: "
    messages = (Message("system", "Write."), Message("user", f"{opening}{question}\nCypher:"))
    return Prompt(question, messages, len(opening))


def filled(folder: Path, fill: Callable[[Path], None]) -> Path:
    folder.mkdir()
    fill(folder)
    return folder


class Exports:
    """Tiny models in every format, each made when it is first asked for."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def source(self, kind: str = "llama", *, tied: bool = True) -> Path:
        folder = self._place / f"{kind}-{tied}"
        return folder if folder.exists() else tiny(folder, kind, tied=tied)

    def folder(
        self, name: str, variant: str = "fp32", kind: str = "llama", *, tied: bool = True
    ) -> Path:
        to = import_module(f"pytest_cypherbench.conversions.to_{name}")
        made = self._place / f"{name}-{variant}-{kind}-{tied}"
        if made.exists():
            return made
        if variant == "fp32":
            return filled(made, lambda part: to.export(self.source(kind, tied=tied), part))
        whole = self.folder(name, kind=kind, tied=tied)
        return filled(made, lambda part: to.quantise(whole, part, variant))


def spec_of(name: str, folder: Path) -> ModelSpec:
    return ModelSpec(ModelInfo(f"{name}:x", name, "x"), folder, 1)


def scores(model: Backend) -> list[float]:
    assert isinstance(model, Scoring)
    return [model.score(ask(question), QUERY).logprob for question in QUESTIONS]


def texts(model: Backend) -> list[str]:
    return [model.generate(ask(question), Sampling(12)).text for question in QUESTIONS]


def refused(name: str, folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        open_backend(spec_of(name, folder))
    assert "\n" not in str(caught.value)
    assert caught.value.fix
    return str(caught.value)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    return Exports(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def whole(exports: Exports) -> Iterator[Hf]:
    model = Hf(ModelSpec(ModelInfo("hf:fp32", "hf", "fp32"), exports.source(), 1))
    yield model
    model.close()


class TestOnnx(BackendContract):
    """What every backend promises."""

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls, exports: Exports) -> ModelSpec:
        return spec_of("onnx", exports.folder("onnx"))


class TestOpenVino(BackendContract):
    """What every backend promises."""

    @pytest.fixture(scope="class")
    @classmethod
    def spec(cls, exports: Exports) -> ModelSpec:
        return spec_of("openvino", exports.folder("openvino"))


# ── the whole model ──


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize(("kind", "tied"), [("llama", True), ("qwen2", False)])
def test_export_is_the_same_model(exports: Exports, name: str, kind: str, tied: bool) -> None:
    """fp32 writes what transformers writes, and finds a query as likely."""
    source = exports.source(kind, tied=tied)
    theirs = Hf(ModelSpec(ModelInfo("hf:fp32", "hf", "fp32"), source, 1))
    ours = open_backend(spec_of(name, exports.folder(name, kind=kind, tied=tied)))
    assert texts(ours) == texts(theirs)
    assert scores(ours) == pytest.approx(scores(theirs), rel=1e-4)
    ours.close()
    theirs.close()


@pytest.mark.parametrize("name", BACKENDS)
def test_a_long_prompt_and_a_long_text_are_seen_as_a_whole(
    exports: Exports, whole: Hf, name: str
) -> None:
    """Tokens are evaluated some at a time; that shows in no score."""
    model = open_backend(spec_of(name, exports.folder(name)))
    assert isinstance(model, Scoring)
    long = Prompt("long", (Message("raw", "MATCH (p) RETURN p.name " * 30),), 0)
    for text in (QUERY, QUERY * 9):
        found, expected = model.score(long, text), whole.score(long, text)
        assert found.logprob == pytest.approx(expected.logprob, rel=1e-4)
    assert expected.tokens > 3 * BLOCK
    assert model.generate(long, Sampling(8)).text == whole.generate(long, Sampling(8)).text
    model.close()


@pytest.mark.parametrize("name", BACKENDS)
def test_interrupted_answer_leaves_no_trace(exports: Exports, name: str) -> None:
    """After Ctrl-C in the middle of an answer, the next answers are what they always are."""
    model = open_backend(spec_of(name, exports.folder(name)))
    expected = texts(model), scores(model)
    for seconds in (0.02, 0.2):
        interrupt_after(
            seconds, lambda: [model.generate(ask("Who?"), Sampling(200)) for _ in range(1000)]
        )
        assert (texts(model), scores(model)) == expected
    model.close()


# ── quantised ──


@pytest.mark.parametrize(("name", "variant"), QUANTISED)
def test_variant_answers_much_like_the_whole_model(
    exports: Exports, whole: Hf, name: str, variant: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each is made and loaded in silence, is smaller, and scores near fp32, not as fp32."""
    folder = exports.folder(name, variant)
    model = open_backend(spec_of(name, folder))
    found, expected = scores(model), scores(whole)
    assert found == pytest.approx(expected, rel=0.02 if variant == "fp16" else 0.25)
    assert found != pytest.approx(expected, rel=1e-6)
    assert size(folder) < 0.75 * size(exports.folder(name))
    model.close()
    model.close()
    assert capfd.readouterr() == ("", "")


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*model*") if file.suffix != ".xml")


@pytest.mark.parametrize("variant", ["int8", "int4"])
def test_last_layer_is_quantised_also_where_it_is_the_embedding(
    exports: Exports, variant: str
) -> None:
    """No matrix of fp32 is left: optimum stores a tied one where quantisers do not see it."""
    import onnx

    graph = onnx.load(exports.folder("onnx", variant) / "model.onnx").graph
    matrices = [w for w in graph.initializer if len(w.dims) == 2 and min(w.dims) > 32]
    whole = [w.name for w in matrices if w.data_type == onnx.TensorProto.FLOAT]
    assert whole == []


def test_unknown_variant_is_one_line(exports: Exports, tmp_path: Path) -> None:
    """What is not made says what is."""
    from pytest_cypherbench.conversions import to_onnx, to_openvino

    for name, to in (("onnx", to_onnx), ("openvino", to_openvino)):
        with pytest.raises(UserError, match="int8"):
            to.quantise(exports.folder(name), tmp_path, "int3")


# ── what cannot be loaded ──


def test_folder_must_hold_one_onnx_file(exports: Exports, tmp_path: Path) -> None:
    """None, or two to choose from, is refused; so is a folder that is not there."""
    assert "no folder" in refused("onnx", tmp_path / "missing")
    (tmp_path / "model").mkdir()
    assert "holds none" in refused("onnx", tmp_path / "model")
    two = shutil.copytree(exports.folder("onnx"), tmp_path / "two")
    shutil.copy(two / "model.onnx", two / "other.onnx")
    assert "holds model.onnx, other.onnx" in refused("onnx", two)


def test_damaged_files_are_one_line(exports: Exports, tmp_path: Path) -> None:
    """Half a graph, half the weights and weights that are missing."""
    for name, weights in (("onnx", "model.onnx_data"), ("openvino", "openvino_model.bin")):
        for number, damage in enumerate((cut, lambda file: file.unlink())):
            place = shutil.copytree(exports.folder(name), tmp_path / f"{name}-{number}")
            damage(place / weights)
            assert f"{name}:x cannot be loaded" in refused(name, place)
        place = shutil.copytree(exports.folder(name), tmp_path / f"{name}-graph")
        cut(next(path for path in place.iterdir() if path.suffix in {".onnx", ".xml"}))
        assert f"{name}:x cannot be loaded" in refused(name, place)
        place = shutil.copytree(exports.folder(name), tmp_path / f"{name}-words")
        (place / "tokenizer.json").unlink()
        assert "tokenizer" in refused(name, place)


def cut(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize("where", ["../secret.bin", "{absolute}", "link.bin"])
def test_weights_outside_the_folder_are_not_read(
    exports: Exports, tmp_path: Path, where: str
) -> None:
    """A graph that names a file elsewhere, or a link to one, is refused."""
    import onnx

    place = shutil.copytree(exports.folder("onnx"), tmp_path / "model")
    secret = (place / "model.onnx_data").rename(tmp_path / "secret.bin")
    (place / "link.bin").symlink_to(secret)
    model = onnx.load(place / "model.onnx", load_external_data=False)
    for weight in model.graph.initializer:
        for entry in weight.external_data:
            if entry.key == "location":
                entry.value = where.format(absolute=secret)
    (place / "model.onnx").write_bytes(model.SerializeToString())
    assert "External data path" in refused("onnx", place)


def test_graph_without_a_past_is_one_line(tmp_path: Path) -> None:
    """A graph that is no decoder with its past says so, and how to export one."""
    import onnx
    import openvino
    from onnx import TensorProto, helper

    given = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, None])
    found = helper.make_tensor_value_info("logits", TensorProto.INT64, [1, None])
    node = helper.make_node("Identity", ["input_ids"], ["logits"])
    graph = helper.make_graph([node], "g", [given], [found])
    version = [helper.make_opsetid("", 17)]
    place = tmp_path / "model"
    place.mkdir()
    onnx.save(helper.make_model(graph, opset_imports=version, ir_version=9), place / "model.onnx")
    assert "has no past" in refused("onnx", place)
    openvino.save_model(
        openvino.Core().read_model(place / "model.onnx"), place / "openvino_model.xml"
    )
    assert "has no state" in refused("openvino", place)


def test_settings_of_the_folder_are_kept(exports: Exports) -> None:
    """Template, ends and length of the context travel with an export."""
    for name in BACKENDS:
        folder, source = exports.folder(name), exports.source()
        for file in ("generation_config.json", "config.json"):
            ends = [
                json.loads((place / file).read_text())["eos_token_id"] for place in (folder, source)
            ]
            assert ends[0] == ends[1]
        opened = open_backend(spec_of(name, folder))
        theirs = Hf(ModelSpec(ModelInfo("hf:fp32", "hf", "fp32"), source, 1))
        for prompt in (ask("Q?"), Prompt("raw", (Message("raw", "RETURN 1"),), 0)):
            counts = [m.generate(prompt, Sampling(1)).prompt_tokens for m in (opened, theirs)]
            assert counts[0] == counts[1]
        opened.close()
        theirs.close()
