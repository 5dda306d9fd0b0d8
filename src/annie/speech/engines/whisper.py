"""Recognition by Whisper on CTranslate2, on the actual length of speech.

Whisper's usual path pads every utterance to 30 s and pays for it: over a second on one
core. Here the encoder sees the speech and a second of silence, at least 8 s in all, in
int8 on one thread. Less than that makes the decoder repeat itself.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, cast

import ctranslate2
import numpy as np
import numpy.typing as npt
import soxr
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from annie.kit.language import Language
from annie.speech.engines.whisper_guards import Decoded, guarded
from annie.speech.models import ModelError, whisper_model
from annie.speech.protocols import Pcm, SpeechError, Transcript

logger = logging.getLogger(__name__)

Float = npt.NDArray[np.float32]

_RATE: Final = 8000
_MODEL_RATE: Final = 16000
_PADDING_S: Final = 1.0
_LEAST_S: Final = 8.0
_PIECE_S: Final = 28.0
_CUT_SEARCH_S: Final = 4.0
#: Three to seven more words in a hundred are right than by the best guess alone, for 20 ms.
_BEAM: Final = 5
_TOKENS_A_SECOND: Final = 12
_GRACE_TOKENS: Final = 16
_HINT_TOKENS: Final = 60
_LEAST_SPEECH_S: Final = 0.1

#: A telephone conversation's first line: what the model takes for the text so far.
_CONTEXT: Final = {
    Language.ENGLISH: "Hello, thank you for calling. How can I help you?",
    Language.SPANISH: "Hola, gracias por llamar. ¿En qué puedo ayudarle?",
    Language.FRENCH: "Bonjour, merci de votre appel. Comment puis-je vous aider ?",
}


class WhisperRecognizer:
    """``SpeechToText`` for all calls of a process.

    ``model`` is a directory or hub id, by default what ``whisper_model`` says.
    ``workers`` utterances are decoded at a time, by default one for each processor but
    one, at least two; each on one thread (two threads on one utterance are slower than
    one). At most ``queue`` more may wait.
    """

    def __init__(
        self, model: str | None = None, *, workers: int | None = None, queue: int = 64
    ) -> None:
        self._name = model
        self._workers = workers or min(8, max(2, (os.cpu_count() or 2) - 1))
        self._room = threading.Semaphore(self._workers + queue)
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="whisper")
        self._loading = threading.Lock()
        self._jobs = 0
        self._model: _Model | None = None

    @property
    def idle(self) -> bool:
        """Whether no utterance is being decoded or waits."""
        return not self._jobs

    async def warm(self) -> None:
        """Load the model and decode once, so that the first caller doesn't wait for it.

        Raises:
            ModelError: the model is missing or can't be loaded.
        """
        silence = np.zeros(_RATE, np.int16)
        for language in Language:
            await self.run(_Job(silence, language, ()))

    def open(self, language: Language, hints: Sequence[str] = ()) -> "WhisperRecognition":
        """Begin an utterance in ``language``; ``hints`` are words likely to occur."""
        return WhisperRecognition(self, language, tuple(hints))

    async def guess_language(self, pcm: Pcm) -> Language:
        """Which of our languages ``pcm`` is most likely spoken in.

        Raises:
            SpeechError: the engine failed.
        """
        try:
            return await asyncio.wrap_future(
                self._pool.submit(lambda: self._load().guess_language(pcm))
            )
        except RuntimeError as error:
            raise SpeechError(f"the language can't be told: {error}") from error

    async def run(self, job: "_Job") -> Transcript:
        """Queue a job and wait for it; cancelling skips it, or what is left of it.

        Raises:
            SpeechError: the queue is full, or the engine failed.
        """
        if not self._room.acquire(blocking=False):
            raise SpeechError("recognizer overloaded: too many utterances are waiting")
        try:
            future: Future[Transcript] = self._pool.submit(self._work, job)
        except RuntimeError as error:
            self._room.release()
            raise SpeechError("the recognizer is closed") from error
        future.add_done_callback(lambda _: self._room.release())
        self._jobs += 1
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            job.cancelled.set()
            raise
        finally:
            self._jobs -= 1

    def close(self) -> None:
        """Drop what waits and let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, job: "_Job") -> Transcript:
        if job.cancelled.is_set():
            return Transcript("", job.language, 0.0)
        try:
            return self._load().transcribe(job)
        except SpeechError:
            raise
        except Exception as error:
            logger.exception("recognition_failed")
            raise SpeechError(f"recognition failed: {error}") from error

    def _load(self) -> "_Model":
        with self._loading:
            if self._model is None:
                self._model = _Model(self._name or whisper_model(), self._workers)
            return self._model


class WhisperRecognition:
    """One utterance; ``finish`` decodes everything fed so far."""

    def __init__(
        self, recognizer: WhisperRecognizer, language: Language, hints: tuple[str, ...]
    ) -> None:
        self._recognizer = recognizer
        self._language = language
        self._hints = hints
        self._audio: list[Pcm] = []
        self._job: _Job | None = None

    def feed(self, pcm: Pcm) -> None:
        self._audio.append(pcm)

    @property
    def partial(self) -> str:
        """Always empty: decoding again and again while one speaks costs most of a core."""
        return ""

    async def finish(self) -> Transcript:
        audio = np.concatenate(self._audio) if self._audio else np.zeros(0, np.int16)
        self._job = _Job(audio, self._language, self._hints)
        return await self._recognizer.run(self._job)

    def close(self) -> None:
        self._audio.clear()
        if self._job is not None:
            self._job.cancelled.set()


class _Job:
    """Audio to decode (int16, 8 kHz) and whether anybody still wants the text."""

    def __init__(self, audio: Pcm, language: Language, hints: tuple[str, ...]) -> None:
        self.audio = audio
        self.language = language
        self.hints = hints
        self.cancelled = threading.Event()


@dataclass(slots=True, frozen=True)
class _Prompt:
    tokenizer: Tokenizer
    before: list[int]


class _Model:
    """The loaded model; used by several threads at once (CTranslate2 releases the GIL)."""

    def __init__(self, name: str, workers: int) -> None:
        try:
            self._whisper = WhisperModel(
                name, device="cpu", compute_type="int8", cpu_threads=1, num_workers=workers
            )
        except Exception as error:
            raise ModelError(
                f"the speech model {name!r} can't be loaded ({error}): ANNIE_WHISPER_MODEL must "
                "name a CTranslate2 Whisper directory or a hub id such as "
                "Systran/faster-whisper-base, or be unset for the embedded model"
            ) from error
        self._tokenizers = {
            language: Tokenizer(
                self._whisper.hf_tokenizer,
                self._whisper.model.is_multilingual,
                task="transcribe",
                language=language.code,
            )
            for language in Language
        }

    def transcribe(self, job: _Job) -> Transcript:
        begun = time.monotonic()
        prompt = self._prompt(job.language, job.hints)
        texts: list[str] = []
        confidences: list[tuple[float, float]] = []
        for piece in pieces(job.audio):
            if job.cancelled.is_set():
                break
            decoded = self._decode(piece, prompt, job)
            text = guarded(decoded) if decoded else ""
            if decoded and text:
                texts.append(text)
                confidences.append((confidence(decoded.avg_logprob), decoded.seconds))
        total = sum(weight for _, weight in confidences)
        return Transcript(
            text=" ".join(texts),
            language=job.language,
            confidence=sum(c * weight for c, weight in confidences) / total if total else 0.0,
            took_ms=(time.monotonic() - begun) * 1000,
        )

    def guess_language(self, audio: Pcm) -> Language:
        piece = pieces(audio)[0] if len(audio) else np.zeros(_RATE, np.int16)
        guessed = cast(Any, self._whisper.model.detect_language(self._encode(piece)))[0]
        likelihood = {str(token).strip("<|>"): float(share) for token, share in guessed}
        return max(Language, key=lambda language: likelihood.get(language.code, 0.0))

    def _encode(self, audio: Pcm) -> Any:
        features = self._whisper.feature_extractor(model_input(audio), padding=0)
        return self._whisper.model.encode(
            ctranslate2.StorageView.from_array(
                np.ascontiguousarray(features[np.newaxis].astype(np.float32))
            )
        )

    def _decode(self, audio: Pcm, prompt: _Prompt, job: _Job) -> Decoded | None:
        seconds = len(audio) / _RATE
        if seconds < _LEAST_SPEECH_S:
            return None
        encoded = self._encode(audio)
        if job.cancelled.is_set():
            return None
        tokenizer = prompt.tokenizer
        start = [*prompt.before, *tokenizer.sot_sequence, tokenizer.no_timestamps]
        result = cast(
            Any,
            self._whisper.model.generate(
                encoded,
                [start],
                beam_size=_BEAM,
                max_length=min(448, len(start) + _GRACE_TOKENS + int(seconds * _TOKENS_A_SECOND)),
                return_scores=True,
                return_no_speech_prob=True,
            ),
        )[0]
        tokens: list[int] = result.sequences_ids[0]
        length = len(tokens)
        return Decoded(
            text=tokenizer.decode(tokens).strip(),
            # The score leaves the end token out of the count; the model's own figure doesn't.
            avg_logprob=float(result.scores[0]) * length / (length + 1),
            no_speech=float(result.no_speech_prob),
            seconds=seconds,
        )

    def _prompt(self, language: Language, hints: tuple[str, ...]) -> _Prompt:
        """Hints go in as the text before: it biases without being able to force a word."""
        tokenizer = self._tokenizers[language]
        if not hints:
            return _Prompt(tokenizer, [])
        words = ", ".join(dict.fromkeys(hint.strip(" .,;?!¿¡") for hint in hints))
        expected = tokenizer.encode(f" {words}.")[:_HINT_TOKENS]
        opening = tokenizer.encode(f" {_CONTEXT[language]}")
        return _Prompt(tokenizer, [tokenizer.sot_prev, *opening, *expected])


def model_input(audio: Pcm) -> Float:
    """Float samples at 16 kHz, at an even loudness, padded as the encoder needs it."""
    samples = audio.astype(np.float32) / 32768
    peak = float(np.abs(samples).max(initial=0.0))
    # A tenfold gain reaches the quietest callers; more would make speech of line noise.
    samples = samples * min(10.0, 0.5 / max(peak, 1e-6))
    wide = cast(Float, soxr.resample(samples, _RATE, _MODEL_RATE))
    wanted = max(int(_LEAST_S * _MODEL_RATE), len(wide) + int(_PADDING_S * _MODEL_RATE))
    return np.pad(wide, (0, wanted - len(wide)))


def pieces(audio: Pcm) -> list[Pcm]:
    """``audio`` in pieces of at most 28 s, cut where it is quietest.

    The model hears 30 s at most.
    """
    found: list[Pcm] = []
    limit = int(_PIECE_S * _RATE)
    while len(audio) > limit:
        start = limit - int(_CUT_SEARCH_S * _RATE)
        frame = _RATE // 20
        region = audio[start:limit].astype(np.float32).reshape(-1, frame)
        cut = start + (int(np.argmin((region**2).mean(axis=1))) * frame) + frame // 2
        found.append(audio[:cut])
        audio = audio[cut:]
    found.append(audio)
    return found


def confidence(avg_logprob: float) -> float:
    """0 to 1: the mean probability of a token."""
    return min(1.0, max(0.0, float(np.exp(avg_logprob))))
