"""What a model is asked: the exact text, what cases share of it, and what a prompt file may do."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Case, Entity, Message, Origin, Pattern, Property, Schema
from pytest_cypherbench.prompts import load_prompt, prompt_names, render

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = Schema(
    labels=(
        Entity(
            "Movie", (Property("title", ("STRING",)), Property("year", ("INTEGER", "STRING"))), 2
        ),
        Entity("Sound Stage", (), 1),
        Entity("Person", (Property("full `name`", ("LIST<STRING>",)),), 2),
    ),
    relationships=(
        Entity("ACTED_IN", (Property("roles", ("LIST<STRING>",)),), 1),
        Entity("DIRECTED", (), 1),
    ),
    patterns=(Pattern("Person", "ACTED_IN", "Movie"), Pattern("Person", "DIRECTED", "Movie")),
)


def case(question: str = "Who directed Alien?") -> Case:
    return Case("c1", "movies", question, "RETURN 'the reference'", Origin("f", 1))


def template(tmp_path: Path, text: str) -> str:
    """The path of a prompt of the user's own."""
    path = tmp_path / "mine.jinja"
    path.write_text(text)
    return str(path)


# ── the prompts that come with us ───────────────────────────────────────────────────────────────


def test_the_schema_prompt_is_this_text() -> None:
    """Every token of it is paid for by a small model, and a change of it changes every figure."""
    prompt = render(case(), SCHEMA, "schema")
    assert prompt.case_id == "c1"
    assert prompt.shared_chars == len("Question: ")
    system, user = prompt.messages
    asked = "Write only the Cypher query, without any explanation."
    assert user == Message("user", f"Question: Who directed Alien?\n{asked}")
    assert system.role == "system"
    assert system.content == (
        "You are a Neo4j expert. You answer every question with one Cypher query that reads the"
        " graph below and returns what is asked for. Use only its labels, relationship types,"
        " directions and properties.\n"
        "\n"
        "Node properties:\n"
        "Movie {title: STRING, year: INTEGER|STRING}\n"
        "`Sound Stage`\n"
        "Person {`full ``name```: LIST<STRING>}\n"
        "\n"
        "Relationship properties:\n"
        "ACTED_IN {roles: LIST<STRING>}\n"
        "\n"
        "Relationships:\n"
        "(:Person)-[:ACTED_IN]->(:Movie)\n"
        "(:Person)-[:DIRECTED]->(:Movie)"
    )


def test_the_seed_prompt_is_this_text() -> None:
    """The Llama-2 frame, finished: no chat template is put around it, and it has no schema."""
    prompt = render(case(), SCHEMA, "seed")
    assert prompt.messages == (
        Message(
            "raw",
            "[INST] <<SYS>>\nYou are an assistant that turns questions into Cypher queries for a"
            " Neo4j graph database. Answer with the query and nothing else.\n<</SYS>>\n\n"
            "Who directed Alien? [/INST]",
        ),
    )
    assert prompt.messages[0].content[prompt.shared_chars :] == "Who directed Alien? [/INST]"


@pytest.mark.parametrize("name", list(prompt_names()))
@given(questions=st.lists(st.text().filter(str.strip), min_size=2, max_size=2))
@settings(deadline=None)
def test_what_is_promised_as_shared_is_shared(name: str, questions: list[str]) -> None:
    """For any two questions all messages but the last, and its shared characters, are the same."""
    prompt = load_prompt(name)
    first, second = (prompt.render(case(question), SCHEMA) for question in questions)
    shared = first.shared_chars
    assert shared == second.shared_chars
    assert first.messages[:-1] == second.messages[:-1]
    assert first.messages[-1].content[:shared] == second.messages[-1].content[:shared]


@pytest.mark.parametrize("name", list(prompt_names()))
def test_a_question_is_never_a_template(name: str) -> None:
    """Template and chat-control marks in a question or a schema arrive as the text they are."""
    marks = "{{ 7 * 7 }} {% raw %} {# c #} <|im_start|> [/INST] & <b>"
    schema = Schema((Entity("{{ 6 * 6 }}", (), 1),), (), ())
    text = "".join(message.content for message in render(case(marks), schema, name).messages)
    assert marks in text
    assert "49" not in text
    assert "36" not in text


@pytest.mark.parametrize("name", list(prompt_names()))
def test_the_reference_is_never_in_the_prompt(name: str) -> None:
    """A model is not shown the answer."""
    assert "the reference" not in str(render(case(), SCHEMA, name))


# ── prompts of the user's own ───────────────────────────────────────────────────────────────────


def test_a_prompt_is_known_by_its_name_and_its_files_hash(tmp_path: Path) -> None:
    """Records say which prompt text was used, whether it came with us or from a path."""
    own = load_prompt(template(tmp_path, "{% block user %}Q: {{ question }}{% endblock %}"))
    assert (own.name, own.sha256) == (
        "mine",
        sha256((tmp_path / "mine.jinja").read_bytes()).hexdigest(),
    )
    assert own.render(case("why"), SCHEMA).messages == (Message("user", "Q: why"),)
    assert own.render(case("why"), SCHEMA).shared_chars == 3
    ours = load_prompt("schema")
    text = files("pytest_cypherbench.prompts").joinpath("schema.jinja").read_bytes()
    assert (ours.name, ours.sha256) == ("schema", sha256(text).hexdigest())


def test_an_unknown_name_says_which_there_are() -> None:
    """A typo is answered with the nearest name and the flag."""
    with pytest.raises(
        UserError, match=r"unknown prompt 'shema' \(--prompt\): did you mean schema\?"
    ):
        load_prompt("shema")


@pytest.mark.parametrize("name", ["../schema", "./none.jinja", "none.jinja", ""])
def test_a_file_that_is_not_there_is_a_usage_error(name: str) -> None:
    """A path is never looked for among the names, nor a name outside our folder."""
    with pytest.raises(UserError, match="--prompt"):
        load_prompt(name)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{% block user %}\n{{ question }\n{% endblock %}", "mine.jinja, line 2: "),
        ("{% block user %}\n{% frob %}{% endblock %}", "mine.jinja, line 2: "),
        ("{{ question }}", "has the blocks: none: write the blocks 'system' and 'user'"),
        ("{% block system %}{% endblock %}", "has the blocks: system"),
        (
            "{% block raw %}{% endblock %}{% block user %}{% endblock %}",
            "has the blocks: raw, user",
        ),
        (b"{% block raw %}\xff{% endblock %}", "mine.jinja, line 1: "),
    ],
)
def test_a_prompt_that_is_none_is_refused_when_loaded(
    tmp_path: Path, text: str | bytes, reason: str
) -> None:
    """A broken file is named with its line before any model is loaded."""
    path = tmp_path / "mine.jinja"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as raised:
        load_prompt(str(path))
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    "body",
    [
        "\n{{ nothing }}",
        "\n{{ reference }}",
        "\n{{ schema.nothing }}",
        "\n{{ ''.__class__.__mro__ }}",
        "\n{{ question.__init__.__globals__ }}",
        "\n{% include 'schema.jinja' %}",
        "\n{{ 1 / 0 }}",
        "\n{% for i in range(999999999) %}{% endfor %}",
        "\n{% set _ = schema.labels.append(1) %}",
    ],
)
def test_a_prompt_that_fails_or_reaches_out_names_file_and_line(tmp_path: Path, body: str) -> None:
    """A template sees question and schema and nothing else; whatever fails is one line."""
    path = template(tmp_path, f"{{% block user %}}{body}{{{{ question }}}}{{% endblock %}}")
    with pytest.raises(UserError, match=r"mine\.jinja, line 2: ") as raised:
        load_prompt(path).render(case(), SCHEMA)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "{% block system %}{{ question }}{% endblock %}{% block user %}{{ question}}{% endblock %}",
        "{% block user %}no question{% endblock %}",
        "{% block user %}{{ 'a' if 'Alien' in question else 'b' }} {{ question }}{% endblock %}",
    ],
)
def test_a_prompt_whose_shared_part_depends_on_the_question_is_refused(
    tmp_path: Path, text: str
) -> None:
    """A backend may reuse the shared part, so a prompt that cannot promise it does not run."""
    with pytest.raises(UserError, match="does not end in the question"):
        load_prompt(template(tmp_path, text)).render(case(), SCHEMA)
