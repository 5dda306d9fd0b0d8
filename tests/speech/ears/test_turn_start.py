import pytest

from annie.speech.ears.turn_start import SustainedVoice, VoiceOverAnnie, Window

pytestmark = pytest.mark.unit


def began_at(strategy: SustainedVoice | VoiceOverAnnie, *windows: Window, annie: bool) -> int:
    """Index of the window that begins a turn, or -1."""
    for index, window in enumerate(windows):
        if strategy.began(window, annie):
            return index
    return -1


LOUD = Window(0.9, -20)
QUIET = Window(0.05, -70)


def test_four_voiced_windows_begin_a_turn() -> None:
    assert began_at(SustainedVoice(), QUIET, LOUD, LOUD, LOUD, LOUD, annie=False) == 4


def test_one_unvoiced_window_inside_is_forgiven() -> None:
    assert began_at(SustainedVoice(), LOUD, LOUD, QUIET, LOUD, LOUD, annie=False) == 4


def test_a_cough_of_three_windows_begins_nothing() -> None:
    assert began_at(SustainedVoice(), *([LOUD] * 3 + [QUIET] * 5) * 4, annie=False) == -1


def test_while_annie_speaks_doubtful_voice_begins_nothing() -> None:
    assert began_at(VoiceOverAnnie(), *[Window(0.6, -20)] * 20, annie=True) == -1


def test_the_faint_sounds_of_a_loud_word_count_over_annie() -> None:
    vowel, fricative = Window(0.98, -17), Window(1.0, -48)
    assert began_at(VoiceOverAnnie(), vowel, *[fricative] * 6, annie=True) == 2


def test_annies_own_echo_is_too_faint_to_begin_a_turn() -> None:
    assert began_at(VoiceOverAnnie(), *[Window(0.99, -46)] * 20, annie=True) == -1


def test_clear_speech_over_annie_begins_a_turn_within_three_windows() -> None:
    assert began_at(VoiceOverAnnie(), *[Window(0.95, -25)] * 6, annie=True) == 2


def test_each_strategy_judges_only_its_own_situation() -> None:
    assert began_at(SustainedVoice(), *[LOUD] * 9, annie=True) == -1
    assert began_at(VoiceOverAnnie(), *[LOUD] * 9, annie=False) == -1


def test_after_a_reset_the_past_no_longer_counts() -> None:
    strategy = SustainedVoice()
    assert began_at(strategy, LOUD, LOUD, LOUD, annie=False) == -1
    strategy.reset()
    assert began_at(strategy, LOUD, LOUD, LOUD, annie=False) == -1
