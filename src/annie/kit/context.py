"""What a service works with: one transaction, who asks, and the time."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from annie.kit.clock import Clock, SystemClock
from annie.kit.principal import Principal


@dataclass(slots=True, frozen=True)
class Context:
    """Handed to repositories and services. The session is committed by whoever opened it."""

    session: AsyncSession
    principal: Principal
    clock: Clock = field(default_factory=SystemClock)
