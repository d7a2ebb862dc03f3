"""Backends kept to a grammar, with the weights of SmolLM2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from grammars import CASES, acceptor, cases_in, schema_of

from pytest_cypherbench.backends import Backend, ModelSpec
from pytest_cypherbench.backends.llama.gguf import Gguf
from pytest_cypherbench.backends.llama.grammar import Grammar, _allowed
from pytest_cypherbench.backends.llama.parts import llama_cpp, open_model
from pytest_cypherbench.backends.llama.words import Vocabulary
from pytest_cypherbench.errors import SuiteError, UserError
from pytest_cypherbench.extract import extract
from pytest_cypherbench.flow import Message, Prompt, Sampling
from pytest_cypherbench.grammar import MODES, grammar
from pytest_cypherbench.graphs.guard import check

pytest.importorskip("xgrammar", reason="needs xgrammar: install the extra dev")
MOVIES = schema_of(CASES / "graphs" / "movies")
QUESTION = "MATCH (m:Movie) RETURN m.title\nThe same for people, and no word of explanation:\n"


def ask(text: str = QUESTION, mode: str = "schema", rules: str = "") -> Prompt:
    return Prompt("raw", (Message("raw", text),), 0, grammar=rules or grammar(MOVIES, mode))


@pytest.fixture(scope="module", params=["gguf", "hf"])
def model(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "gguf":
        opened: Backend = Gguf(request.getfixturevalue("smollm2"))
    else:
        spec = request.getfixturevalue("smollm2_folder")
        from pytest_cypherbench.backends.folders.hf import Hf

        opened = Hf(spec)
    yield opened
    opened.close()


@pytest.mark.parametrize("mode", MODES[1:])
def test_what_a_model_writes_is_a_query_or_the_beginning_of_one(model: Backend, mode: str) -> None:
    """Greedy and at a temperature at which it says anything: all of it is by the grammar."""
    found = acceptor(grammar(MOVIES, mode))
    for temperature, seed in ((0.0, 0), (4.0, 2)):
        sampling = Sampling(max_tokens=10, temperature=temperature, seed=seed)
        answer = model.generate(ask(mode=mode), sampling)
        text = answer.text.rstrip("\ufffd")  # half a character at the end
        assert found.begins(text)
        assert found.accepts(text) or answer.finish == "length"
        assert check(text) is None


def test_an_answer_ends_by_itself_where_the_query_does(model: Backend) -> None:
    """Finish "stop", and the raw text is the query."""
    rules = 'root ::= "MATCH (p:Person) RETURN p." ("name" | "born")\n'
    answer = model.generate(ask(rules=rules), Sampling(max_tokens=40))
    assert answer.finish == "stop"
    assert extract(answer.text).text == answer.text
    assert answer.text in {"MATCH (p:Person) RETURN p.name", "MATCH (p:Person) RETURN p.born"}
    cut = model.generate(ask(rules=rules), Sampling(max_tokens=3))
    assert (cut.finish, answer.text.startswith(cut.text)) == ("length", True)


def test_every_answer_begins_anew(model: Backend) -> None:
    """The same text twice, after another one, and after one that was cut off; without a grammar
    the text of before."""
    sampling = Sampling(max_tokens=6)
    free = replace(ask(), grammar="")
    first, plain = model.generate(ask(), sampling).text, model.generate(free, sampling).text
    model.generate(ask(mode="grammar"), Sampling(max_tokens=2))
    assert model.generate(ask(), sampling).text == first
    assert model.generate(free, sampling).text == plain


def test_chances_among_what_is_allowed_are_the_models_own(model: Backend) -> None:
    """A grammar that allows everything changes no text, at any temperature."""
    rules = "root ::= [^\\x00]*\n"
    for temperature in (0.0, 0.7):
        sampling = Sampling(max_tokens=6, temperature=temperature, seed=5)
        kept = model.generate(ask(rules=rules), sampling).text
        assert kept == model.generate(replace(ask(), grammar=""), sampling).text


def test_what_the_model_would_never_say_is_found(model: Backend) -> None:
    """However unlikely the only way on is, among all the tokens."""
    rules = 'root ::= "\\u00DF7#" "qz" "\\U0001F3AC"\n'
    answer = model.generate(ask(rules=rules), Sampling(max_tokens=40))
    assert answer.text == "ß7#qz🎬"


def test_a_faulty_grammar_is_one_line(model: Backend, capfd: pytest.CaptureFixture[str]) -> None:
    """A UserError that names the option, and the next prompt is answered."""
    with pytest.raises(UserError, match="cannot read the grammar \\(--constrain\\)"):
        model.generate(ask(rules="root ::= nothing"), Sampling(max_tokens=2))
    capfd.readouterr()
    assert model.generate(ask(), Sampling(max_tokens=2)).output_tokens == 2


def test_batches_keep_to_the_grammar_too(smollm2_folder: ModelSpec) -> None:
    """Each answer of a batch by the grammar of its prompt."""
    from pytest_cypherbench.backends.folders.hf import Hf

    opened = Hf(smollm2_folder)
    prompts = [ask(), ask(rules='root ::= "RETURN 1"\n'), replace(ask(), grammar="")]
    first, second, free = opened.generate_many(prompts, Sampling(max_tokens=6))
    assert acceptor(grammar(MOVIES, "schema")).begins(first.text)
    assert (second.text, second.finish) == ("RETURN 1", "stop")
    assert free.text == opened.generate(prompts[2], Sampling(max_tokens=6)).text
    opened.close()


# ── llama.cpp reads the same text as xgrammar ──


@pytest.fixture(scope="module")
def words(smollm2: ModelSpec) -> Iterator[tuple[object, Vocabulary]]:
    assert smollm2.path is not None
    opened = open_model(smollm2.path, words_only=True)
    yield opened, Vocabulary(opened)
    llama_cpp.llama_model_free(opened)


def accepts(rules: Grammar, words: Vocabulary, text: str) -> bool:
    end = llama_cpp.llama_vocab_eos(words._vocabulary)
    with rules.place() as place:
        for token in [*words.encode(text, markers=False), end]:
            if not _allowed(place, [token])[0]:
                return False
            llama_cpp.llama_sampler_accept(place, token)
    return True


@pytest.mark.parametrize("mode", MODES[1:])
def test_llama_accepts_the_references(words: tuple[object, Vocabulary], mode: str) -> None:
    """In SmolLM2's tokens, a sample of all."""
    rules = Grammar(words[0], grammar(MOVIES, mode))
    for case in cases_in(CASES / "movies")[::6]:
        assert accepts(rules, words[1], case.reference.strip()), case.id
    rules.close()


def test_llama_refuses_what_writes(words: tuple[object, Vocabulary]) -> None:
    """In SmolLM2's tokens."""
    from test_grammar import HOSTILE

    rules = Grammar(words[0], grammar(MOVIES, "grammar"))
    assert not [text for text in HOSTILE if accepts(rules, words[1], text)]
    rules.close()


def test_tokens_that_are_no_way_on_end_in_one_line(smollm2: ModelSpec) -> None:
    """A grammar can ask for what no token says: an error of that case, no endless search."""
    opened = Gguf(smollm2)
    with pytest.raises(SuiteError, match="no token of the model continues"):
        opened.generate(ask(rules='root ::= "a" [\\x00]\n'), Sampling(max_tokens=4))
    opened.close()
