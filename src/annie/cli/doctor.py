"""``annie doctor``: tries what a call needs by using it, and says what to do about each fault."""

import asyncio
import contextlib
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import numpy as np

from annie.kit.database import Database
from annie.kit.language import Language, VoiceId
from annie.kit.settings import Settings
from annie.speech.engines.kokoro import KokoroTts
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.engines.silero import SileroVoiceActivity
from annie.speech.engines.whisper import WhisperRecognizer
from annie.speech.kokoro_models import VOICES
from annie.speech.models import ModelError
from annie.speech.protocols import VoiceStyle

CHECK_SECONDS = 60.0
#: A release of this project can't be older than itself: an earlier clock is a wrong clock.
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
MIN_FREE_BYTES = 1 << 30
SENTENCES = {
    Language.ENGLISH: ("We are open on Saturday.", "saturday"),
    Language.SPANISH: ("Abrimos el sábado por la mañana.", "sábado"),
    Language.FRENCH: ("Nous sommes ouverts le samedi.", "samedi"),
}


class Fault(Exception):  # noqa: N818 - what is found, not what went wrong with the looking
    """A check failed; the text says what was seen and what to do."""


@dataclass(slots=True, frozen=True)
class Check:
    """One thing that a call needs."""

    name: str
    run: Callable[[], Awaitable[str]]


def doctor(settings: Settings) -> int:
    """Run every check; 0 when all are well, else 1."""
    return asyncio.run(_examine(settings))


async def _examine(settings: Settings) -> int:
    engines = _Engines()
    checks = [
        Check("python", _python),
        Check("clock", _clock),
        Check("data directory", lambda: _data(settings)),
        Check("database", lambda: _database(settings)),
        Check("API port", lambda: _api_port(settings)),
        Check("SIP port", lambda: _sip_port(settings)),
        Check("RTP ports", lambda: _rtp_ports(settings)),
        Check("Unix socket", lambda: _unix_socket(settings)),
        Check("voice activity", engines.voice_activity),
        *(
            Check(f"speech {language.code}", lambda language=language: engines.round_trip(language))
            for language in Language
        ),
        Check("natural voices", lambda: engines.natural(settings)),
    ]
    faults = 0
    for check in checks:
        began = time.monotonic()
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                found = await check.run()
            mark = "ok   "
        except Fault as fault:
            mark, found = "FAULT", str(fault)
        except TimeoutError:
            mark, found = "FAULT", f"no result within {CHECK_SECONDS:.0f} s"
        except Exception as error:
            mark, found = "FAULT", f"{type(error).__name__}: {error}"
        faults += mark == "FAULT"
        print(f"{mark}  {check.name:<15} {found}  ({time.monotonic() - began:.2f} s)", flush=True)
    await engines.close()
    if faults:
        print(f"\n{faults} of {len(checks)} checks found a fault.", file=sys.stderr)
        return 1
    print(f"\nAll {len(checks)} checks passed.")
    return 0


async def _python() -> str:
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        raise Fault("this Python isn't 3.11 to 3.13; run `make PYTHON=/path/to/python3.12 serve`")
    return sys.version.split()[0]


async def _clock() -> str:
    now = datetime.now(UTC)
    if now < EARLIEST:
        raise Fault(f"the machine believes it is {now:%Y-%m-%d}; set its clock (NTP)")
    late: list[float] = []
    loop = asyncio.get_running_loop()
    for _ in range(50):
        wanted = loop.time() + 0.02
        await asyncio.sleep(0.02)
        late.append((loop.time() - wanted) * 1000)
    worst = sorted(late)[-2]
    if worst > 30:
        raise Fault(
            f"20 ms ticks came up to {worst:.0f} ms late: the machine is too busy or too small; "
            "stop other programs or give it more CPU"
        )
    return f"{now:%Y-%m-%d %H:%M:%S} UTC, ticks at most {worst:.1f} ms late"


async def _data(settings: Settings) -> str:
    settings.data.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.data) as file:
        file.write(b"annie")
        file.flush()
    free = shutil.disk_usage(settings.data).free
    if free < MIN_FREE_BYTES:
        raise Fault(f"{settings.data} has {free >> 20} MiB left; recordings need room: free some")
    return f"{settings.data}, {free >> 30} GiB free"


async def _database(settings: Settings) -> str:
    database = Database(settings.database_url)
    try:
        await database.migrate()
        if not await database.ping():
            raise Fault("the database does not answer within 2 s; see that its server runs")
    except Fault:
        raise
    except Exception as error:
        raise Fault(
            f"{error.__class__.__name__}: {error}. Check --database-url (ANNIE_DATABASE_URL) and "
            "that the server runs and lets us create tables"
        ) from error
    finally:
        await database.close()
    return settings.database_url.split("@")[-1]


async def _api_port(settings: Settings) -> str:
    at = f"{settings.host}:{settings.port}"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if await _is_annie(settings):
                return f"{at}: Annie is serving there"
            raise Fault(
                f"{at}: {error.strerror}; end what uses it or choose another with --port"
            ) from error
    return f"{at} is free"


async def _is_annie(settings: Settings) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        async with httpx.AsyncClient(timeout=2.0) as client:
            answer = await client.get(f"http://{settings.host}:{settings.port}/openapi.json")
            return answer.status_code == 200 and "Annie" in answer.text
    return False


async def _sip_port(settings: Settings) -> str:
    host, port = settings.sip
    for kind, name in ((socket.SOCK_DGRAM, "UDP"), (socket.SOCK_STREAM, "TCP")):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if await _is_annie(settings):
                    return f"{host}:{port}: Annie is answering there"
                raise Fault(
                    f"{host}:{port}/{name}: {error.strerror}; end what uses it, or choose another "
                    "with --sip HOST:PORT"
                ) from error
    return f"{host}:{port} is free for UDP and TCP"


async def _rtp_ports(settings: Settings) -> str:
    host, _ = settings.sip
    with contextlib.ExitStack() as held:
        for _ in range(20):
            probe = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            probe.bind((host, 0))
    return f"20 UDP sockets on {host}"


async def _unix_socket(settings: Settings) -> str:
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    path = settings.link_socket.with_suffix(".probe")
    server = await asyncio.start_unix_server(lambda _reader, writer: writer.close(), str(path))
    server.close()
    path.unlink(missing_ok=True)
    return str(settings.link_socket)


class _Engines:
    """The embedded engines, loaded once and tried on each other: she says it, she hears it."""

    def __init__(self) -> None:
        self._voice = NanoTts()
        self._recognizer = WhisperRecognizer()

    async def voice_activity(self) -> str:
        activity = SileroVoiceActivity()
        row = activity.open()
        silence = float(activity.probabilities([row], np.zeros((1, 256), np.float32))[0])
        if silence > 0.5:
            raise Fault(f"silence is taken for speech ({silence:.2f}); reinstall: make clean serve")
        return f"silence judged as speech with {silence:.2f}"

    async def round_trip(self, language: Language) -> str:
        sentence, word = SENTENCES[language]
        style = VoiceStyle(VoiceId.CALM_REASSURING)
        chunks = [chunk async for chunk in self._voice.synthesize(sentence, language, style)]
        recognition = self._recognizer.open(language)
        for chunk in chunks:
            recognition.feed(chunk)
        heard = await recognition.finish()
        recognition.close()
        if word not in heard.text.lower():
            raise Fault(f"said {sentence!r}, heard {heard.text!r}; reinstall: make clean serve")
        return f"said and heard {heard.text!r} in {heard.took_ms:.0f} ms"

    async def natural(self, settings: Settings) -> str:
        """Not having them is no fault."""
        try:
            engine = KokoroTts()
        except ModelError as error:
            return f"none, SVOX Pico says everything ({error})"
        try:
            for language in Language:
                chunks = engine.synthesize(SENTENCES[language][0], language, VoiceStyle())
                if not [chunk async for chunk in chunks]:
                    raise Fault(f"they are silent in {language.code}; run `make clean voices`")
        finally:
            await engine.close()
        kept = sum(path.stat().st_size for path in settings.voices_dir.glob("*.pcm")) >> 20
        use = "" if settings.natural_voices else ", not used (ANNIE_NATURAL_VOICES)"
        return f"Kokoro-82M, {len(VOICES)} speakers, {kept} MiB made ahead{use}"

    async def close(self) -> None:
        self._recognizer.close()
        await self._voice.close()
