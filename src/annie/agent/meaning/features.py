"""How a caller's question compares with each FAQ: one row of figures per FAQ.

Whole sentences and their content words are compared by the encoder, words among each
other by the encoder and by stem, and the concepts they name as sets. No single figure
separates "same question" from "same topic"; together they do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from annie.agent.meaning.concepts import Concepts, concepts
from annie.agent.meaning.encoder import Vectors, encode, word_vector
from annie.agent.training import Faq
from annie.agent.understanding.words import content_words, similar, stem
from annie.kit.language import Language

Matrix = npt.NDArray[np.float64]

NAMES: Final = (
    "sentence", "content", "answer", "words_mean", "words_least", "words_back", "words_shared",
    "sentence_margin", "content_margin", "concepts_shared", "concepts_answered",
    "concepts_foreign", "aspects_shared", "aspects_foreign", "strangest_word",
    "concepts_back", "concepts_alike", "no_concept", "concepts_margin",
)  # fmt: skip
#: Concepts that say what is asked about a thing, or where, but not which thing.
ASPECTS: Final = frozenset(
    {"cost", "duration", "distance", "doctor", "tooth", "car", "patient", "age", "bring"}
)
#: A word that only the answer holds counts a little less.
_ANSWER_WEIGHT: Final = 0.85


@dataclass(slots=True, frozen=True)
class _Entry:
    """One FAQ: places of its words in the vocabulary, and its concepts."""

    words: npt.NDArray[np.intp]
    answer_words: npt.NDArray[np.intp]
    variants: tuple[npt.NDArray[np.intp], ...]
    known: frozenset[str]
    answered: frozenset[str]
    variant_concepts: tuple[frozenset[str], ...]


class FaqFeatures:
    """FAQs of one language, embedded once; compares questions with all of them."""

    def __init__(self, faqs: Sequence[Faq], language: Language) -> None:
        self._language = language
        wordings = [text for faq in faqs for text in faq.wordings]
        self._starts = np.cumsum([0, *(len(faq.wordings) for faq in faqs)])[:-1]
        self._sentences = encode(wordings)
        self._contents = encode([" ".join(content_words(text, language)) for text in wordings])
        self._answers = encode([faq.answer for faq in faqs])
        self._vocabulary: list[str] = []
        places: dict[str, int] = {}
        self._entries = [self._entry(faq, places) for faq in faqs]
        self._vocabulary = list(places)
        self._stems = [stem(word, language) for word in self._vocabulary]
        self._vectors: Vectors = encode(self._vocabulary)

    def __len__(self) -> int:
        return len(self._entries)

    def sentence_similarity(self, question: str) -> Matrix:
        """Cosine of ``question`` and the nearest wording of each FAQ, shape (FAQs,)."""
        return self._per_faq(self._sentences @ encode([question])[0])

    def compare(self, question: str) -> Matrix:
        """Shape (FAQs, ``len(NAMES)``)."""
        if not self._entries:
            return np.zeros((0, len(NAMES)))
        asked = list(dict.fromkeys(content_words(question, self._language)))
        both = encode([question, " ".join(asked) or question])
        sentence = self._per_faq(self._sentences @ both[0])
        content = self._per_faq(self._contents @ both[1])
        answer = (self._answers @ both[0]).astype(np.float64)
        near = self._nearness(asked)
        named = concepts(question, self._language)
        unknown = [asked.index(word) for word in named.unknown if word in asked]
        rows = np.array(
            [
                [*self._by_words(entry, near, unknown), *_by_concepts(entry, named)]
                for entry in self._entries
            ]
        )
        table = np.empty((len(self._entries), len(NAMES)))
        table[:, 0], table[:, 1], table[:, 2] = sentence, content, answer
        table[:, 3:7] = rows[:, :4]
        table[:, 7], table[:, 8] = _margin(sentence), _margin(content)
        table[:, 9:14] = rows[:, 5:10]
        table[:, 14] = rows[:, 4]
        table[:, 15:18] = rows[:, 10:13]
        table[:, 18] = _margin(rows[:, 11])
        return table

    def _entry(self, faq: Faq, places: dict[str, int]) -> _Entry:
        def located(text: str) -> npt.NDArray[np.intp]:
            found = content_words(text, self._language)
            return np.array(
                [places.setdefault(word, len(places)) for word in dict.fromkeys(found)],
                dtype=np.intp,
            )

        variants = tuple(located(text) for text in faq.wordings)
        own = np.unique(np.concatenate(variants))
        answer = np.setdiff1d(located(faq.answer), own)
        named = [concepts(text, self._language).known for text in faq.wordings]
        return _Entry(
            words=own,
            answer_words=answer,
            variants=tuple(variant for variant in variants if variant.size),
            known=frozenset().union(*named),
            answered=concepts(faq.answer, self._language).known,
            variant_concepts=tuple(named),
        )

    def _per_faq(self, similarity: Vectors) -> Matrix:
        return np.maximum.reduceat(similarity, self._starts).astype(np.float64)

    def _nearness(self, asked: Sequence[str]) -> Matrix:
        """Likeness of each asked word and each word of the vocabulary, 1 for the same stem."""
        if not asked or not self._vocabulary:
            return np.zeros((len(asked), len(self._vocabulary)))
        near = (np.stack([word_vector(word) for word in asked]) @ self._vectors.T).astype(
            np.float64
        )
        for row, word in enumerate(asked):
            root = stem(word, self._language)
            for column, known in enumerate(self._vocabulary):
                if self._stems[column] == root or (known[0] == word[0] and similar(word, known)):
                    near[row, column] = 1.0
        return near

    def _by_words(self, entry: _Entry, near: Matrix, unknown: Sequence[int]) -> list[float]:
        if not near.shape[0] or not entry.words.size:
            return [0.0, 0.0, 0.0, 0.0, 0.0]
        own = near[:, entry.words].max(axis=1)
        best = own
        if entry.answer_words.size:
            best = np.maximum(own, near[:, entry.answer_words].max(axis=1) * _ANSWER_WEIGHT)
        back = max(
            (float(near[:, variant].max(axis=0).mean()) for variant in entry.variants), default=0.0
        )
        strangest = max((1.0 - float(best[row]) for row in unknown), default=0.0)
        return [
            float(best.mean()), float(best.min()), back, float((own >= 1.0).mean()), strangest,
        ]  # fmt: skip


def _by_concepts(entry: _Entry, named: Concepts) -> list[float]:
    subject = named.known - ASPECTS
    aspects = named.known & ASPECTS
    everything = entry.known | entry.answered
    shares = [
        (
            len(named.known & variant) / len(variant) if variant else 0.5,
            len(named.known & variant) / max(1, len(named.known | variant)),
        )
        for variant in entry.variant_concepts
    ]
    return [
        float(len(subject & entry.known)),
        float(len((subject & entry.answered) - entry.known)),
        float(len(subject - everything)),
        float(len(aspects & everything)),
        float(len(aspects - everything)),
        max(share[0] for share in shares),
        max(share[1] for share in shares),
        float(not subject),
    ]


def _margin(values: Matrix) -> Matrix:
    """Each value less the best of the others."""
    if len(values) < 2:
        return np.zeros(len(values))
    order = np.argsort(values)
    best, second = values[order[-1]], values[order[-2]]
    margin = values - best
    margin[order[-1]] = best - second
    return margin
