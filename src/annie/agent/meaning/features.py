"""How a caller's question compares with each FAQ: one row of figures per FAQ.

Whole sentences are compared by the encoder. Then every content word of the question
is looked for in the FAQ: as the same word, as another word of the same concept, or as
a near word by the encoder. A word weighs the more the fewer FAQs hold it, so that
"room" says little in the training of a hotel and much in that of a dentist; a word
that no FAQ holds weighs most, because it is what the question is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from annie.agent.meaning.concepts import Unit, units
from annie.agent.meaning.encoder import Vectors, encode, sentence_vector, word_vector
from annie.agent.training import Faq
from annie.agent.understanding.words import content_words, similar, stem
from annie.kit.language import Language

Matrix = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

NAMES: Final = (
    "sentence", "content", "answer", "sentence_margin", "content_margin", "covered", "matched",
    "gap_widest", "gap_total", "gap_known", "evidence", "evidence_margin", "back", "covered_margin",
    "all_covered", "covered_sentence",
)  # fmt: skip
#: A word that only the answer holds counts a little less.
_ANSWER_WEIGHT: Final = 0.85
#: Cosine of two words: at most the first is unrelated, from the second on the same.
_UNRELATED: Final = 0.38
_SAME: Final = 0.8
#: Two words of known and different concepts are alike at most so much.
_OTHER_CONCEPT: Final = 0.4


@dataclass(slots=True, frozen=True)
class _Entry:
    """One FAQ: places of its units in the vocabulary."""

    own: Places
    answer: Places
    variants: tuple[Places, ...]


class FaqFeatures:
    """FAQs of one language, embedded once; compares questions with all of them."""

    def __init__(self, faqs: Sequence[Faq], language: Language) -> None:
        self._language = language
        wordings = [text for faq in faqs for text in faq.wordings]
        self._starts = np.cumsum([0, *(len(faq.wordings) for faq in faqs)])[:-1]
        self._sentences = encode(wordings)
        self._contents = encode([" ".join(content_words(text, language)) for text in wordings])
        self._answers = encode([faq.answer for faq in faqs])
        places: dict[Unit, int] = {}
        self._entries = [self._entry(faq, places) for faq in faqs]
        self._vocabulary = list(places)
        self._stems = [stem(unit.text, language) for unit in self._vocabulary]
        self._vectors: Vectors = encode([unit.text for unit in self._vocabulary])

    def __len__(self) -> int:
        return len(self._entries)

    def sentence_similarity(self, question: str) -> Matrix:
        """Cosine of ``question`` and the nearest wording of each FAQ, shape (FAQs,)."""
        return self._per_faq(self._sentences @ sentence_vector(question))

    def compare(self, question: str) -> Matrix:
        """Shape (FAQs, ``len(NAMES)``)."""
        if not self._entries:
            return np.zeros((0, len(NAMES)))
        asked = units(question, self._language)
        whole = sentence_vector(question)
        bare = sentence_vector(" ".join(content_words(question, self._language)) or question)
        sentence = self._per_faq(self._sentences @ whole)
        content = self._per_faq(self._contents @ bare)
        answer = (self._answers @ whole).astype(np.float64)
        words = self._by_words(asked)
        covered, evidence = words[:, 0], words[:, 5]
        return np.column_stack(
            [
                sentence, content, answer, _margin(sentence), _margin(content),
                words, _margin(evidence), words[:, 6], _margin(covered),
                (covered >= 0.95).astype(np.float64), covered * sentence,
            ]
        )[:, _ORDER]  # fmt: skip

    def _entry(self, faq: Faq, places: dict[Unit, int]) -> _Entry:
        def located(text: str) -> Places:
            found = units(text, self._language)
            return np.array([places.setdefault(unit, len(places)) for unit in found], dtype=np.intp)

        variants = tuple(located(text) for text in faq.wordings)
        own = np.unique(np.concatenate(variants))
        return _Entry(
            own=own,
            answer=np.setdiff1d(located(faq.answer), own),
            variants=tuple(variant for variant in variants if variant.size),
        )

    def _per_faq(self, similarity: Vectors) -> Matrix:
        return np.maximum.reduceat(similarity, self._starts).astype(np.float64)

    def _nearness(self, asked: Sequence[Unit]) -> Matrix:
        """Likeness, 0 to 1, of each asked unit and each unit of the vocabulary."""
        if not asked or not self._vocabulary:
            return np.zeros((len(asked), len(self._vocabulary)))
        cosine = np.stack([word_vector(unit.text) for unit in asked]) @ self._vectors.T
        near = np.clip((cosine.astype(np.float64) - _UNRELATED) / (_SAME - _UNRELATED), 0, 0.95)
        for row, unit in enumerate(asked):
            root = stem(unit.text, self._language)
            for column, known in enumerate(self._vocabulary):
                if (
                    self._stems[column] == root
                    or unit.concepts & known.concepts
                    or (known.text[0] == unit.text[0] and similar(unit.text, known.text))
                ):
                    near[row, column] = 1.0
                elif unit.concepts and known.concepts:
                    near[row, column] = min(near[row, column], _OTHER_CONCEPT)
        return near

    def _by_words(self, asked: Sequence[Unit]) -> Matrix:
        """Shape (FAQs, 7): covered, matched, widest, total and known gap, evidence, back."""
        near = self._nearness(asked)
        rows = np.zeros((len(self._entries), 7))
        if not asked:
            return rows
        own = np.array([_best(near, entry.own) for entry in self._entries])
        answers = np.array([_best(near, entry.answer) for entry in self._entries])
        best = np.maximum(own, answers * _ANSWER_WEIGHT)
        holding = (best >= _ANSWER_WEIGHT).sum(axis=0)
        weight = self._weights(holding)
        known = np.array([bool(unit.concepts) for unit in asked])
        gaps = (1 - best) * weight
        rows[:, 0] = (best * weight).sum(axis=1) / weight.sum()
        rows[:, 1] = ((own >= 1) * weight).sum(axis=1) / weight.sum()
        rows[:, 2] = gaps.max(axis=1)
        rows[:, 3] = gaps.sum(axis=1)
        rows[:, 4] = (gaps * known).max(axis=1)
        rows[:, 5] = (best * weight).sum(axis=1)
        frequency = np.zeros(len(self._vocabulary))
        for entry in self._entries:
            frequency[entry.own] += 1
        rarity = self._weights(frequency)
        for row, entry in enumerate(self._entries):
            rows[row, 6] = max(
                (
                    float(
                        (near[:, variant].max(axis=0) * rarity[variant]).sum()
                        / rarity[variant].sum()
                    )
                    for variant in entry.variants
                ),
                default=0.0,
            )
        return rows

    def _weights(self, holding: npt.NDArray[np.generic]) -> Matrix:
        """Rarity of a word that ``holding`` FAQs hold: 1 for none, near 0 for all."""
        count = len(self._entries)
        held = np.maximum(holding.astype(np.float64), 0)
        return np.log((count + 2) / (held + 1)) / np.log(count + 2) + 0.02


_COLUMNS: Final = (
    "sentence", "content", "answer", "sentence_margin", "content_margin", "covered", "matched",
    "gap_widest", "gap_total", "gap_known", "evidence", "back", "evidence_margin", "_back",
    "covered_margin", "all_covered", "covered_sentence",
)  # fmt: skip
_ORDER: Final = [_COLUMNS.index(name) for name in NAMES]


def _best(near: Matrix, places: Places) -> Matrix:
    return near[:, places].max(axis=1) if places.size else np.zeros(near.shape[0])


def _margin(values: Matrix) -> Matrix:
    """Each value less the best of the others."""
    if len(values) < 2:
        return np.zeros(len(values))
    order = np.argsort(values)
    best, second = values[order[-1]], values[order[-2]]
    margin = values - best
    margin[order[-1]] = best - second
    return margin
