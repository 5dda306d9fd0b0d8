"""What a caller's sentence means, among everything one training can answer.

The score of an FAQ is a logistic function of ``features``; its weights were fitted on
questions and non-questions in three languages (``weights.json``, reproducible with
``tests/agent/corpus``). A wrong statement is worse than "I don't know", so the
threshold was put where nearly no question that the training doesn't hold passes.
"""

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from annie.agent.meaning.features import NAMES, FaqFeatures
from annie.agent.meaning.intents import Intent, nearest_intent
from annie.agent.meaning.intents import warm as warm_intents
from annie.agent.training import Training
from annie.agent.understanding.dates import names_special_day, without_special_days
from annie.agent.understanding.office import OfficeQuestion, office_question, only_days
from annie.agent.understanding.words import words

#: Score from which an answer is given.
THRESHOLD: Final = 0.6
#: Score from which an answer may be tried after the caller said that another was wrong.
SECOND_CHOICE: Final = 0.2
#: A trained question in nearly the caller's words goes before a fact of the office.
_VERBATIM: Final = 0.9

#: Weight times distance of the strangest word from which it decides, and the cosine of
#: the sentences from which it doesn't.
_STRANGE_WORD: Final = 0.9
_CLOSE_SENTENCE: Final = 0.55
_STRANGE_FACTOR: Final = 0.5
_GAP: Final = NAMES.index("gap_widest")
_SENTENCE: Final = NAMES.index("sentence")

_GRAMMAR_SCORE: Final = 0.95
_VERBATIM_SCORE: Final = 0.97
_SPECIAL_DAY_SCORE: Final = 0.65


@dataclass(slots=True, frozen=True)
class Candidate:
    """A possible meaning: an intent, or the FAQ at an index of ``Training.faqs``."""

    score: float
    intent: Intent | None = None
    faq: int | None = None

    def same_as(self, other: "Candidate | None") -> bool:
        """Whether both mean the same, whatever their scores."""
        return other is not None and (self.intent, self.faq) == (other.intent, other.faq)


class Meaning:
    """Compiled meaning of one ``Training``, shared by all calls of the number.

    Compiling costs about 1 ms a sentence held, and a second or two where the sentence
    encoder has to be loaded first. With ``at_once=False`` that is left to ``prepare``, or
    to the first question, so that callers can be greeted meanwhile.
    """

    def __init__(self, training: Training, *, at_once: bool = True) -> None:
        self._training = training
        self._own_names = frozenset(words(training.organization_name))
        self._features: FaqFeatures | None = None
        self._compiling = threading.Lock()
        if at_once:
            self.prepare()

    @property
    def training(self) -> Training:
        """What was compiled."""
        return self._training

    @property
    def prepared(self) -> bool:
        """Whether questions are answered without compiling first."""
        return self._features is not None

    def prepare(self) -> FaqFeatures:
        """Compile, once; from any thread."""
        with self._compiling:
            if self._features is None:
                features = FaqFeatures(self._training.faqs, self._training.language)
                warm_intents(self._training.language)
                self._features = features
            return self._features

    def candidates(self, text: str) -> list[Candidate]:
        """Possible meanings of ``text``, likeliest first. About 5 ms."""
        found = [
            Candidate(float(score), faq=index) for index, score in enumerate(self._faq_scores(text))
        ]
        if (office := self._office(text)) is not None:
            found.append(office)
        elif (near := nearest_intent(text, self._training.language)) is not None:
            found.append(Candidate(near[1] * 0.9, intent=near[0]))
        return sorted(found, key=lambda candidate: -candidate.score)

    def best(
        self, text: str, *, threshold: float = THRESHOLD, excluding: Iterable[Candidate] = ()
    ) -> Candidate | None:
        """The likeliest meaning of ``text`` at or over ``threshold``, if there is one."""
        excluded = tuple(excluding)
        for candidate in self.candidates(text):
            if candidate.score < threshold:
                return None
            if not any(candidate.same_as(other) for other in excluded):
                return candidate
        return None

    def _faq_scores(self, text: str) -> npt.NDArray[np.float64]:
        features = self._features or self.prepare()
        if not len(features) or not words(text):
            return np.zeros(len(features))
        bias, weights = _weights()
        scores = score(features.compare(text), bias, weights)
        verbatim = features.sentence_similarity(text) >= _VERBATIM
        return np.where(verbatim, np.maximum(scores, _VERBATIM_SCORE), scores)

    def _office(self, text: str) -> Candidate | None:
        language = self._training.language
        if names_special_day(text, language):
            rest = without_special_days(text, language)
            about_hours = office_question(rest, language, self._own_names) in (
                OfficeQuestion.HOURS,
                OfficeQuestion.OPEN_NOW,
            )
            return Candidate(_SPECIAL_DAY_SCORE, intent=Intent.SPECIAL_DAY) if about_hours else None
        question = office_question(text, language, self._own_names)
        if question is not None:
            return Candidate(_GRAMMAR_SCORE, intent=_INTENTS[question])
        if only_days(text, language):
            return Candidate(_GRAMMAR_SCORE, intent=Intent.HOURS)
        return None


def score(
    table: npt.NDArray[np.float64], bias: float, weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Score of each FAQ, 0 to 1, from its row of features.

    A question with a word that is strange to the whole training is about something
    else, unless its sentence as a whole is close to a trained one.
    """
    scores = 1 / (1 + np.exp(-(table @ weights + bias)))
    strange = (table[:, _GAP] > _STRANGE_WORD) & (table[:, _SENTENCE] < _CLOSE_SENTENCE)
    return np.where(strange, scores * _STRANGE_FACTOR, scores)


_INTENTS: Final = {
    OfficeQuestion.HOURS: Intent.HOURS,
    OfficeQuestion.OPEN_NOW: Intent.OPEN_NOW,
    OfficeQuestion.ADDRESS: Intent.ADDRESS,
    OfficeQuestion.PHONE: Intent.PHONE,
}


@cache
def _weights() -> tuple[float, npt.NDArray[np.float64]]:
    source = resources.files("annie.agent.meaning").joinpath("weights.json")
    table: dict[str, Any] = json.loads(source.read_text("utf-8"))
    return float(table["bias"]), np.array([float(table["weights"][name]) for name in NAMES])
