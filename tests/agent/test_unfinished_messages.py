"""A caller who is gone before the message is confirmed."""

import pytest

from annie.agent.phrases import fixed_sentences, sentences
from annie.agent.protocols import LeaveMessage
from annie.kit.language import Language
from tests.agent.conversation import CALLER, Conversation

pytestmark = pytest.mark.unit

EN, ES, FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH
UNSAID = "(The caller left before saying what it was about.)"


async def _gone_after(call: Conversation, *lines: str) -> list[LeaveMessage]:
    for line in lines:
        await (call.dial(line[1:]) if line[0] == "#" else call.say(line))
    return list(call.agent.ended(call.context()))


def _unconfirmed(
    name: str, number: str, content: str, *, urgent: bool = False
) -> list[LeaveMessage]:
    return [LeaveMessage(name, number, content, urgent, confirmed=False)]


@pytest.mark.parametrize(
    ("language", "lines", "left"),
    [
        (EN, ["leave a message", "John Smith", "yes", "It's about my bill"],
         _unconfirmed("John Smith", CALLER, "It's about my bill")),
        (EN, ["leave a message", "John Smith", "no", "312 555 0142", "yes", "It's an emergency"],
         _unconfirmed("John Smith", "+13125550142", "It's an emergency", urgent=True)),
        (EN, ["leave a message", "John Smith", "yes", "It's about my bill", "no"],
         _unconfirmed("John Smith", CALLER, "It's about my bill")),
        (ES, ["quiero dejar un mensaje", "Ana Gil", "sí", "quiero cambiar mi cita"],
         _unconfirmed("Ana Gil", CALLER, "quiero cambiar mi cita")),
        (FR, ["je voudrais laisser un message", "Anne Roy", "oui", "pour ma facture"],
         _unconfirmed("Anne Roy", CALLER, "pour ma facture")),
    ],
)  # fmt: skip
async def test_a_message_that_was_only_to_be_confirmed_is_kept(
    language: Language, lines: list[str], left: list[LeaveMessage]
) -> None:
    assert await _gone_after(Conversation(language), *lines) == left


async def test_a_name_is_enough_when_the_network_tells_the_number() -> None:
    left = await _gone_after(Conversation(EN), "leave a message", "John Smith")
    assert left == _unconfirmed("John Smith", CALLER, UNSAID)


async def test_a_dictated_number_is_enough_and_goes_before_the_callers_own() -> None:
    left = await _gone_after(Conversation(EN), "leave a message", "John Smith", "no", "#3125550142")
    assert left == _unconfirmed("John Smith", "+13125550142", UNSAID)


async def test_a_number_that_was_rejected_gives_way_to_the_callers_own() -> None:
    left = await _gone_after(
        Conversation(EN), "leave a message", "John Smith", "no", "312 555 0142", "no, that's wrong"
    )
    assert left == _unconfirmed("John Smith", CALLER, UNSAID)


async def test_the_question_that_led_to_the_message_is_what_it_is_about() -> None:
    left = await _gone_after(Conversation(EN), "how much is a root canal", "yes please")
    assert left == _unconfirmed("", CALLER, "how much is a root canal")


async def test_a_message_without_any_number_is_kept_for_what_it_says() -> None:
    call = Conversation(EN, caller="")
    left = await _gone_after(
        call, "leave a message", "John Smith", "no, I don't have one", "My crown fell out"
    )
    assert left == _unconfirmed("John Smith", "", "My crown fell out")


@pytest.mark.parametrize(
    ("caller", "lines"),
    [
        (CALLER, ["do you have parking"]),
        (CALLER, ["leave a message"]),
        ("", ["leave a message", "John Smith"]),
        ("", ["how much is a root canal", "yes please"]),
        (CALLER, ["leave a message", "John Smith", "never mind"]),
        (CALLER, ["leave a message", "John Smith", "yes", "about my bill", "yes"]),
    ],
)
async def test_nothing_is_kept_that_nobody_could_act_on_or_that_is_settled(
    caller: str, lines: list[str]
) -> None:
    assert await _gone_after(Conversation(EN, caller=caller), *lines) == []


async def test_a_message_whose_storing_failed_is_given_again_unless_it_was_given_up() -> None:
    lines = ["leave a message", "Al Green", "yes", "about my bill", "yes"]
    kept = await _gone_after(Conversation(EN, failures=1), *lines)
    assert kept == [LeaveMessage("Al Green", CALLER, "about my bill")]
    assert await _gone_after(Conversation(EN, failures=1), *lines, "no") == []


async def test_a_goodbye_in_the_middle_keeps_the_message_without_calling_it_passed_on() -> None:
    call = Conversation(EN)
    assert await _gone_after(call, "leave a message", "John Smith", "goodbye") == []
    assert call.messages == _unconfirmed("John Smith", CALLER, UNSAID)
    assert call.ended == "caller_done"
    assert "passed on" not in call.said[-1]


async def test_silence_in_the_middle_keeps_the_message() -> None:
    call = Conversation(EN)
    await call.say("leave a message")
    await call.say("John Smith")
    for times in (1, 2, 3):
        await call.silent(times)
    assert call.messages == _unconfirmed("John Smith", CALLER, UNSAID)
    assert list(call.agent.ended(call.context())) == []


async def test_a_summary_that_is_never_answered_clearly_is_stored_as_unconfirmed() -> None:
    call = Conversation(EN)
    for line in ("leave a message", "John Smith", "yes", "about my bill", "well", "hm", "well"):
        await call.say(line)
    assert [message.confirmed for message in call.messages] == [False]


@pytest.mark.parametrize("language", Language)
async def test_what_stands_for_an_unsaid_matter_is_never_spoken(language: Language) -> None:
    assert sentences(language).subject_unsaid not in fixed_sentences(language)


@pytest.mark.parametrize(
    ("said", "last", "left"),
    [
        (["leave a message", "John Smith", "yes"], "My crown fell",
         _unconfirmed("John Smith", CALLER, "My crown fell")),
        (["leave a message"], "John Smith", _unconfirmed("John Smith", CALLER, UNSAID)),
        (["leave a message", "John Smith", "yes", "about my bill"], "yes",
         [LeaveMessage("John Smith", CALLER, "about my bill")]),
        (["leave a message", "John Smith", "yes", "about my bill"], "goodbye",
         _unconfirmed("John Smith", CALLER, "about my bill")),
        (["leave a message", "John Smith", "yes"], "never mind", []),
        (["do you have parking"], "My crown fell", []),
    ],
)  # fmt: skip
async def test_last_words_that_nobody_answered_count(
    said: list[str], last: str, left: list[LeaveMessage]
) -> None:
    call = Conversation(EN)
    for line in said:
        await call.say(line)
    assert list(call.agent.ended(call.context(), call.turn(last))) == left


async def test_last_words_whose_beginning_was_taken_already_are_not_taken_twice() -> None:
    call = Conversation(EN)
    for line in ("leave a message", "John Smith", "yes"):
        await call.say(line)
    await call.say("My crown", start=50.0)
    left = call.agent.ended(call.context(), call.turn("My crown fell out", start=50.0))
    assert list(left) == _unconfirmed("John Smith", CALLER, "My crown fell out")


async def test_a_message_stored_in_the_last_turn_is_not_given_again() -> None:
    call = Conversation(EN)
    for line in ("leave a message", "John Smith", "yes", "about my bill"):
        await call.say(line)
    await call.say("yes", start=50.0)
    assert len(call.messages) == 1
    assert list(call.agent.ended(call.context(), call.turn("yes bye", start=50.0))) == []


async def test_a_last_yes_to_a_summary_that_was_not_heard_confirms_nothing() -> None:
    call = Conversation(EN)
    for line in ("leave a message", "John Smith", "yes", "about my bill"):
        await call.say(line)
    left = call.agent.ended(call.context(heard=call.said[-1][:10]), call.turn("yes"))
    assert list(left) == _unconfirmed("John Smith", CALLER, "about my bill")


async def test_a_wish_to_be_called_back_that_was_said_last_is_kept() -> None:
    call = Conversation(EN)
    said = call.turn("Can someone call me back, my name is Tom Brown")
    assert list(call.agent.ended(call.context(), said)) == _unconfirmed("Tom Brown", CALLER, UNSAID)
