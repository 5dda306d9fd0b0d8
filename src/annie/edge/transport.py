"""The asyncio driver of the user agent: UDP and TCP on one port, one timer."""

from collections.abc import Callable

from annie.edge.access import AccessList
from annie.edge.sip.events import Event
from annie.edge.sip.user_agent import UserAgent
from annie.kit.clock import Clock


class SipTransport:
    """Binds, frames, filters, sends; calls ``on_event`` on the loop for every event.

    After commanding the user agent (``answer``, ``hang_up``, …) call ``flush``:
    it sends what the command produced and re-arms the timer.
    """

    def __init__(
        self,
        user_agent: UserAgent,
        on_event: Callable[[Event], None],
        access: AccessList,
        clock: Clock,
    ) -> None: ...

    @property
    def port(self) -> int:
        """The bound port, the same for UDP and TCP."""
        raise NotImplementedError

    async def start(self, host: str, port: int) -> None:
        """Bind UDP and TCP at ``host:port``; port 0 takes a free one for both.

        Raises:
            OSError: the address can't be bound.
        """

    def flush(self) -> None:
        """Send pending outputs, deliver pending events, re-arm the timer."""

    async def close(self) -> None:
        """Close sockets and connections; calls are not hung up."""
