"""Fits the weights of ``annie.agent.meaning`` to the corpus: ``python tests/agent/fit_meaning.py``.

Logistic regression over (question, FAQ) pairs by Newton's method; pairs of questions
without an answer count three times, because a wrong statement is worse than none.
Prints, for each organization, what weights fitted on the *others* achieve on it.
"""

import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[2]))

from annie.agent.meaning.features import NAMES, FaqFeatures
from annie.agent.meaning.meaning import THRESHOLD, score
from tests.agent.meaning_corpus import ORGANIZATIONS, Corpus, all_corpora

Matrix = npt.NDArray[np.float64]
Compared = list[tuple[Matrix, int]]

WEIGHTS = Path("src/annie/agent/meaning/weights.json")
UNANSWERED_WEIGHT = 3.0
RIDGE = 0.0003


def compare(corpus: Corpus) -> Compared:
    """Features of every question of ``corpus`` against all its FAQs."""
    features = FaqFeatures(corpus.faqs, corpus.language)
    return [(features.compare(text), index) for text, index in corpus.asked]


def fit(questions: Compared) -> tuple[float, Matrix]:
    """Bias and weights."""
    rows = np.vstack([table for table, _ in questions])
    target = np.concatenate([np.arange(len(table)) == index for table, index in questions])
    count = np.concatenate(
        [np.full(len(table), UNANSWERED_WEIGHT if index < 0 else 1.0) for table, index in questions]
    )
    mean, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    scaled = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    ridge = np.diag([*[RIDGE * count.sum()] * len(NAMES), 1e-6])
    weights = np.zeros(len(NAMES) + 1)
    for _ in range(60):
        chance = 1 / (1 + np.exp(-scaled @ weights))
        gradient = scaled.T @ (count * (chance - target)) + ridge @ weights
        curvature = (scaled.T * (count * chance * (1 - chance))) @ scaled + ridge
        weights -= np.linalg.solve(curvature, gradient)
    slopes = weights[:-1] / spread
    return float(weights[-1] - slopes @ mean), slopes


def report(name: str, questions: Compared, bias: float, weights: Matrix) -> None:
    """Print the share of right, wrong and false answers at the threshold."""
    right = wrong = false = 0
    for table, index in questions:
        scores = score(table, bias, weights)
        best = int(scores.argmax())
        if scores[best] >= THRESHOLD:
            right += best == index
            wrong += 0 <= index != best
            false += index < 0
    answerable = sum(index >= 0 for _, index in questions)
    rest = len(questions) - answerable
    print(
        f"{name:24} right {right / answerable:6.1%}  wrong {wrong / answerable:6.1%}"
        f"  answered without knowing {false / rest:6.1%}  ({answerable} + {rest} questions)"
    )


def main() -> None:
    """Fit, report, write the weights."""
    compared = {
        (corpus.organization, corpus.language.value): compare(corpus) for corpus in all_corpora()
    }
    for held_out in ORGANIZATIONS:
        others = [row for key, rows in compared.items() if key[0] != held_out for row in rows]
        bias, weights = fit(others)
        for key, rows in compared.items():
            if key[0] == held_out:
                report(f"held out {' '.join(key)}", rows, bias, weights)
    bias, weights = fit([row for rows in compared.values() for row in rows])
    for key, rows in compared.items():
        report(" ".join(key), rows, bias, weights)
    table = {
        "bias": round(bias, 4),
        "weights": {
            name: round(float(weight), 4) for name, weight in zip(NAMES, weights, strict=True)
        },
    }
    WEIGHTS.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
