"""Numbers whose grace period is over go back to the carrier.

Who gives a number back claims it first for ``RETRY``, asks the carrier, and forgets it only
when the carrier agreed. So two of us never ask for the same number at once, a carrier that
fails is asked again later, and one who dies in between leaves a claim that runs out. Until
it is forgotten nobody else can get the number: no late request takes it from a new holder.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from annie.kit.clock import Clock
from annie.kit.database import Database
from annie.numbers.models import PhoneNumber
from annie.numbers.protocols import Carrier
from annie.numbers.repository import ExpiredNumbers

logger = logging.getLogger(__name__)

#: Seconds between two looks for numbers whose grace period is over.
INTERVAL = 60.0
#: How many are claimed at once.
BATCH = 20
#: Seconds that the carrier may take for one number.
CARRIER_SECONDS = 10.0
#: The same two where a request waits for it.
BATCH_WITHIN, CARRIER_SECONDS_WITHIN = 4, 2.0
#: After this a number that wasn't given back is tried again; more than a whole batch can take.
RETRY = timedelta(minutes=10)


class GiveBack:
    """Gives expired numbers back in transactions of its own, once or all the time."""

    def __init__(self, database: Database, carrier: Carrier, clock: Clock) -> None:
        self._database = database
        self._carrier = carrier
        self._clock = clock

    async def give_back_expired(self, now: datetime) -> int:
        """Give back what expired by ``now``; how many the carrier took.

        May be repeated and run by several processes at once. No transaction is open
        while the carrier is asked.
        """
        count = 0
        while True:
            async with self._database.session() as session:
                claimed = await ExpiredNumbers(session).claim(
                    now, now + RETRY, carrier=self._carrier.name, limit=BATCH
                )
            taken = await _ask(self._carrier, claimed, CARRIER_SECONDS)
            if taken:
                async with self._database.session() as session:
                    await ExpiredNumbers(session).forget(taken)
            count += len(taken)
            if len(claimed) < BATCH:
                return count

    async def run(self) -> None:
        """Look every ``INTERVAL`` until cancelled; whatever fails is tried again."""
        while True:
            try:
                await self.give_back_expired(self._clock.now())
            except Exception:  # such as a database that is away: the next look will do
                logger.warning("numbers_not_given_back", exc_info=True)
            await self._clock.sleep(INTERVAL)


async def give_back_within(
    session: AsyncSession, carrier: Carrier, now: datetime, *, prefix: str
) -> None:
    """Give back, inside a running transaction, expired numbers that begin with ``prefix``.

    For whoever wants one of them right now. If the transaction is rolled back the numbers
    are given back once more, which a carrier takes.
    """
    expired = ExpiredNumbers(session)
    claimed = await expired.claim(
        now, now + RETRY, carrier=carrier.name, limit=BATCH_WITHIN, prefix=prefix
    )
    if taken := await _ask(carrier, claimed, CARRIER_SECONDS_WITHIN):
        await expired.forget(taken)


async def _ask(carrier: Carrier, claimed: Sequence[PhoneNumber], seconds: float) -> list[UUID]:
    """Those that the carrier took back; each may take ``seconds``."""
    taken: list[UUID] = []
    for row in claimed:
        try:
            async with asyncio.timeout(seconds):
                await carrier.release(row.number)
        except Exception:  # a carrier may fail in any way; the claim brings us back to it
            logger.warning("number_not_given_back", exc_info=True, extra={"number_id": row.id})
            continue
        logger.info("number_given_back", extra={"number_id": row.id})
        taken.append(row.id)
    return taken
