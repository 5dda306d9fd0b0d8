"""All SQL of staff messages."""

from uuid import UUID

from sqlalchemy import func, select

from annie.kit.context import Context
from annie.kit.paging import Page, Paged, paged
from annie.kit.tenancy import unscoped, visible
from annie.messages.models import StaffMessage


class MessageRepository:
    """Messages that the principal reaches."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._principal = context.principal

    async def get(self, message_id: UUID) -> StaffMessage | None:
        return await self._session.scalar(
            visible(
                select(StaffMessage).where(StaffMessage.id == message_id),
                StaffMessage,
                self._principal,
            )
        )

    async def page(
        self, page: Page, *, org_id: UUID | None, status: str | None
    ) -> Paged[StaffMessage]:
        """Newest first."""
        statement = visible(select(StaffMessage), StaffMessage, self._principal)
        if org_id is not None:
            statement = statement.where(StaffMessage.org_id == org_id)
        if status is not None:
            statement = statement.where(StaffMessage.status == status)
        return await paged(self._session, statement.order_by(StaffMessage.id.desc()), page)

    async def count_undone(self, org_id: UUID) -> int:
        """How many the staff still has to see to."""
        statement = visible(
            select(func.count())
            .select_from(StaffMessage)
            .where(StaffMessage.org_id == org_id, StaffMessage.status != "DONE"),
            StaffMessage,
            self._principal,
        )
        return int(await self._session.scalar(statement) or 0)

    async def save(self) -> None:
        await self._session.flush()


class LiveMessages:
    """What a live call writes for the organization whose number was dialled."""

    def __init__(self, context: Context) -> None:
        self._session = context.session

    async def put(self, message: StaffMessage) -> None:
        """Store, unless a first try has: the staff may have seen to it since."""
        stored = unscoped(
            select(StaffMessage.id).where(StaffMessage.id == message.id),
            reason="a live call writes its own message",
        )
        if await self._session.scalar(stored) is None:
            self._session.add(message)
            await self._session.flush()
