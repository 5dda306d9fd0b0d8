"""Questions that callers ask, as text files: ``corpus/<language>_<organization>.txt``.

``Q`` begins an FAQ, ``~`` is an alternate, ``=`` the answer, ``-`` a caller's way to
ask it. After ``X`` each ``-`` is a question that the FAQs don't answer.
"""

from dataclasses import dataclass, field
from pathlib import Path

from annie.agent.training import Faq
from annie.kit.language import Language

FOLDER = Path(__file__).parent / "corpus"
ORGANIZATIONS = ("dental", "garage", "hotel")


@dataclass
class Corpus:
    """``asked`` holds questions with the index of their FAQ, or -1."""

    language: Language
    organization: str
    faqs: list[Faq] = field(default_factory=list[Faq])
    asked: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])


def load(language: Language, organization: str) -> Corpus:
    """Read one file."""
    corpus = Corpus(language, organization)
    question, answer, alternates = "", "", list[str]()
    current = -1
    path = FOLDER / f"{language.code}_{organization}.txt"
    for line in [*path.read_text("utf-8").splitlines(), "X"]:
        kind, _, text = line.partition(" ")
        if kind in "QX" and question:
            corpus.faqs.append(Faq(question, answer, tuple(alternates)))
            question, alternates = "", []
        match kind:
            case "Q":
                question, current = text, len(corpus.faqs)
            case "~":
                alternates.append(text)
            case "=":
                answer = text
            case "X":
                current = -1
            case _:
                corpus.asked.append((text, current))
    return corpus


def all_corpora() -> list[Corpus]:
    """Every language and organization."""
    return [load(language, name) for language in Language for name in ORGANIZATIONS]
