"""The other end of the line: one process that dials, listens and speaks.

The same user agent and media engine as the edge's, without a link: for a caller in
the terminal, for probes and for tests.
"""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from typing import Final, assert_never

from annie.edge.access import AccessList
from annie.edge.media import BatchEntry, MediaEngine
from annie.edge.rtp.digits import DigitSender, Press
from annie.edge.rtp.ports import PortRange
from annie.edge.sip import events as sip
from annie.edge.sip.user_agent import UserAgent, UserAgentConfig
from annie.edge.transport import SipTransport
from annie.kit.clock import Clock, SystemClock
from annie.kit.link import FLAG_LOST, FRAME_BYTES, MediaFigures

#: Frames kept for an iterator that doesn't keep up (10 s); the oldest go first.
MAX_UNREAD: Final = 500
#: Seconds that the far end has to acknowledge our BYE.
GOODBYE: Final = 0.5

_URI = re.compile(
    r"sips?:(?:[^@\s]*@)?(?P<host>\[[^\]]+\]|[^:;?\s]+)(?::(?P<port>\d{1,5}))?(?=[;?]|$)",
    re.IGNORECASE,
)


class CallFailed(Exception):  # noqa: N818
    """The call wasn't answered; the message is the far end's status line or our own reason."""


class Caller:
    """One outbound call at a time.

    ``on_frame(pcm, lost)`` is told every 20 ms what was heard: 320 bytes of 16-bit PCM
    at 8 kHz, made up where ``lost``. ``on_digit(digit)`` is told of keys pressed over there.
    """

    def __init__(
        self,
        on_frame: Callable[[bytes, bool], None] = lambda pcm, lost: None,
        on_digit: Callable[[str], None] = lambda digit: None,
        clock: Clock | None = None,
    ) -> None:
        self._on_frame = on_frame
        self._on_heard_digit = on_digit
        self._clock = clock or SystemClock()
        self._agent = UserAgent(UserAgentConfig(user_agent="Annie caller", max_calls=4))
        self._sip: SipTransport | None = None
        self._media: MediaEngine | None = None
        self._host = ""
        self._call: int | None = None
        self._answered: asyncio.Future[None] | None = None
        self._ended: asyncio.Future[tuple[str, str]] | None = None
        self._epoch = 0
        self._unread: asyncio.Queue[bytes | None] | None = None
        #: Set once the far end has said 180.
        self.ringing = asyncio.Event()

    async def __aenter__(self) -> "Caller":
        if self._sip is None:
            await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Bind SIP and make ready for RTP at ``host``. Raises ``OSError``."""
        self._sip = SipTransport(self._agent, self._on_sip, AccessList(), self._clock)
        await self._sip.start(host, port)
        self._host = self._sip.host
        self._media = MediaEngine(PortRange(host, 0, 0), self)

    async def dial(
        self,
        target: str,
        *,
        from_user: str = "caller",
        via: tuple[str, int] | None = None,
        transport: sip.Transport = "udp",
        timeout: float = 30.0,
    ) -> None:
        """Call a SIP URI and return when it is answered.

        ``via`` (host, port) is where to send the INVITE, by default the URI's own host.

        Raises:
            ValueError: ``target`` is no SIP URI.
            OSError: its host has no address.
            CallFailed: refused, or not answered within ``timeout`` seconds.
        """
        assert self._sip is not None and self._media is not None, "start() comes first"  # noqa: PT018, S101
        if self._call is not None:
            raise CallFailed("another call is going on")
        host, port = via or _address(target)
        address = await asyncio.wait_for(_resolve(host, port), timeout)
        destination = sip.Endpoint(transport, address, port)
        loop = asyncio.get_running_loop()
        self._answered, self._ended = loop.create_future(), loop.create_future()
        self._epoch = 0
        self.ringing.clear()
        # Media is keyed by one number of our own: the user agent's is only known afterwards.
        media_port = self._media.open(0)
        try:
            self._call = self._agent.invite(
                target, destination, from_user, self._host, media_port, self._clock.monotonic()
            )
        except ValueError:
            self._media.close(0)
            raise
        self._sip.flush()
        try:
            async with asyncio.timeout(timeout):
                await asyncio.wait(
                    {self._answered, self._ended}, return_when=asyncio.FIRST_COMPLETED
                )
        except TimeoutError:
            self.hang_up()
            raise CallFailed(f"not answered within {timeout:g} s") from None
        if not self._answered.done():
            raise CallFailed(self._ended.result()[1])

    def play(self, pcm: bytes) -> None:
        """Say 16-bit PCM behind what is queued; it is padded to whole frames of 20 ms."""
        if self._media is not None:
            padding = -len(pcm) % FRAME_BYTES
            self._media.play(0, self._epoch, pcm + bytes(padding))

    @property
    def queued_frames(self) -> int:
        """Frames that are still to be said."""
        return self._media.queued(0) if self._media is not None else 0

    def flush(self) -> None:
        """Stop speaking."""
        if self._media is not None and self._media.flush(0, self._epoch) is not None:
            self._epoch += 1

    def send_digits(self, digits: str) -> None:
        """Press keys. Raises ``ValueError`` for what no telephone key has."""
        DigitSender(digits)
        if self._media is not None:
            self._media.send_digits(0, digits)

    def hang_up(self, *, after_playout: bool = False) -> None:
        """End the call, at once or when everything was said. Nothing happens without one."""
        if self._call is None or self._sip is None or self._media is None:
            return
        if after_playout:
            self._media.hang_up_after_playout(0)
            return
        self._agent.hang_up(self._call, self._clock.monotonic())
        self._sip.flush()

    async def wait_ended(self) -> tuple[str, str]:
        """``(by, reason)`` of the end: ``by`` is ``caller`` for the far end, ``annie`` for us."""
        assert self._ended is not None, "dial() comes first"  # noqa: S101
        return await asyncio.shield(self._ended)

    @property
    def ended(self) -> bool:
        """Whether the call that was dialled is over."""
        return self._ended is not None and self._ended.done()

    @property
    def statistics(self) -> MediaFigures | None:
        """Packets of the call so far; ``None`` without one."""
        return self._media.statistics(0) if self._media is not None else None

    async def frames(self) -> AsyncIterator[bytes]:
        """What is heard from now on, 20 ms each, until the call ends."""
        unread: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_UNREAD)
        self._unread = unread
        if self.ended:
            return
        while (pcm := await unread.get()) is not None:
            yield pcm

    async def close(self) -> None:
        """Hang up if need be and free the sockets."""
        if self._call is not None:
            self.hang_up()
            await asyncio.sleep(GOODBYE)
        if self._sip is not None:
            await self._sip.close()
        if self._media is not None:
            self._media.shut()
        self._sip = self._media = None

    def on_batch(self, tick: int, entries: list[BatchEntry]) -> None:
        """For the media engine."""
        for _, _, _, flags, pcm in entries:
            self._keep_unread(pcm)
            self._on_frame(pcm, bool(flags & FLAG_LOST))

    def on_digit(self, call: int, press: Press) -> None:
        """For the media engine."""
        self._on_heard_digit(press.digit)

    def on_played_out(self, call: int) -> None:
        """For the media engine."""
        self.hang_up()

    def on_media_lost(self, call: int) -> None:
        """For the media engine."""
        self.hang_up()

    def _keep_unread(self, pcm: bytes | None) -> None:
        unread = self._unread
        if unread is None:
            return
        if unread.full():
            unread.get_nowait()
        unread.put_nowait(pcm)

    def _on_sip(self, event: sip.Event) -> None:
        match event:
            case sip.IncomingCall():
                self._agent.reject(event.call, 480, "Not Taking Calls", self._clock.monotonic())
            case sip.TransferProgress():
                pass
            case sip.CallProgress():
                if event.status == 180:
                    self.ringing.set()
            case sip.CallEstablished():
                self._established(event)
            case sip.MediaChanged():
                if self._media is not None:
                    self._media.describe(0, event.media)
            case sip.DigitPressed():
                self._on_heard_digit(event.digit)
            case sip.CallEnded():
                self._over(event)
            case _:
                assert_never(event)

    def _established(self, event: sip.CallEstablished) -> None:
        if event.call != self._call or self._media is None:
            return
        if event.media is not None:
            self._media.describe(0, event.media)
        self._media.begin(0)
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)

    def _over(self, event: sip.CallEnded) -> None:
        if event.call != self._call:
            return
        self._call = None
        if self._media is not None:
            self._media.close(0)
        self._keep_unread(None)
        if self._ended is not None and not self._ended.done():
            self._ended.set_result((event.by, event.reason))


def _address(target: str) -> tuple[str, int]:
    found = _URI.match(target)
    if found is None or int(found["port"] or 5060) > 65535:
        raise ValueError(f"{target!r} is no SIP URI; an example is sip:+13055550100@127.0.0.1:5060")
    return found["host"].strip("[]"), int(found["port"] or 5060)


async def _resolve(host: str, port: int) -> str:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
    return str(found[0][4][0])
