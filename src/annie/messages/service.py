"""The rules of staff messages."""

from uuid import UUID

from annie.kit.context import Context
from annie.kit.errors import NotFoundError
from annie.kit.paging import Page, Paged
from annie.messages.models import StaffMessage
from annie.messages.repository import MessageRepository
from annie.messages.schemas import MessageStatus, MessageUpdate


class MessageService:
    """What a principal may do with the messages that it reaches."""

    def __init__(self, context: Context) -> None:
        self._repository = MessageRepository(context)

    async def get(self, message_id: UUID) -> StaffMessage:
        """Raises ``NotFoundError`` for what the principal doesn't reach."""
        message = await self._repository.get(message_id)
        if message is None:
            raise NotFoundError(f"there is no message {message_id}")
        return message

    async def page(
        self, page: Page, *, org_id: UUID | None, status: MessageStatus | None
    ) -> Paged[StaffMessage]:
        return await self._repository.page(page, org_id=org_id, status=status)

    async def update(self, message_id: UUID, body: MessageUpdate) -> StaffMessage:
        message = await self.get(message_id)
        message.status = body.status
        await self._repository.save()
        return message
