"""What a caller means who asks several things in one turn."""

from annie.agent.meaning import Candidate, Meaning
from annie.agent.understanding.questions import is_question, questions
from annie.kit.language import Language


def meanings(
    meaning: Meaning, text: str, language: Language
) -> tuple[list[tuple[str, Candidate]], list[str]]:
    """Parts of ``text`` with what they mean, each meaning once, and questions without one."""
    parts = questions(text, language)
    understood: list[tuple[str, Candidate]] = []
    missed: list[str] = []
    for part in parts:
        best = meaning.best(part)
        if best is not None and not any(best.same_as(other) for _, other in understood):
            understood.append((part, best))
        elif best is None and is_question(part, language):
            missed.append(part)
    if not understood and len(parts) > 1 and (best := meaning.best(text)) is not None:
        return [(text, best)], []
    return understood, missed
