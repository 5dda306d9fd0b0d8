"""Annie's own voice on the caller's line."""

import numpy as np
import pytest

from annie.kit.language import Language
from annie.speech.ears.echo import EchoOfAnnie
from annie.speech.protocols import Pcm
from tests.speech.caller_voice import line_noise, said, through_g711

pytestmark = pytest.mark.unit

ANNIE = said("We are open from Monday to Friday, and on Saturday from ten to two.")
CALLER = said("No, wait, I meant the afternoon, please.", Language.ENGLISH)


def explained(heard: Pcm, spoken: Pcm, loud: Pcm | None = None) -> list[bool]:
    """What is thought of every 32 ms in which ``loud`` (by default all) was heard loudly."""
    judged = heard if loud is None else loud
    echo = EchoOfAnnie()
    verdicts: list[bool] = []
    for at in range(0, min(len(heard), len(spoken)) - 256, 256):
        echo.add(heard[at : at + 256], spoken[at : at + 256])
        recent = judged[max(0, at - 1024) : at + 256].astype(float)
        if at > 1280 and np.sqrt(np.mean(recent**2)) > 200:
            verdicts.append(echo.explains())
    return verdicts


def echoed(delay_ms: int, loss_db: float) -> Pcm:
    late = np.concatenate((np.zeros(delay_ms * 8, np.int16), ANNIE))[: len(ANNIE)]
    return (late * 10 ** (-loss_db / 20)).astype(np.int16)


@pytest.mark.parametrize("delay_ms", [20, 75, 300, 580])
@pytest.mark.parametrize("loss_db", [8, 20])
def test_her_echo_is_known_at_any_delay(delay_ms: int, loss_db: float) -> None:
    heard = through_g711(echoed(delay_ms, loss_db) + line_noise(len(ANNIE) / 8000))
    verdicts = explained(heard, ANNIE)
    assert len(verdicts) > 20
    assert np.mean(verdicts) > 0.95


def test_a_filtered_echo_is_known() -> None:
    handset = np.array([0.1, 0.3, 0.35, 0.2, 0.05])
    heard = np.convolve(echoed(120, 12), handset)[: len(ANNIE)].astype(np.int16)
    verdicts = explained(through_g711(heard), ANNIE)
    assert len(verdicts) > 20
    assert np.mean(verdicts) > 0.95


@pytest.mark.parametrize("loss_db", [12, 90])
def test_a_caller_is_not_an_echo_also_where_there_is_one(loss_db: float) -> None:
    length = min(len(ANNIE), len(CALLER))
    heard = through_g711(CALLER[:length] + echoed(60, loss_db)[:length])
    verdicts = explained(heard, ANNIE[:length], CALLER[:length])
    assert len(verdicts) > 20
    assert np.mean(verdicts) < 0.2


def test_nothing_is_her_echo_while_she_is_silent() -> None:
    assert not any(explained(CALLER, np.zeros(len(CALLER), np.int16)))
