"""Processes of Annie's are killed while a real phone is on the line."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest

from annie.kit.language import Language
from tests.interop.annie_server import AnnieServer, annie_server
from tests.interop.baresip_phone import AUDIBLE, BaresipCall, BaresipPhone, Interpreter

pytestmark = [pytest.mark.interop, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def annie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnnieServer]:
    with annie_server(tmp_path_factory.mktemp("annie")) as server:
        yield server


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return Interpreter()


def conversation(annie: AnnieServer) -> dict[str, object]:
    with annie.api as api:
        listed = api.get("/conversations", params={"limit": 1}).json()["data"]["conversations"]
    return listed[0]


async def closed(annie: AnnieServer) -> dict[str, object]:
    async with asyncio.timeout(20):
        while True:
            found = conversation(annie)
            if found["status"] == "CLOSED":
                return found
            await asyncio.sleep(0.1)


async def ask(call: BaresipCall, interpreter: Interpreter, text: str, language: Language) -> str:
    call.play(await interpreter.speech(text, language))
    await call.sent()
    call.forget()
    return (await interpreter.text(await call.listen(timeout=40), language)).lower()


async def test_a_killed_voice_process_costs_the_caller_a_moment_and_no_call(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    language = Language.SPANISH
    async with BaresipPhone(annie.sip_port) as phone:
        call = await phone.dial(annie.numbers[language.value])
        await call.listen()
        first = await ask(call, interpreter, "¿Dónde están ubicados?", language)
        os.kill(annie.pids()["voice"], signal.SIGKILL)
        comfort = await interpreter.text(await call.listen(quiet=0.8), language)
        assert "momento" in comfort.lower(), comfort
        # She says thanks for waiting before she listens again.
        await call.listen(timeout=40)
        second = await ask(call, interpreter, "¿Cuál es el horario del sábado?", language)
        assert not call.ended
        await call.hang_up()
    assert "calle" in first or "river" in first, first
    assert "9" in second or "nueve" in second, second

    record = await closed(annie)
    assert record["endReason"] == "caller_hung_up"
    with annie.api as api:
        path = f"/conversations/{record['conversationId']}"
        messages = api.get(f"{path}/messages").json()["data"]
        recording = api.get(f"{path}/recording")
    asked = [message["content"].lower() for message in messages if message["role"] == "user"]
    assert len(asked) == 2
    assert "horario" in asked[1]
    assert recording.status_code == 200
    assert len(recording.content) > 20_000


async def test_a_question_whose_answer_was_being_made_is_answered_by_the_next_process(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    language = Language.ENGLISH
    async with BaresipPhone(annie.sip_port) as phone:
        call = await phone.dial(annie.numbers[language.value])
        await call.listen()
        call.play(await interpreter.speech("What are your opening hours on Saturday?", language))
        await call.sent()
        call.forget()
        os.kill(annie.pids()["voice"], signal.SIGKILL)
        said: list[str] = []
        async with asyncio.timeout(60):
            while len(said) < 2:
                said.append(await interpreter.text(await call.listen(timeout=40), language))
        await call.hang_up()
    assert "moment" in said[0].lower(), said


async def test_a_killed_app_process_is_not_noticed_on_the_line(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    language = Language.ENGLISH
    async with BaresipPhone(annie.sip_port) as phone:
        call = await phone.dial(annie.numbers[language.value])
        await call.listen()
        os.kill(annie.pids()["app"], signal.SIGKILL)
        heard = await ask(call, interpreter, "What are your opening hours on Saturday?", language)
        await call.hang_up()
    assert "9" in heard or "nine" in heard, heard
    annie.until_healthy(30)
    assert (await closed(annie))["endReason"] == "caller_hung_up"


async def test_callers_of_a_voice_process_that_stands_still_are_taken_over(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    language = Language.ENGLISH
    async with BaresipPhone(annie.sip_port) as phone:
        call = await phone.dial(annie.numbers[language.value])
        await call.listen()
        os.kill(annie.pids()["voice"], signal.SIGSTOP)
        sound = await call.listen(quiet=0.8, timeout=30)
        assert np.abs(sound.astype(int)).max() > AUDIBLE
        await call.listen(timeout=60)
        heard = await ask(call, interpreter, "What are your opening hours on Saturday?", language)
        await call.hang_up()
    assert "9" in heard or "nine" in heard, heard


async def test_a_killed_edge_process_keeps_its_calls(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    language = Language.FRENCH
    async with BaresipPhone(annie.sip_port) as phone:
        call = await phone.dial(annie.numbers[language.value])
        await call.listen()
        first = await ask(call, interpreter, "Quelle est votre adresse ?", language)
        os.kill(annie.pids()["edge"], signal.SIGKILL)
        call.forget()
        # She takes up where she was, and listens again.
        await call.listen(timeout=40)
        second = await ask(call, interpreter, "Quels sont vos horaires le samedi ?", language)
        assert not call.ended
        await call.hang_up()
    assert "adresse" in first, first
    assert "9" in second or "neuf" in second, second
    record = await closed(annie)
    assert record["endReason"] == "caller_hung_up"
    with annie.api as api:
        messages = api.get(f"/conversations/{record['conversationId']}/messages").json()["data"]
    assert len([message for message in messages if message["role"] == "user"]) == 2


async def test_a_locked_database_is_not_noticed_on_the_line(
    annie: AnnieServer, interpreter: Interpreter
) -> None:
    language = Language.ENGLISH
    locker = sqlite3.connect(annie.directory / "data" / "annie.db", isolation_level=None)
    async with BaresipPhone(annie.sip_port) as phone:
        call = await phone.dial(annie.numbers[language.value])
        await call.listen()
        locker.execute("BEGIN EXCLUSIVE")
        try:
            heard = await ask(call, interpreter, "Where are you located?", language)
            await call.hang_up()
        finally:
            locker.execute("ROLLBACK")
            locker.close()
    assert "street" in heard or "avenue" in heard or "address" in heard, heard
    record = await closed(annie)
    with annie.api as api:
        messages = api.get(f"/conversations/{record['conversationId']}/messages").json()["data"]
    assert [message["role"] for message in messages] == ["assistant", "user", "assistant"]
    assert record["endReason"] == "caller_hung_up"
