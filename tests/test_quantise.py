"""The command that makes variants, and what it says that they hold."""

# ruff: noqa: E402  # what needs libraries is imported after the look for them

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from tiny_models import tiny

for library in ("torch", "transformers", "gguf", "llama_cpp"):
    pytest.importorskip(library, reason=f"needs {library}: install the extra dev")

from pytest_cypherbench.__main__ import CANNOT_RUN, main
from pytest_cypherbench.backends import ModelSpec
from pytest_cypherbench.backends.guarded import open_backend
from pytest_cypherbench.candidates import resolve
from pytest_cypherbench.candidates.contents import contents_of, in_words
from pytest_cypherbench.conversions import hf_to_gguf

pytestmark = pytest.mark.xdist_group("quantise")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a candidate of its own, ``tiny``, that lists an f16 file."""
    root = tmp_path_factory.mktemp("project")
    folder = root / "candidates" / "tiny"
    folder.mkdir(parents=True)
    hf_to_gguf.convert(tiny(root / "model"), folder / "tiny.gguf")
    content = (folder / "tiny.gguf").read_bytes()
    (folder / "candidate.toml").write_text(
        'name = "tiny"\nbase = "Org/Tiny"\nlicense = "MIT"\n[[files]]\nvariant = "f16"\n'
        f'file = "tiny.gguf"\nbytes = {len(content)}\n'
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"\nsources = [{{ kind = "folder" }}]\n'
    )
    return root


@pytest.fixture(autouse=True)
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setenv("CYPHERBENCH_CACHE", str(project / "cache"))


def quantise(*arguments: str) -> int:
    return main(["quantise", *arguments, "--candidate", "tiny"])


def spec_of(project: Path, model: str) -> ModelSpec:
    return resolve(
        model,
        candidate="tiny",
        folders=[project / "candidates"],
        model_dirs=(),
        cache=project / "cache",
        threads=1,
        references={},
        report=lambda _: None,
    )


def test_a_file_is_said_to_hold_what_it_holds(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows of 64 numbers fit no k-quant: "q3_k_m" holds others, and says so, also in the record."""
    assert quantise("gguf:q3_k_m") == 0
    said = capsys.readouterr().out
    assert "converted from f16" in said or "requantised from f16" in said
    assert "q3_k" not in said.replace("q3_k_m", "")
    spec = spec_of(project, "gguf:q3_k_m")
    assert spec.path is not None
    shares = contents_of(spec.path, project / "cache")
    assert said.count(in_words(shares)) == 1
    assert in_words(shares) in spec.info.notes
    assert spec.info.sha256 is not None
    assert spec.info.sha256 in said
    total = sum(share.weights for share in shares)
    assert f"{8 * spec.path.stat().st_size / total:.2f} bits a weight" in said


def test_contents_count_tensors_and_weights(project: Path) -> None:
    """Every number of the model is counted once, by the type that it has."""
    import torch
    from safetensors.torch import load_file

    weights = load_file(project / "model" / "model.safetensors")
    shares = {
        share.type: share for share in contents_of(project / "candidates/tiny/tiny.gguf", project)
    }
    matrices = [tensor for tensor in weights.values() if tensor.dim() == 2]
    assert shares["f16"].tensors == len(matrices)
    assert shares["f16"].weights == sum(map(torch.numel, matrices))
    assert shares["f32"].weights == sum(t.numel() for t in weights.values() if t.dim() == 1)


def test_contents_follow_the_file(project: Path, tmp_path: Path) -> None:
    """What was noted of a file is not believed of another in its place."""
    place = tmp_path / "model.gguf"
    seen = []
    for model in ("gguf:q8_0", "gguf:q4_0"):
        source = spec_of(project, model).path
        assert source is not None
        shutil.copy(source, place)
        seen.append(in_words(contents_of(place, tmp_path)))
        assert in_words(contents_of(place, tmp_path)) == seen[-1]
    assert seen[0] != seen[1]


def test_every_format_is_made_and_copied(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copies can be loaded from where they are put; the record says how they were quantised."""
    for library in ("optimum", "onnxruntime", "openvino", "nncf"):
        pytest.importorskip(library, reason=f"needs {library}: install the extra dev")
    models = ("onnx:int4", "openvino:int8", "gguf:q8_0")  # as their names are sorted
    assert quantise(*models, "--output", str(tmp_path / "out")) == 0
    said = capsys.readouterr()
    made = ["an export for onnx", "onnx int4", "an export for openvino", "openvino int8"]
    lines = [line for line in said.err.splitlines() if "folder from" not in line]
    assert [line.partition(":")[0] for line in lines[:4]] == [f"making {one}" for one in made]
    assert all(line.startswith("making ") for line in lines)
    for sign in ("onnxruntime: weights in blocks of 32", "NNCF: weights by row", "written to"):
        assert sign in said.out
    copies = sorted((tmp_path / "out").iterdir())
    assert len(copies) == len(models)
    for model, copy in zip(models, copies, strict=True):
        backend = model.partition(":")[0]
        opened = open_backend(spec_of(project, f"{backend}:{copy}"))
        assert opened.info.sha256 == spec_of(project, model).info.sha256
        opened.close()
    assert quantise(*models) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("gguf:q4_k_x", "did you mean q4_k_s"),
        ("onnx:int3", "have: fp16, fp32, int4, int8"),
        ("openvino:fp16", "have: fp32, int4, int8"),
        ("hf:int8", "quantised while they are loaded"),
        ("reference", "have: gguf, onnx, openvino"),
        ("onnx:./missing", "no folder './missing'"),
        ("ggufs:q8_0", "unknown backend"),
    ],
)
def test_what_cannot_be_made_is_one_line(
    project: Path, model: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is made then, also of the models that could be."""
    before = sorted((project / "cache").rglob("*"))
    assert quantise("gguf:q5_1", model) == CANNOT_RUN
    said = capsys.readouterr()
    assert reason in said.err
    assert (said.err.count("\n"), said.out) == (1, "")
    assert sorted((project / "cache").rglob("*")) == before
