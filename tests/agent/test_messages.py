"""TAKE_MESSAGE from the wish to the stored message."""

import pytest

from annie.agent.protocols import LeaveMessage, Say
from annie.kit.language import Language
from annie.speech.protocols import Expectation
from tests.agent.conversation import CALLER, Conversation

pytestmark = pytest.mark.unit

EN, ES, FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH


async def _talk(call: Conversation, *lines: str) -> list[str]:
    return [await (call.dial(line[1:]) if line[0] == "#" else call.say(line)) for line in lines]


@pytest.mark.parametrize(
    ("language", "lines", "message"),
    [
        (
            EN,
            ["I'd like to leave a message", "John Smith", "yes", "Please move my appointment to Friday.", "yes"],
            LeaveMessage("John Smith", CALLER, "Please move my appointment to Friday."),
        ),
        (
            EN,
            ["do you do braces", "yes please", "my name is Anna Lee", "no", "312 555 0142", "that's right",
             "I need a quote for braces", "yes that's fine"],
            LeaveMessage("Anna Lee", "+13125550142", "I need a quote for braces"),
        ),
        (
            EN,
            ["can someone call me back, my name is Tom Brown and my number is 312 555 0142",
             "yes", "it's about my invoice", "correct"],
            LeaveMessage("Tom Brown", "+13125550142", "it's about my invoice"),
        ),
        (
            EN,
            ["leave a message please", "Ann Fox", "no, use 312 555 0143", "no, the last digit is two", "yes",
             "It's an emergency, my crown fell out", "yes"],
            LeaveMessage("Ann Fox", "+13125550142", "It's an emergency, my crown fell out", urgent=True),
        ),
        (
            EN,
            ["I want to leave a message", "Joe Hill", "no", "#3125550142", "yes", "call me", "I want to ask about the bill", "yes"],
            LeaveMessage("Joe Hill", "+13125550142", "call me I want to ask about the bill"),
        ),
        (
            EN,
            ["take a message", "Joe Hill", "yes", "about my bill", "no, the number is wrong", "312 555 0142", "yes", "yes"],
            LeaveMessage("Joe Hill", "+13125550142", "about my bill"),
        ),
        (
            EN,
            ["take a message", "Joe Hill", "yes", "about my bill", "no", "the name", "Joseph Hall", "yes"],
            LeaveMessage("Joseph Hall", CALLER, "about my bill"),
        ),
        (
            ES,
            ["quiero dejar un recado", "me llamo Juan Pérez", "no", "tres uno dos, cinco cinco cinco, cero uno cuatro dos",
             "sí, correcto", "quiero cambiar mi cita para el martes", "sí"],
            LeaveMessage("Juan Pérez", "+13125550142", "quiero cambiar mi cita para el martes"),
        ),
        (
            FR,
            ["je voudrais laisser un message", "Marie Dupont", "oui", "je voudrais annuler mon rendez-vous", "oui"],
            LeaveMessage("Marie Dupont", CALLER, "je voudrais annuler mon rendez-vous"),
        ),
    ],
)  # fmt: skip
async def test_a_message_is_stored_as_given(
    language: Language, lines: list[str], message: LeaveMessage
) -> None:
    call = Conversation(language)
    await _talk(call, *lines)
    assert call.messages == [message]
    assert not call.ended


async def test_everything_is_read_back_before_it_is_stored() -> None:
    call = Conversation(EN)
    said = await _talk(
        call, "leave a message", "John Smith", "no", "3125550142", "yes", "about the bill"
    )
    assert "312-555-0142" in said[3]
    assert "John Smith" in said[5]
    assert "312-555-0142" in said[5]
    assert "about the bill" in said[5]
    assert call.messages == []


async def test_each_question_tells_the_ears_what_to_expect() -> None:
    call = Conversation(EN)
    expected: list[Expectation] = []
    for line in ("leave a message", "John Smith", "no", "3125550142", "yes", "about the bill"):
        await call.say(line)
        expected += [step.expects for step in call.last if isinstance(step, Say)]
    assert expected == [
        Expectation.NAME, Expectation.YES_NO, Expectation.DIGITS, Expectation.YES_NO,
        Expectation.DICTATION, Expectation.YES_NO,
    ]  # fmt: skip


async def test_the_callers_number_is_offered_by_its_ending() -> None:
    call = Conversation(EN)
    assert "ending in 0123" in (await _talk(call, "leave a message", "John Smith"))[1]


async def test_a_withheld_number_is_asked_for() -> None:
    call = Conversation(EN, caller="anonymous")
    said = await _talk(call, "leave a message", "John Smith")
    assert "What number" in said[1]


async def test_missing_digits_are_counted_and_completed() -> None:
    call = Conversation(EN, caller="")
    said = await _talk(
        call, "leave a message", "John Smith", "three one two five five five", "0142"
    )
    assert "4 digits are missing" in said[2]
    assert "312-555-0142" in said[3]


async def test_a_caller_without_a_number_may_leave_a_message() -> None:
    call = Conversation(EN, caller="")
    await _talk(
        call, "leave a message", "John Smith", "no, I don't have one", "about my bill", "yes"
    )
    assert call.messages == [LeaveMessage("John Smith", "", "about my bill")]


async def test_a_name_that_is_never_understood_does_not_stop_the_message() -> None:
    call = Conversation(EN)
    await _talk(call, "leave a message", "yes", "okay", "yes", "yes", "about my bill", "yes")
    assert call.messages == [LeaveMessage("", CALLER, "about my bill")]


@pytest.mark.parametrize(
    ("language", "start", "cancel"),
    [
        (EN, "leave a message", "never mind"),
        (ES, "quiero dejar un mensaje", "olvídelo"),
        (FR, "je voudrais laisser un message", "laissez tomber"),
    ],
)
async def test_a_message_can_be_given_up(language: Language, start: str, cancel: str) -> None:
    call = Conversation(language)
    await _talk(call, start, cancel)
    assert call.agent.language is language
    await _talk(call, {EN: "no", ES: "no", FR: "non"}[language])
    assert call.ended == "caller_done"
    assert call.messages == []


async def test_cancelling_an_appointment_is_a_message_not_a_cancelled_message() -> None:
    call = Conversation(EN)
    await _talk(
        call, "leave a message", "Al Green", "yes", "I need to cancel my appointment", "yes"
    )
    assert call.messages == [LeaveMessage("Al Green", CALLER, "I need to cancel my appointment")]


async def test_a_question_within_the_flow_is_answered_and_the_flow_goes_on() -> None:
    call = Conversation(EN)
    said = await _talk(call, "leave a message", "what time do you close today?", "John Smith")
    assert "9 AM to 5 PM" in said[1]
    assert "your name" in said[1]
    assert "ending in" in said[2]


async def test_repeating_within_the_flow_repeats_the_question() -> None:
    call = Conversation(EN)
    said = await _talk(call, "leave a message", "what did you say?")
    assert said[0] == said[1]


async def test_a_goodbye_instead_of_a_confirmation_stores_the_message() -> None:
    call = Conversation(EN)
    await _talk(call, "leave a message", "Al Green", "yes", "about my bill", "goodbye")
    assert len(call.messages) == 1
    assert call.ended == "caller_done"


async def test_silence_instead_of_a_confirmation_stores_the_message() -> None:
    call = Conversation(EN)
    await _talk(call, "leave a message", "Al Green", "yes", "about my bill")
    for times in (1, 2, 3):
        await call.silent(times)
    assert len(call.messages) == 1
    assert call.ended == "silence"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (EN, ["leave a message", "Al Green", "yes", "about my bill", "yes"]),
        (ES, ["quiero dejar un mensaje", "Ana Gil", "sí", "sobre mi factura", "sí"]),
        (FR, ["je voudrais laisser un message", "Anne Roy", "oui", "pour ma facture", "oui"]),
    ],
)
async def test_a_failed_store_is_confessed_and_tried_again(
    language: Language, lines: list[str]
) -> None:
    call = Conversation(language, failures=1)
    said = (await _talk(call, *lines))[-1]
    assert call.messages == []
    assert said.endswith("?")
    await call.say({EN: "yes", ES: "sí", FR: "oui"}[language])
    assert len(call.messages) == 1


async def test_a_failed_store_can_be_left_at_that() -> None:
    call = Conversation(EN, failures=1)
    await _talk(call, "leave a message", "Al Green", "yes", "about my bill", "yes", "no", "no")
    assert call.messages == []
    assert call.ended == "caller_done"


async def test_a_turn_that_went_on_is_answered_in_place_of_its_beginning() -> None:
    call = Conversation(EN)
    await call.say("leave a message")
    await call.say("my name is John", start=50.0)
    said = await call.say("my name is John Smith", start=50.0)
    assert "John Smith" in said


async def test_a_stored_message_is_not_stored_again_when_the_turn_goes_on() -> None:
    call = Conversation(EN)
    await _talk(call, "leave a message", "Al Green", "yes", "about my bill")
    await call.say("yes", start=50.0)
    await call.say("yes please", start=50.0)
    assert len(call.messages) == 1
