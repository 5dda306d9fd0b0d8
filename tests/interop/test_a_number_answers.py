"""The whole way: a phone we did not write rings `annie serve`, asks, and is answered."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import baresip
import numpy as np
import pytest

from annie.kit.language import Language
from tests.interop.annie_server import AnnieServer, annie_server
from tests.interop.bad_network import Weather, bad_network
from tests.interop.baresip_phone import BaresipCall, BaresipPhone, Interpreter
from tests.interop.linphone import linphone, needs_linphone

pytestmark = [pytest.mark.interop, pytest.mark.timeout(240)]

QUESTIONS = {
    Language.ENGLISH: ("What are your opening hours on Saturday?", ("9", "nine"), ("2", "two")),
    Language.SPANISH: ("¿Cuál es el horario del sábado?", ("9", "nueve"), ("2", "14", "dos")),
    Language.FRENCH: ("Quels sont vos horaires le samedi ?", ("9", "neuf"), ("14", "quatorze")),
}


@pytest.fixture(scope="module")
def annie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnnieServer]:
    with annie_server(tmp_path_factory.mktemp("annie")) as server:
        yield server


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return Interpreter()


async def greeted(phone: BaresipPhone, number: str) -> BaresipCall:
    call = await phone.dial(number)
    await call.listen()
    return call


def latest(annie: AnnieServer) -> dict[str, Any]:
    with annie.api as api:
        answer = api.get("/conversations", params={"limit": 1})
        answer.raise_for_status()
        return answer.json()["data"]["conversations"][0]


async def closed(annie: AnnieServer, number: str) -> dict[str, Any]:
    """The newest conversation of ``number``, once its record is closed."""
    async with asyncio.timeout(15):
        while True:
            conversation = latest(annie)
            if conversation["toNumber"] == number and conversation["status"] == "CLOSED":
                return conversation
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("language", list(Language))
async def test_a_caller_is_answered_from_the_training_and_a_record_is_kept(
    annie: AnnieServer, interpreter: Interpreter, language: Language
) -> None:
    question, opens, closes = QUESTIONS[language]
    number = annie.numbers[language.value]
    async with BaresipPhone(annie.sip_port) as phone:
        call = await phone.dial(number)
        greeting = await interpreter.text(await call.listen(), language)
        assert len(greeting.split()) >= 3
        call.play(await interpreter.speech(question, language))
        heard = await interpreter.text(await call.listen(), language)
        await call.hang_up()
    assert any(word in heard.lower() for word in opens), heard
    assert any(word in heard.lower() for word in closes), heard

    conversation = await closed(annie, number)
    assert conversation["endReason"] == "caller_hung_up"
    with annie.api as api:
        messages = api.get(f"/conversations/{conversation['conversationId']}/messages").json()
        roles = [message["role"] for message in messages["data"]]
        assert roles[:3] == ["assistant", "user", "assistant"]
        recording = api.get(f"/conversations/{conversation['conversationId']}/recording")
        assert recording.status_code == 200
        assert recording.content[:4] == b"fLaC"


@pytest.mark.parametrize(
    ("transport", "codec"), [("tcp", "PCMU/8000/1"), ("udp", "PCMA/8000/1")], ids=["tcp", "a-law"]
)
async def test_other_transports_and_codecs_are_answered_as_well(
    annie: AnnieServer, interpreter: Interpreter, transport: str, codec: str
) -> None:
    language = Language.ENGLISH
    number = annie.numbers[language.value]
    async with BaresipPhone(annie.sip_port, codecs=codec, transport=transport) as phone:
        call = await greeted(phone, number)
        call.play(await interpreter.speech("What are your opening hours on Saturday?", language))
        heard = await interpreter.text(await call.listen(), language)
        await call.hang_up()
    assert "9" in heard or "nine" in heard.lower(), heard


async def test_a_bad_line_is_understood_and_told_in_the_record(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    language = Language.ENGLISH
    number = annie.numbers[language.value]
    weather = Weather(loss=0.05, jitter=0.015, reordered=0.02, duplicated=0.01)
    async with (
        bad_network(annie.sip_port, weather) as network,
        BaresipPhone(network.port) as phone,
    ):
        call = await greeted(phone, number)
        call.play(await interpreter.speech("What are your opening hours on Saturday?", language))
        heard = await interpreter.text(await call.listen(), language)
        await call.hang_up()
        lost = network.facing_phone.lost
    assert "9" in heard or "nine" in heard.lower(), heard
    media = (await closed(annie, number))["media"]
    assert lost * 0.8 <= media["lost"] <= lost * 1.2 + 2
    assert media["duplicates"] > 0
    assert media["concealed"] > 0
    assert media["jitterMs"] > 3


@needs_linphone
async def test_linphone_is_answered_as_well(
    annie: AnnieServer, interpreter: Interpreter, tmp_path: Path
) -> None:
    language = Language.ENGLISH
    question = await interpreter.speech("What are your opening hours on Saturday?", language)
    async with linphone(tmp_path) as phone:
        phone.type(f"call sip:{annie.numbers[language.value]}@127.0.0.1:{annie.sip_port}")
        await phone.until("Media streams established")
        greeting = await interpreter.text(await phone.listen(), language)
        # Linphone plays a file over and over: she must have time to answer in between.
        phone.say(np.concatenate([question, np.zeros(60 * 8000, np.int16)]))
        answer = (await interpreter.text(await phone.listen(), language)).lower()
        phone.type("terminate")
        await phone.until("ended (No error)")
    assert len(greeting.split()) >= 3
    assert "9" in answer or "nine" in answer, answer


async def test_she_stops_when_the_caller_interrupts(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    number = annie.numbers["ENGLISH"]
    async with BaresipPhone(annie.sip_port) as phone:
        call = await greeted(phone, number)
        call.play(await interpreter.speech("What are your opening hours?", Language.ENGLISH))
        await call.sent()
        async with asyncio.timeout(10):
            await call.until_sounding()
        call.play(
            await interpreter.speech(
                "Sorry, excuse me. Where is your office located please?", Language.ENGLISH
            )
        )
        await call.until_silent(quiet=0.4, timeout=3.0)
        await call.sent()
        call.forget()
        heard = await interpreter.text(await call.listen(), Language.ENGLISH)
        await call.hang_up()
    assert "street" in heard.lower() or "avenue" in heard.lower() or "road" in heard.lower(), heard


async def test_an_unknown_number_is_refused_with_404(annie: AnnieServer) -> None:
    async with BaresipPhone(annie.sip_port) as phone:
        with pytest.raises(baresip.CallFailed, match="404"):
            await phone.dial("+12125550177")


async def test_a_number_without_a_bot_says_so_politely_and_hangs_up(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    with annie.api as api:
        org = api.get("/organizations").json()["data"]["organizations"][0]["id"]
        created = api.post(
            "/phone-numbers",
            json={
                "orgId": org,
                "name": "Spare Line",
                "language": "ENGLISH",
                "voiceId": "KIND_CURIOUS",
                "areaCode": "212",
            },
        )
        assert created.status_code == 201, created.text
    number = created.json()["data"]["number"]
    async with BaresipPhone(annie.sip_port) as phone:
        call = await phone.dial(number)
        heard = await interpreter.text(await call.listen(), Language.ENGLISH)
        await call.until_ended()
    assert len(heard.split()) >= 5
    conversation = await closed(annie, number)
    assert conversation["endReason"] == "no_bot"


async def test_ten_calls_at_once_are_all_greeted(annie: AnnieServer) -> None:
    async with BaresipPhone(annie.sip_port) as phone:
        calls = await asyncio.gather(*(phone.dial(annie.numbers["ENGLISH"]) for _ in range(10)))
        greetings = await asyncio.gather(*(call.listen() for call in calls))
        await asyncio.gather(*(call.hang_up() for call in calls))
    assert min(map(len, greetings)) > 8000


async def test_she_hangs_up_when_the_caller_says_goodbye(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    number = annie.numbers["ENGLISH"]
    async with BaresipPhone(annie.sip_port) as phone:
        call = await greeted(phone, number)
        call.play(await interpreter.speech("No thank you, that's all. Goodbye!", Language.ENGLISH))
        await call.until_ended(timeout=25)
    conversation = await closed(annie, number)
    assert conversation["endReason"] == "caller_done"


async def test_a_message_is_taken_with_the_number_dictated_by_keys(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    number = annie.numbers["ENGLISH"]

    async def say(text: str) -> str:
        call.play(await interpreter.speech(text, Language.ENGLISH))
        return await interpreter.text(await call.listen(quiet=1.6), Language.ENGLISH)

    async with BaresipPhone(annie.sip_port) as phone:
        call = await greeted(phone, number)
        await say("I would like to leave a message.")
        await say("My name is Robert Johnson.")
        await call.call.send_dtmf("2025550123#")
        read_back = await interpreter.text(await call.listen(quiet=1.6), Language.ENGLISH)
        await say("Yes, that's right.")
        await say("Please call me back about my invoice.")
        await say("Yes, please.")
        await call.hang_up()
    assert "0123" in read_back.replace("-", "").replace(" ", "").replace(",", ""), read_back
    with annie.api as api:
        messages = api.get("/messages").json()["data"]["messages"]
    assert messages[0]["callbackNumber"] == "+12025550123"
    assert "invoice" in messages[0]["content"].lower()


def test_a_killed_process_is_back_and_the_others_stay(tmp_path: Path) -> None:

    with annie_server(tmp_path) as server:
        for name in ("edge", "voice", "app"):
            before = server.pids()
            assert set(before) == {"edge", "voice", "app"}
            os.kill(before[name], signal.SIGKILL)
            while server.pids().get(name) in (before[name], None):
                pass
            server.until_healthy(30)
            after = server.pids()
            assert {n: p for n, p in after.items() if n != name} == {
                n: p for n, p in before.items() if n != name
            }
