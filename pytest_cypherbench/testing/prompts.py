"""What a backend is asked in its tests: every kind of prompt, on two graphs.

Knows nothing of backends or of pytest.
"""

from __future__ import annotations

from pytest_cypherbench.flow import Message, Prompt, Sampling

GREEDY = Sampling(max_tokens=5)
BY_CHANCE = Sampling(max_tokens=5, temperature=1.0, seed=3)

# Of one length, so that a prefix is not found again by that.
GRAPHS = {
    "movies": "(:Person {name: STRING})-[:ACTED_IN]->(:Movie {title: STRING})",
    "towns": "(:Town {id: STRING})-[:ROAD {km: FLOAT, fee: STRING}]->(:Town)",
}
# Even a small model answers the first with what only that graph's prefix holds. Tokenizers join a
# question to what stands before it by how it begins.
QUESTIONS = (
    "Repeat the first line.",
    "7 best rated movies?",
    " Which actors were born in 1964?",
    "\nAverage rating of every movie",
    "Éric Rohmer: which movies?",
)
# What ends a turn or a text in the chat templates of common models.
MARKERS = ("<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<end_of_turn>", "<|end|>", "</s>")

_SYSTEM = "Answer with one Cypher query."


def ask(question: str, graph: str = "movies", *, grammar: str = "") -> Prompt:
    """A question as the prompts that come with us put it."""
    opening = f"{GRAPHS[graph]}\nQuestion: "
    messages = (Message("system", _SYSTEM), Message("user", f"{opening}{question}\nCypher:"))
    return Prompt(f"{graph}: {question}", messages, len(opening), grammar=grammar)


def say(text: str) -> Prompt:
    """A text as the only message of a chat."""
    return Prompt("say", (Message("user", text),), 0)


def raw(text: str) -> Prompt:
    """A finished text."""
    return Prompt("raw", (Message("raw", text),), 0)


def repair(question: str) -> Prompt:
    """A question with an answer to it, and what is said to that."""
    asked = ask(question)
    more = (Message("assistant", "MATCH (m"), Message("user", "The database says: syntax error"))
    return Prompt("repair", (*asked.messages, *more), asked.shared_chars, asks=1)


CHATS = tuple(ask(question) for question in QUESTIONS)
KINDS = {
    "chat": CHATS[0],
    "repair": repair(QUESTIONS[0]),
    "raw": raw("// All movies\nMATCH (m:Movie) RETURN m.title\n// All people\n"),
}
