"""The generator of training pairs: strict words, sound English, sound pairs, the same every time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import yaml

from pytest_cypherbench.cases import load_cases
from pytest_cypherbench.cypher import clauses, tokenize
from pytest_cypherbench.errors import UserError
from pytest_cypherbench.flow import Case
from pytest_cypherbench.graphs import Engine
from training.pairs.checking import load, opened_engine, refused
from training.pairs.command import SEED, TRAIN, Args, make, run
from training.pairs.diversity import fourgrams, normal_query, normal_question, shared, skeleton
from training.pairs.domain import Domain
from training.pairs.draw import Draft
from training.pairs.families import FAMILIES
from training.pairs.files import GENERATED, HAND, read_split, rows, write_pairs
from training.pairs.forms import Noun
from training.pairs.grammar import Group, inverted, negated, short, singular
from training.pairs.lexicon import read_words
from training.pairs.manifest import Declared
from training.pairs.phrasing import Phrases, surface
from training.pairs.report import like_another, report

PAIRS = Path(__file__).parents[1] / "training" / "pairs"
GUIDE = (PAIRS / "WORDS.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[1]  # type: ignore[index]
LIGHTHOUSES = Declared(
    {
        "Keeper": {"name": "string", "hired": "date", "languages": "string[]"},
        "Lighthouse": {
            "name": "string",
            "height": "float",
            "built": "integer",
            "colour": "string",
            "automated": "boolean",
        },
        "Ship": {"name": "string"},
    },
    {
        "Keeper-TENDS->Lighthouse": {"since": "date", "shifts": "integer"},
        "Lighthouse-GUIDED->Ship": {},
        "Keeper-TRAINED->Keeper": {},
    },
)
DOMAINS = sorted(path.parent.name for path in TRAIN.glob(f"*/{GENERATED}"))
FILES = sorted(TRAIN.glob(f"*/{GENERATED}"))
SAMPLE = 40


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with opened_engine() as opened:
        yield opened


def words(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "lighthouses.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def rng(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same every time is what is wanted


# ── words ──


def test_the_example_of_the_guide_is_complete(tmp_path: Path) -> None:
    """The words file in WORDS.md fits the manifest that the page describes."""
    found = read_words(words(tmp_path, EXAMPLE), LIGHTHOUSES)
    assert list(found.labels) == ["Keeper", "Lighthouse", "Ship"]
    assert found.labels["Lighthouse"].properties["automated"].yes == ("are automated",)
    assert [each.chain for each in found.relationships] == [False, False, True]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    person: true\n", "    human: true\n", "labels.Keeper.human is not expected here"),
        ("    name: name\n", "", "labels.Keeper.name is missing"),
        ("  Ship:", "  Boat:", "labels.Ship is missing"),
        ("scale: level", "scale: tall", "labels.Lighthouse.properties.height.scale is 'tall'"),
        ('"are taller than {}"', '"are taller"', "properties.height.more must have 1 {}"),
        ('"tend {}"', '"that {} tends"', "start must follow a plural noun as its verb"),
        ("    chain: true\n", "", "relationships.Keeper-TRAINED->Keeper.chain is missing"),
        ("noun: ship / ships", "noun: ship", "labels.Ship.noun must be 'singular / plural'"),
        ('["{}", "keeper {}"]', "[{}]", "labels.Keeper.called must hold text, in quotes"),
        (
            '["have guided {}", "have led {} to safety"]',
            '["have guided {}"]',
            "a list of 2 or more",
        ),
    ],
)
def test_a_faulty_words_file_names_file_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """An unknown, missing or ill-formed entry is an error that names the file and the key."""
    assert old in EXAMPLE
    with pytest.raises(UserError) as caught:
        read_words(words(tmp_path, EXAMPLE.replace(old, new, 1)), LIGHTHOUSES)
    assert message in str(caught.value)
    assert "lighthouses.yaml" in str(caught.value)


def test_a_domain_without_words_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check on a domain whose words are missing says so in one line and gives status 1."""
    args = Args(domains=(DOMAINS[0],), check=True, words=tmp_path)
    assert run(args) == 1
    assert capsys.readouterr().err.startswith(f"cannot read {tmp_path}")


# ── English ──


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("tend Eddystone", "tends Eddystone"),
        ("are tended by Ann", "is tended by Ann"),
        ("have trained Bob", "has trained Bob"),
        ("carry mail", "carries mail"),
        ("play chess", "plays chess"),
        ("teach Bob", "teaches Bob"),
        ("can sail", "can sail"),
        ("are members of the club", "is a member of the club"),
        ("were the coaches of Bob", "was the coach of Bob"),
        ("are no amateurs", "is no amateur"),
        ("are across from Bob", "is across from Bob"),
    ],
)
def test_predicates_agree_with_one(many: str, one: str) -> None:
    """The singular of a predicate has the singular of its verb."""
    assert singular(many) == one


def test_questions_turn_the_verb() -> None:
    """What stands in the slot is asked for with the auxiliary that the verb needs."""
    asked = [
        inverted(p, "Ann", "lights") for p in ("tend {}", "have led {} home", "are sure of {}")
    ]
    assert asked == [
        "which lights does Ann tend",
        "which lights has Ann led home",
        "which lights is Ann sure of",
    ]
    assert inverted("are tended by {}", "Ann", "lights") == ""
    assert inverted("are members of {}", "Ann", "clubs") == "which clubs is Ann a member of"


def test_negation_says_no_or_not_any() -> None:
    """A negated predicate says it with "no", or with "not any", never with both."""
    noun = Noun("ship", "ships")
    for predicate in ("tend {}", "are led by {}", "have guided {}", "can see {}"):
        said = {negated(predicate, noun, rng(seed)) for seed in range(30)}
        assert len(said) > 1
        for text in said:
            assert (" no " in f" {text} ") != (" not any " in text or "not" in text.split())


def test_groups_are_shortened_only_where_english_can() -> None:
    """A "that are" goes before a participle with an object, never after "or" or before "not"."""
    assert short("are painted red") == "painted red"
    assert short("have a height of 5 m") == "with a height of 5 m"
    assert short("are not automated") == short("tend Eddystone") == ""
    group = Group(Noun("light", "lights"), person=False, does=("are painted red", "tend ships"))
    either = replace(group, word="or")
    said = {either.many(rng(seed)) for seed in range(30)}
    assert said == {f"lights {that} are painted red or tend ships" for that in ("that", "which")}


def test_surfaces_are_many_and_constants_have_no_typo() -> None:
    """One meaning has at least six kinds of surface, and no typo is in what the data spells."""
    says = Phrases(["lights tended by Gwendolyn"], ["which lights does Gwendolyn tend"])
    found = {surface(says, ["Gwendolyn"], rng(seed)) for seed in range(400)}
    assert len(found) > 40
    assert all("Gwendolyn" in question for question in found)
    starts = ("Which", "which", "lights", "Could", "I need", "List")
    assert all(any(question.startswith(start) for question in found) for start in starts)


# ── checks and measures ──


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("MATCH (n) RETURN n LIMIT 2", "undecidable"),
        ("MATCH (n:Nowhere) RETURN n", "no rows"),
        ("MATCH (n) WHERE n.x = RETURN n", "syntax_error"),
        ("MATCH (n), (m) RETURN 1", "too many rows"),
        ("MATCH (n) RETURN max(n.nothing)", "nothing but nulls"),
    ],
)
def test_unsound_drafts_are_refused(engine: Engine, query: str, reason: str) -> None:
    """A query without one right result, without rows or with too many, is no pair."""
    graph = load(engine, TRAIN / "graphs" / DOMAINS[0])
    assert refused(Draft(query, Phrases(["nodes"])), graph).startswith(reason)


def test_skeletons_forget_names_and_constants() -> None:
    """Two queries that differ in names and constants have one skeleton; a clause makes another."""
    one = skeleton("MATCH (a:A {x: 'u'}) WHERE a.y > 5 RETURN a.x")
    assert one == skeleton("MATCH (b:B {z: 'v'}) WHERE b.w > 77 RETURN b.z")
    assert one != skeleton("MATCH (a:A {x: 'u'}) WHERE a.y < 5 RETURN a.x")
    assert one != skeleton("MATCH (a:A {x: 'u'}) WHERE a.y > 5 RETURN a.x LIMIT 1")


def test_likeness_is_counted_by_shared_fourgrams() -> None:
    """A question is like another if one other holds more than half of its 4-grams."""
    long, same, far = "a b c d e f g h", "a b c d e f x y", "q r s t u v w z"
    assert like_another([fourgrams(text) for text in (long, same, far)]) == 2
    assert like_another([fourgrams(text) for text in (long, far)]) == 0


# ── the pairs that are there ──


@pytest.mark.parametrize("domain", DOMAINS[:1])
def test_the_same_seed_gives_the_same_pairs(engine: Engine, domain: str) -> None:
    """The first pairs of a domain, made again, are byte for byte those that are there."""
    folder = TRAIN / "graphs" / domain
    there = Domain(folder, PAIRS / "words" / f"{domain}.yaml")
    hand = TRAIN / domain / HAND
    made, _ = make(there, folder, engine, count=SAMPLE, seed=SEED, hand=hand)
    kept = (TRAIN / domain / GENERATED).read_bytes().splitlines(keepends=True)
    assert rows(made) == b"".join(kept[:SAMPLE])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_generated_pairs_are_cases(file: Path) -> None:
    """Every row is a case of its domain; no question or query stands twice; LIMIT has an order."""
    found = list(load_cases(file))
    cases = [case for case in found if isinstance(case, Case)]
    assert cases == found
    assert {case.graph for case in cases} == {file.parent.name}
    assert len({normal_question(case.question) for case in cases}) == len(cases)
    assert len({normal_query(case.reference) for case in cases}) == len(cases)
    for case in cases:
        keywords = [clause.keyword for clause in clauses(tokenize(case.reference))]
        last = keywords[len(keywords) - keywords[::-1].index("RETURN") :]
        assert ("ORDER BY" in last) == ("ordering" in case.tags), case.id
        assert "LIMIT" not in last or "ORDER BY" in last, case.id
        assert not case.reference.endswith((";", "\n"))


def test_no_family_is_more_than_six_percent() -> None:
    """No family of patterns has more than 6 % of the pairs, and at least 30 families have some."""
    families = [
        case.id.removeprefix(f"{case.graph}-").rpartition("-")[0]
        for file in FILES
        for case in load_cases(file)
        if isinstance(case, Case)
    ]
    assert set(families) <= {family.name for family in FAMILIES}
    assert len(set(families)) >= 30
    assert max(map(families.count, set(families))) <= 0.06 * len(families)


def test_the_split_is_by_domain_and_close_to_its_aim() -> None:
    """Every domain is in one part, and validation has 12 to 18 % of the pairs."""
    split = read_split(TRAIN)
    assert sorted(domain for part in split.values() for domain in part) == DOMAINS
    size = {file.parent.name: len(file.read_bytes().splitlines()) for file in FILES}
    held_out = sum(size[domain] for domain in split["validation"])
    assert 0.12 <= held_out / sum(size.values()) <= 0.18


def test_a_split_that_forgets_a_domain_is_told(tmp_path: Path) -> None:
    """A domain with cases that is in no part of the split is an error that names it."""
    write_pairs(tmp_path / "kites" / GENERATED, [])
    split = {"train": [], "validation": []}
    (tmp_path / "split.yaml").write_text(yaml.safe_dump(split), encoding="utf-8")
    with pytest.raises(UserError, match="kites is in no part"):
        report(tmp_path, read_split(tmp_path))


def test_a_split_that_names_a_domain_twice_is_told(tmp_path: Path) -> None:
    """A domain for training and for validation is an error that names it."""
    split = {"train": ["kites"], "validation": ["kites"]}
    (tmp_path / "split.yaml").write_text(yaml.safe_dump(split), encoding="utf-8")
    with pytest.raises(UserError, match="kites is named 2 times"):
        read_split(tmp_path)


def test_the_report_counts_what_is_there() -> None:
    """The report names every domain, and its total is the number of rows of all files."""
    text = report(TRAIN, read_split(TRAIN))
    total = int(text.split(" pairs", 1)[0])
    generated = sum(len(file.read_bytes().splitlines()) for file in FILES)
    assert f"{total} pairs: {generated} generated" in text
    assert all(f"  {domain} " in text for domain in DOMAINS)


def test_questions_of_a_domain_are_not_alike() -> None:
    """Within a domain no generated question shares over half of its 4-grams with another."""
    for file in FILES:
        grams = [fourgrams(case.question) for case in load_cases(file) if isinstance(case, Case)]
        for index, one in enumerate(grams):
            assert all(shared(one, other) <= 0.5 for other in grams[:index])
