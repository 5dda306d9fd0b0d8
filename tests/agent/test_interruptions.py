"""A caller who interrupts has not heard the rest: nothing is taken as an answer to it."""

import pytest

from annie.agent.heard import question_heard
from annie.agent.protocols import LeaveMessage, Say
from annie.kit.language import Language
from tests.agent.conversation import CALLER, Conversation

pytestmark = pytest.mark.unit

EN, ES, FR = Language.ENGLISH, Language.SPANISH, Language.FRENCH
CONFIRMING_NUMBER = ("leave a message", "John Smith", "no", "312 555 0142")
CONFIRMING = ("leave a message", "John Smith", "yes", "please call me about my bill")


async def _at(*lines: str, language: Language = EN) -> Conversation:
    call = Conversation(language)
    for line in lines:
        await call.say(line)
    return call


@pytest.mark.parametrize(
    ("heard", "essential", "enough"),
    [
        (None, "", True),
        ("", "", False),
        ("Thank you, John. Shall we", "", False),
        ("Thank you, John. Shall we call you back on this", "", True),
        ("Thank you, John. Shall we call you back on this", "ending in 0123?", False),
        ("Thank you, John. Shall we call you back on this number, ending in 0123?", "0123", True),
        ("Thank you, John.", "John", True),
        ("I'm sorry about", "", False),
        ("Thank  you, John. Shall we call you\nback on this", "", True),
    ],
)
def test_a_question_counts_as_heard_by_half_or_by_its_essential_part(
    heard: str | None, essential: str, enough: bool
) -> None:
    spoken = "Thank you, John. Shall we call you back on this number, ending in 0123?"
    assert question_heard(spoken, heard, essential) is enough


@pytest.mark.parametrize(
    ("lines", "heard", "answer"),
    [
        (("leave a message",), "I'd be happy to", "okay great"),
        (("leave a message", "John Smith"), "Thank you, John", "yes"),
        (("leave a message", "John Smith"), "", "yes"),
        (CONFIRMING_NUMBER, "I have 312-555", "yes"),
        ((*CONFIRMING_NUMBER, "yes"), "Thank", "that was right"),
        (CONFIRMING, "So the message from John Smith", "yes"),
        ((*CONFIRMING, "no"), "What should", "no"),
    ],
)
async def test_an_interrupted_question_is_asked_again(
    lines: tuple[str, ...], heard: str, answer: str
) -> None:
    call = await _at(*lines)
    question = call.said[-1]
    assert question.startswith(heard)
    assert await call.say(answer, heard=heard) == question
    assert call.messages == []


@pytest.mark.parametrize(
    ("language", "lines", "heard", "answer"),
    [
        (ES, ("quiero dejar un mensaje", "Ana Gil"), "Gracias, Ana", "sí"),
        (FR, ("je voudrais laisser un message", "Anne Roy"), "Merci, Anne", "oui"),
    ],
)
async def test_an_interrupted_question_is_asked_again_in_every_language(
    language: Language, lines: tuple[str, ...], heard: str, answer: str
) -> None:
    call = await _at(*lines, language=language)
    question = call.said[-1]
    assert await call.say(answer, heard=heard) == question


@pytest.mark.parametrize(
    ("lines", "heard", "answer", "said"),
    [
        # Enough was heard.
        (("leave a message", "John Smith"),
         "Thank you, John Smith. Shall we call you back on the number you're calling", "yes",
         "What is your message"),
        (CONFIRMING_NUMBER, "I have 312-555-0142.", "yes", "What is your message"),
        # It says of itself what it answers.
        (("leave a message",), "I'd be happy", "my name is John Smith", "Thank you, John Smith"),
        (("leave a message", "John Smith"), "Thank you", "use 312 555 0142", "312-555-0142"),
        (CONFIRMING_NUMBER, "I have 312", "no, 312 555 0143", "312-555-0143"),
        (CONFIRMING_NUMBER, "I have 312", "no", "right number"),
        ((*CONFIRMING_NUMBER, "yes"), "Thank",
         "please tell the doctor that I will be an hour late", "an hour late"),
        (CONFIRMING, "So the message", "no, the name is wrong", "your name"),
        # It leaves the question.
        (CONFIRMING, "So the message", "never mind", "no message then"),
        (CONFIRMING, "So the message", "where can I park?", "free parking"),
    ],
)  # fmt: skip
async def test_what_needs_no_question_is_taken_at_once(
    lines: tuple[str, ...], heard: str, answer: str, said: str
) -> None:
    call = await _at(*lines)
    assert call.said[-1].startswith(heard)
    assert said in await call.say(answer, heard=heard)


async def test_a_number_is_not_given_up_for_a_no_into_the_question_for_it() -> None:
    call = await _at("leave a message", "John Smith", "no")
    assert "What number" in await call.say("no no", heard="Which")


async def test_keys_are_taken_whatever_was_heard() -> None:
    call = await _at("leave a message", "John Smith", "no")
    assert "312-555-0142" in await call.dial("3125550142", heard="Which")


async def test_a_yes_to_are_you_still_there_confirms_nothing() -> None:
    call = await _at(*CONFIRMING)
    summary = call.said[-1]
    await call.silent(1)
    assert await call.say("yes", heard="Are you still there? So the message") == summary
    assert call.messages == []
    await call.say("yes")
    assert call.messages == [LeaveMessage("John Smith", CALLER, "please call me about my bill")]


async def test_a_question_that_is_asked_again_does_not_use_up_its_patience() -> None:
    call = await _at(*CONFIRMING)
    for _ in range(5):
        await call.say("yes", heard="So the")
    assert call.messages == []


async def test_what_was_said_into_a_question_is_kept_if_the_caller_then_hangs_up() -> None:
    call = await _at(*CONFIRMING_NUMBER, "yes")
    await call.say("about my bill", heard="Thank")
    (left,) = call.agent.ended(call.context())
    assert left.content == "about my bill"


async def test_a_no_into_an_answer_does_not_end_the_call() -> None:
    call = await _at("never mind")
    offer = call.said[-1]
    assert await call.say("no", heard="Is") == offer
    assert not call.ended
    await call.say("no")
    assert call.ended == "caller_done"


async def test_repeat_that_repeats_the_whole_answer_also_after_an_interruption() -> None:
    call = await _at("can I park near the office")
    answer = call.said[-1]
    assert await call.say("could you repeat that?", heard=answer[: len(answer) // 3]) == answer


async def test_repeat_that_repeats_all_sentences_of_an_answer() -> None:
    call = await _at("Do you have parking? And do you do braces?")
    answer = " ".join(step.text for step in call.last if isinstance(step, Say))
    assert await call.say("what did you say?") == answer


@pytest.mark.parametrize("between", ["", "hold on a second please"])
async def test_repeat_that_means_the_answer_and_not_what_annie_asked_in_between(
    between: str,
) -> None:
    call = await _at("can I park near the office")
    answer = call.said[-1]
    assert await call.say(between) != answer
    await call.silent(1)
    assert await call.say("could you repeat that?") == answer
