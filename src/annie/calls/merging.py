"""Turns of a caller that are answered together."""

from collections.abc import Sequence

from annie.speech.protocols import CallerTurn, TurnTimings


def merged(turns: Sequence[CallerTurn]) -> CallerTurn:
    """Several turns as one: all words and digits, the times of the last."""
    first, last = turns[0], turns[-1]
    times = last.timings
    return CallerTurn(
        text=" ".join(each.text for each in turns if each.text),
        language=last.language,
        confidence=min(each.confidence for each in turns),
        timings=TurnTimings(
            speech_start=first.timings.speech_start,
            speech_end=times.speech_end,
            turn_end=times.turn_end,
            recognized=times.recognized,
            speculative=times.speculative,
        ),
        digits="".join(each.digits for each in turns),
        interrupted=any(each.interrupted for each in turns),
    )
