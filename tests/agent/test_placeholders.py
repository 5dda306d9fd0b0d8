"""Placeholders in trained texts: filled, or the text isn't trained at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.agent.placeholders import UnfilledError, fill
from annie.agent.training import Address, Faq, Training, compile_training
from annie.kit.language import Language
from tests.agent.conversation import training

pytestmark = pytest.mark.unit

VALUES = {"bot_name": "Annie", "organization_name": "{{Smile}}", "empty": ""}


def _compiled(**texts: object) -> Training:
    arguments: dict[str, object] = {
        "bot_id": "front-desk",
        "bot_name": "Annie",
        "phone": "+13125550142",
        "address": Address("12 Main Street", "", "Chicago", "IL", "60601", "US"),
        **texts,
    }
    return compile_training(Language.ENGLISH, " Bright  Smile ", **arguments)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("This is {{bot_name}}.", "This is Annie."),
        ("{{ bot_name }}, {{bot_name}}", "Annie, Annie"),
        ("From {{organization_name}}", "From {{Smile}}"),
        ("One { brace } is text", "One { brace } is text"),
        ("", ""),
    ],
)
def test_known_names_are_replaced_and_values_are_taken_as_they_are(text: str, filled: str) -> None:
    assert fill(text, VALUES) == filled


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{bot_name}} and {{insurance_list}}", "insurance_list"),
        ("{{empty}}", "empty"),
        ("{{}}", ""),
        ("{{Bot_Name}}", "Bot_Name"),
        ("{{two\nlines}}", "two\nlines"),
        ("Call {{bot_name", "{{"),
        ("Call bot_name}}", "}}"),
    ],
)
def test_a_name_without_a_value_is_named(text: str, name: str) -> None:
    with pytest.raises(UnfilledError) as caught:
        fill(text, VALUES)
    assert caught.value.name == name


@given(st.lists(st.sampled_from(["{", "}", "{{", "}}", "bot_name", "x", " ", "\n"])).map("".join))
def test_no_text_comes_out_with_double_braces(text: str) -> None:
    try:
        filled = fill(text, {"bot_name": "Annie"})
    except UnfilledError:
        return
    assert "{{" not in filled
    assert "}}" not in filled


def test_answers_and_questions_and_greetings_are_trained_with_their_values() -> None:
    faq = Faq(
        "Where is {{organization_name}}?",
        "At {{organization_address}}; call {{organization_phone}}.",
        ("How do I get to {{organization_name}}?",),
    )
    known = _compiled(
        greeting="Hello, this is {{bot_name}}.",
        phone_greeting="Thank you for calling {{organization_name}}.",
        closed_phone_greeting="{{organization_name}} is closed.",
        faqs=[faq],
    )
    assert known.greeting == "Hello, this is Annie."
    assert known.phone_greeting == "Thank you for calling Bright Smile."
    assert known.closed_phone_greeting == "Bright Smile is closed."
    assert known.faqs == (
        Faq(
            "Where is Bright Smile?",
            "At 12 Main Street, Chicago, IL 60601; call 312-555-0142.",
            ("How do I get to Bright Smile?",),
        ),
    )


def test_what_has_an_unknown_placeholder_is_not_trained_and_the_log_names_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept = Faq("Do you take walk-ins?", "Yes, you can just come in.")
    broken = Faq("What insurance do you take?", "We take {{insurance_list}}.")
    known = _compiled(
        greeting="Hello, thank you for calling.",
        phone_greeting="Hello from {{city}}.",
        faqs=[broken, kept],
    )
    assert known.greeting == "Hello, thank you for calling."
    assert known.phone_greeting == ""
    assert known.faqs == (kept,)
    events = {
        record.getMessage(): vars(record)["placeholder"]
        for record in caplog.records
        if record.levelname == "WARNING"
    }
    assert events == {"greeting_not_trained": "city", "faq_not_trained": "insurance_list"}
    assert {vars(record)["bot_id"] for record in caplog.records} == {"front-desk"}


@pytest.mark.parametrize(
    ("language", "answer", "said"),
    [
        (
            Language.ENGLISH,
            "You can come in {{office_hours}}.",
            "You can come in Monday to Friday from 9 AM to 5 PM and on Saturday from 10 AM to 2 PM.",
        ),
        (
            Language.SPANISH,
            "Puede venir {{office_hours}}.",
            "Puede venir de lunes a viernes de 9:00 a 17:00 y el sábado de 10:00 a 14:00.",
        ),
        (
            Language.FRENCH,
            "Vous pouvez venir {{office_hours}}.",
            "Vous pouvez venir du lundi au vendredi de 9 h à 17 h et le samedi de 10 h à 14 h.",
        ),
    ],
)
def test_office_hours_are_said_in_the_language_of_the_call(
    language: Language, answer: str, said: str
) -> None:
    faq = Faq("?", answer, language=language)
    assert [each.answer for each in training(language, faqs=[faq]).faqs] == [said]
    assert training(language, faqs=[faq], hours={}).faqs == ()
    assert training(language, faqs=[faq], hours={6: None}).faqs == ()


def test_a_known_placeholder_whose_value_is_missing_is_not_spoken_either() -> None:
    faq = Faq("Where are you?", "At {{organization_address}}, call {{organization_phone}}.")
    assert _compiled(address=None, faqs=[faq]).faqs == ()
    assert _compiled(phone="", faqs=[faq]).faqs == ()
    assert len(_compiled(faqs=[faq]).faqs) == 1
