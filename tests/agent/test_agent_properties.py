"""Whatever a caller says, there is an answer; whatever is asked, nothing is invented."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annie.agent.meaning import Meaning
from annie.agent.protocols import EndCall, Say
from annie.agent.training import compile_training
from annie.kit.language import Language
from tests.agent.conversation import Conversation, compiled

pytestmark = pytest.mark.unit

_PIECES = st.sampled_from(
    [
        "yes",
        "no",
        "my",
        "name",
        "is",
        "John",
        "312",
        "555",
        "0142",
        "message",
        "leave",
        "parking",
        "repeat",
        "goodbye",
        "?",
        "!",
        ".",
        ",",
        "and",
        "what",
        "hours",
        "Saturday",
        "sí",
        "no",
        "quiero",
        "dejar",
        "un",
        "mensaje",
        "me",
        "llamo",
        "oui",
        "non",
        "je",
        "voudrais",
        "au",
        "revoir",
        "é",
        "ñ",
        "🙂",
        "'",
        "-",
        "double",
        "five",
        "oh",
        "cancel",
        "never",
        "mind",
        "that's",
        "not",
        "what",
        "I",
        "asked",
    ]
)
_TURNS = st.lists(
    st.one_of(
        st.lists(_PIECES, max_size=8).map(" ".join),
        st.text(max_size=40),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    language=st.sampled_from(list(Language)),
    turns=_TURNS,
    digits=st.text("0123456789*#", max_size=12),
)
def test_every_reply_says_something_or_ends_the_call(
    language: Language, turns: list[str], digits: str
) -> None:
    async def hold() -> None:
        call = Conversation(language)
        await call.greet()
        for text in turns:
            await call.say(text)
            assert any(isinstance(step, Say | EndCall) for step in call.last)
        await call.dial(digits)
        assert any(isinstance(step, Say | EndCall) for step in call.last)
        for times in (1, 2, 3):
            await call.silent(times)
            assert any(isinstance(step, Say | EndCall) for step in call.last)

    asyncio.run(hold())


@pytest.mark.parametrize("language", Language)
async def test_an_empty_training_states_no_fact(language: Language) -> None:
    meaning = Meaning(compile_training(language, "Empty"))
    full = compiled(language).training
    asked = [faq.question for faq in full.faqs] + {
        Language.ENGLISH: ["what are your hours", "are you open now", "where are you", "what's your phone number"],
        Language.SPANISH: ["¿qué horario tienen?", "¿están abiertos?", "¿dónde están?", "¿cuál es su número?"],
        Language.FRENCH: ["quels sont vos horaires", "êtes-vous ouverts", "où êtes-vous", "quel est votre numéro"],
    }[language]  # fmt: skip
    for question in asked:
        call = Conversation(language, meaning)
        said = await call.say(question)
        assert not any(char.isdigit() for char in said), (question, said)
        assert said.endswith("?"), (question, said)


@pytest.mark.parametrize("language", Language)
async def test_silence_is_checked_twice_and_then_ends_the_call(language: Language) -> None:
    call = Conversation(language)
    first, second = await call.silent(1), await call.silent(2)
    assert first != second
    assert not call.ended
    await call.silent(3)
    assert call.ended == "silence"


@pytest.mark.parametrize("language", Language)
async def test_a_failure_keeps_the_caller_company(language: Language) -> None:
    call = Conversation(language)
    assert await call.failing()
    assert not call.ended


async def test_farewells_are_not_interruptible() -> None:
    call = Conversation(Language.ENGLISH)
    await call.say("goodbye")
    said = [step for step in call.last if isinstance(step, Say)]
    assert said
    assert not any(step.interruptible for step in said)


async def test_the_bots_own_greetings_are_spoken() -> None:
    training = compile_training(
        Language.ENGLISH, "X", greeting="Hi!", phone_greeting="Hello from X, how may I help you?"
    )
    assert await Conversation(Language.ENGLISH, Meaning(training)).greet() == (
        "Hello from X, how may I help you?"
    )
