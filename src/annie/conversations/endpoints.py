"""Routes of conversations."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request
from fastapi.responses import FileResponse

from annie.conversations.models import Conversation, Utterance
from annie.conversations.schemas import (
    ConversationCreate,
    ConversationList,
    ConversationOut,
    MessageOut,
    TurnList,
    TurnOut,
)
from annie.conversations.service import ConversationService, duration_of
from annie.kit.routing import RequestContext, RequestedPage, guarded_router
from annie.kit.schemas import Success

router = guarded_router("/conversations", "Conversations")

ConversationId = Annotated[UUID, Path(alias="conversationId")]

_AUDIO = {
    "description": "FLAC, 8 kHz stereo: the caller left, Annie right. Ranges are honoured.",
    "content": {"audio/flac": {"schema": {"type": "string", "format": "binary"}}},
}


@router.post("", status_code=201, summary="Create conversation")
async def create_conversation(
    body: ConversationCreate, context: RequestContext
) -> Success[ConversationOut]:
    """By text (CHAT or SMS); calls make their own."""
    return Success(data=_out(await ConversationService(context).create(body)))


@router.get("", summary="List conversations")
async def list_conversations(
    context: RequestContext,
    page: RequestedPage,
    org_id: Annotated[UUID | None, Query(alias="orgId")] = None,
    bot_id: Annotated[UUID | None, Query(alias="botId")] = None,
    include_archived: Annotated[bool, Query(alias="includeArchived")] = False,
    include_children: Annotated[bool, Query(alias="includeChildren")] = False,
) -> Success[ConversationList]:
    """Newest first."""
    found = await ConversationService(context).page(
        page,
        org_id=org_id,
        bot_id=bot_id,
        include_archived=include_archived,
        include_children=include_children,
    )
    return Success(
        data=ConversationList(
            conversations=[_out(row) for row in found.rows], pagination=found.pagination
        )
    )


@router.get("/{conversationId}", summary="Get conversation")
async def get_conversation(
    conversation_id: ConversationId, context: RequestContext
) -> Success[ConversationOut]:
    return Success(data=_out(await ConversationService(context).get(conversation_id)))


@router.get("/{conversationId}/messages", summary="List conversation messages")
async def list_messages(
    conversation_id: ConversationId, context: RequestContext
) -> Success[list[MessageOut]]:
    """In the order in which they were said; what the caller didn't hear is left out."""
    found = await ConversationService(context).messages(conversation_id)
    return Success(data=[_message(row) for row in found])


@router.get("/{conversationId}/turns", summary="List turns with their timings")
async def list_turns(conversation_id: ConversationId, context: RequestContext) -> Success[TurnList]:
    found = await ConversationService(context).messages(conversation_id)
    return Success(data=TurnList(turns=[_turn(row) for row in found]))


@router.post("/{conversationId}/archive", summary="Archive conversation")
async def archive_conversation(
    conversation_id: ConversationId, context: RequestContext
) -> Success[ConversationOut]:
    return Success(data=_out(await ConversationService(context).archive(conversation_id)))


@router.get(
    "/{conversationId}/recording",
    summary="Get recording",
    response_class=FileResponse,
    responses={200: _AUDIO, 206: _AUDIO, 416: {"description": "No such range."}},
)
async def get_recording(
    conversation_id: ConversationId, context: RequestContext, request: Request
) -> FileResponse:
    path = await ConversationService(context).recording(
        conversation_id, request.app.state.recordings_dir
    )
    return FileResponse(path, media_type="audio/flac", filename=path.name)


def _out(row: Conversation) -> ConversationOut:
    values = {
        name: getattr(row, name)
        for name in ConversationOut.model_fields
        if name not in ("conversation_id", "duration", "has_recording")
    }
    return ConversationOut.model_validate(
        {
            **values,
            "conversation_id": row.id,
            "duration": duration_of(row),
            "has_recording": row.recorded,
        }
    )


def _message(row: Utterance) -> MessageOut:
    return MessageOut.model_validate(
        {
            "id": row.id,
            "content": row.content,
            "role": row.role,
            "conversation_id": row.conversation_id,
            "created_at": row.at,
        }
    )


def _turn(row: Utterance) -> TurnOut:
    return TurnOut.model_validate(
        {
            "message_id": row.id,
            "role": row.role,
            "content": row.content,
            "at": row.at,
            "interrupted": row.interrupted,
            "digits": row.digits,
            "timings": row.timings,
        }
    )
