"""The rules of conversations."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from uuid import UUID

from annie.bots.service import BotService
from annie.conversations.models import Conversation, Utterance
from annie.conversations.repository import ConversationRepository
from annie.conversations.schemas import ConversationCreate, ConversationStatus, Role
from annie.kit.context import Context
from annie.kit.errors import ConflictError, NotFoundError
from annie.kit.ids import new_id
from annie.kit.paging import Page, Paged

#: What a conversation by text may last at most; longer wishes are shortened to it.
MAX_OPEN_MINUTES = 7 * 24 * 60


class ConversationService:
    """What a principal may do with the conversations that it reaches."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._repository = ConversationRepository(context)

    async def create(self, body: ConversationCreate) -> Conversation:
        """A conversation by text with the messages that it begins with."""
        bot = await BotService(self._context).get(body.bot_id)
        now = self._context.clock.now()
        conversation = Conversation(
            id=new_id(),
            org_id=bot.org_id,
            bot_id=bot.id,
            medium=body.medium,
            status=ConversationStatus.OPEN,
            to_number=body.to_number,
            start_time=now,
            idle_timeout_minutes=_clamped(body.idle_timeout_minutes),
            max_open_minutes=_clamped(body.max_open_minutes),
        )
        await self._repository.add(conversation)
        for message in body.messages:
            await self._repository.add(
                Utterance(
                    id=new_id(),
                    org_id=bot.org_id,
                    conversation_id=conversation.id,
                    role=Role.USER,
                    content=message.input,
                    at=now,
                )
            )
        return conversation

    async def get(self, conversation_id: UUID) -> Conversation:
        """Raises ``NotFoundError`` for what the principal doesn't reach."""
        conversation = await self._repository.get(conversation_id)
        if conversation is None:
            raise NotFoundError(f"there is no conversation {conversation_id}")
        return conversation

    async def page(
        self,
        page: Page,
        *,
        org_id: UUID | None,
        bot_id: UUID | None,
        include_archived: bool,
        include_children: bool,
    ) -> Paged[Conversation]:
        return await self._repository.page(
            page,
            org_id=org_id,
            bot_id=bot_id,
            include_archived=include_archived,
            include_children=include_children,
        )

    async def messages(self, conversation_id: UUID) -> list[Utterance]:
        """In the order in which they were said."""
        await self.get(conversation_id)
        return await self._repository.utterances(conversation_id)

    async def archive(self, conversation_id: UUID) -> Conversation:
        """Put away a conversation that is over.

        Raises:
            ConflictError: somebody is still on the line.
        """
        conversation = await self.get(conversation_id)
        if conversation.medium == "VOICE" and conversation.status == ConversationStatus.OPEN:
            raise ConflictError(
                "the call is still going on; archive it when it is over",
                code="conversation_open",
            )
        conversation.status = ConversationStatus.ARCHIVED
        await self._repository.save()
        return conversation

    async def recording(self, conversation_id: UUID, directory: Path) -> Path:
        """The recording's file; raises ``NotFoundError`` where there is none."""
        conversation = await self.get(conversation_id)
        path = directory / f"{conversation.id}.flac"
        if not path.is_file():
            why = (
                "it is still being made"
                if conversation.status == ConversationStatus.OPEN
                else "the bot doesn't record, or nothing was said"
            )
            raise NotFoundError(f"conversation {conversation_id} has no recording: {why}")
        return path


def erase_recordings(directory: Path, conversations: Collection[UUID]) -> None:
    """Delete whatever was recorded of ``conversations``, finished or not."""
    erased = {str(each) for each in conversations}
    if not erased or not directory.is_dir():
        return
    for path in directory.iterdir():
        if path.name.partition(".")[0] in erased:
            path.unlink(missing_ok=True)


def duration_of(conversation: Conversation) -> float | None:
    """Seconds from first to last, of what is over."""
    return _seconds(conversation.start_time, conversation.end_time)


def _seconds(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else round((end - start).total_seconds(), 3)


def _clamped(minutes: int | None) -> int | None:
    return None if minutes is None else min(minutes, MAX_OPEN_MINUTES)
