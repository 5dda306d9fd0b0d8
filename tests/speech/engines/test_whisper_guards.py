import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.speech.engines.whisper_guards import (
    Decoded,
    collapse_repetition,
    guarded,
    is_known_invention,
    sounds_like_noise,
    strip_foreign_script,
    strip_sounds,
    too_compressible,
    too_long_for,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("loop", "once"),
    [
        ("Yes please. Yes please. Yes please. Yes please.", "Yes please."),
        (
            "How long have you been open? How long have you been open?",
            "How long have you been open?",
        ),
        ("Is there parking? Is there parking? Is there parking? Is there", "Is there parking?"),
        ("no no no no no no no no no no", "no"),
        ("Oui, merci. Oui, merci. Oui, merci.", "Oui, merci."),
        ("C'est bon, c'est bon, c'est bon, c'est bon", "C'est bon,"),
    ],
)
def test_a_phrase_in_a_loop_is_kept_once(loop: str, once: str) -> None:
    assert collapse_repetition(loop) == once


@pytest.mark.parametrize(
    "text",
    [
        "Yes, yes.",
        "No, no, no, thank you.",
        "five five five zero one two three",
        "It is one one one one, two two two two.",
        "Sí, sí, por favor.",
        "I said Monday, Monday morning.",
        "",
    ],
)
def test_what_people_do_repeat_is_kept(text: str) -> None:
    assert collapse_repetition(text) == text


@given(st.text(alphabet="ab ,.?", max_size=80))
def test_collapsing_never_invents_a_word(text: str) -> None:
    assert set(collapse_repetition(text).split()) <= set(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for watching!",
        "Thanks for watching.",
        "you",
        "Please subscribe to my channel.",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "Sous-titrage Société Radio-Canada",
        "Merci d'avoir regardé cette vidéo !",
        "Subtítulos por la comunidad de Amara.org",
        "Subtítulos realizados por la comunidad de Amara.org",
        "¡Gracias por ver el video!",
        "www.mesmerismes.info is at Amara.org",
    ],
)
def test_subtitle_credits_are_inventions(text: str) -> None:
    assert is_known_invention(text)


@pytest.mark.parametrize(
    "text",
    ["Thank you.", "Thank you very much.", "Gracias.", "Merci beaucoup.", "Are you open?", "Bye."],
)
def test_what_callers_say_is_no_invention(text: str) -> None:
    assert not is_known_invention(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[Music]", ""),
        ("♪♪ la la la ♪♪", ""),
        ("(laughs) Yes, please.", "Yes, please."),
        ("Hello. *sighs*", "Hello."),
        ("[BLANK_AUDIO", ""),
    ],
)
def test_descriptions_of_sounds_are_no_speech(text: str, left: str) -> None:
    assert strip_sounds(text) == left


def test_letters_of_other_scripts_are_removed_and_accents_are_not() -> None:
    assert strip_foreign_script("No, 散与. Спасибо") == "No,."
    assert (
        strip_foreign_script("¿Qué año, señor? À bientôt, Zoë!")
        == "¿Qué año, señor? À bientôt, Zoë!"
    )


def test_text_that_nobody_could_say_in_the_time_is_refused() -> None:
    assert too_long_for("I would like to leave a message for the manager", 0.4)
    assert not too_long_for("I would like to leave a message for the manager", 2.5)
    assert not too_long_for("Yes, please.", 0.4)


def test_long_repetitive_text_is_refused_and_a_read_out_number_is_not() -> None:
    assert too_compressible("la la li la la lo " * 12)
    assert not too_compressible("1 1 1 1 0 0 0 0 1 1 1 1 0 0 0 0 1 1 1 1 0 0 0 0 1 1 1 1 0 0 0 0")
    assert not too_compressible("I would like an appointment on Tuesday at three in the afternoon.")


@pytest.mark.parametrize(
    ("logprob", "no_speech", "noise"),
    [(-0.3, 0.9, False), (-1.1, 0.8, True), (-1.1, 0.1, False), (-1.9, 0.1, True)],
)
def test_doubt_of_both_kinds_or_great_doubt_means_noise(
    logprob: float, no_speech: float, noise: bool
) -> None:
    assert sounds_like_noise(logprob, no_speech) is noise


@pytest.mark.parametrize(
    ("decoded", "text"),
    [
        (Decoded("Yes, please.", -0.4, 0.0, 0.8), "Yes, please."),
        (Decoded("Yes please. Yes please. Yes please. Yes", -0.1, 0.0, 0.8), "Yes please."),
        (Decoded("Yeah.", -1.7, 0.46, 0.5), ""),
        (Decoded("...", -0.2, 0.0, 0.5), ""),
        (Decoded("[Music]", -0.2, 0.0, 3.0), ""),
        (Decoded("Thank you for watching!", -0.2, 0.0, 3.0), ""),
    ],
)
def test_only_what_passes_every_guard_is_believed(decoded: Decoded, text: str) -> None:
    assert guarded(decoded) == text
