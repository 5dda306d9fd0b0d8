"""What a bot knows in a language."""

import pytest

from annie.agent.known_phrases import all_phrases
from annie.agent.phrases import fixed_sentences, number_without_bot
from annie.agent.training import Address, Faq, compile_training
from annie.kit.language import Language
from tests.agent.conversation import training

pytestmark = pytest.mark.unit

EN, ES, FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH

ENGLISH_FAQ = Faq("Do you take walk-ins?", "Yes, you can just come in.")
SPANISH_FAQ = Faq("¿Hay estacionamiento?", "Sí, es gratis.")
FRENCH_FAQ = Faq("Y a-t-il un parking ?", "Oui, il est gratuit.", language=FR)


@pytest.mark.parametrize(
    ("language", "kept"), [(EN, ENGLISH_FAQ), (ES, SPANISH_FAQ), (FR, FRENCH_FAQ)]
)
def test_faqs_serve_their_own_language(language: Language, kept: Faq) -> None:
    found = compile_training(language, "X", faqs=[ENGLISH_FAQ, SPANISH_FAQ, FRENCH_FAQ]).faqs
    assert found == (kept,)


def test_a_faq_of_undecided_language_serves_all() -> None:
    faq = Faq("Invisalign?", "Invisalign.")
    assert all(compile_training(language, "X", faqs=[faq]).faqs == (faq,) for language in Language)


def test_empty_faqs_are_left_out() -> None:
    assert compile_training(EN, "X", faqs=[Faq(" ", "Yes."), Faq("Really?", "")]).faqs == ()


def test_a_greeting_in_another_language_is_left_out() -> None:
    english = "Hello, thank you for calling. How can I help you?"
    assert compile_training(EN, "X", greeting=english).greeting == english
    assert compile_training(FR, "X", greeting=english).greeting == ""


@pytest.mark.parametrize(
    ("address", "spoken"),
    [
        (
            Address("12 Main St", "", "Chicago", "IL", "60601", "US"),
            "12 Main St, Chicago, IL 60601",
        ),
        (Address(city="Chicago"), "Chicago"),
        (Address(state="IL", zip="60601"), ""),
        (Address(), ""),
    ],
)
def test_addresses_are_spoken_in_one_line(address: Address, spoken: str) -> None:
    assert address.spoken == spoken


@pytest.mark.parametrize("language", Language)
def test_phrases_known_beforehand_hold_answers_and_prompts(language: Language) -> None:
    known = training(language)
    phrases = all_phrases(known)
    assert len(phrases) == len(set(phrases))
    assert all(text.strip() and "{" not in text for text in phrases)
    assert {faq.answer for faq in known.faqs} <= set(phrases)
    assert set(fixed_sentences(language)) <= set(phrases)


@pytest.mark.parametrize("language", Language)
def test_a_number_without_a_bot_has_something_to_say(language: Language) -> None:
    assert "Bright Smile" in number_without_bot(language, "Bright Smile")
    assert "{" not in number_without_bot(language)
