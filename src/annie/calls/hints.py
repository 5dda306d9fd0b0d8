"""Words that callers of a bot are likely to say, for the recognizer."""

import re
from typing import Final

from annie.agent.training import Training

_LIMIT: Final = 24
_NAME: Final = re.compile(r"(?<![.?!¿¡:]\s)(?<!^)(?<=\s)[A-ZÀ-Þ][\w'’-]{2,}")


def hints(training: Training) -> tuple[str, ...]:
    """Names in a training, which no recognizer can know, likeliest first."""
    found = [training.organization_name, training.address.city]
    for faq in training.faqs:
        for text in (*faq.wordings, faq.answer):
            found += _NAME.findall(text)
    return tuple(dict.fromkeys(name for name in found if name))[:_LIMIT]
