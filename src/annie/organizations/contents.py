"""What keeps an organization from being deleted.

Whatever still works, waits for somebody or costs money must be put away first by whoever
wants the organization gone. Records of what is over go with it.
"""

from uuid import UUID

from annie.bots.repository import BotRepository
from annie.conversations.repository import ConversationRepository
from annie.kit.context import Context
from annie.kit.errors import FieldError
from annie.kit.paging import Page
from annie.messages.repository import MessageRepository
from annie.numbers.repository import NumberRepository
from annie.organizations.repository import OrganizationRepository

#: How many of a kind are named one by one.
_NAMED = 5


async def obstacles(context: Context, org_id: UUID) -> list[FieldError]:
    """What must go before the organization may, and how; empty when it may go."""
    return [
        *await _children(context, org_id),
        *await _bots(context, org_id),
        *await _numbers(context, org_id),
        *await _conversations(context, org_id),
        *await _messages(context, org_id),
    ]


async def _children(context: Context, org_id: UUID) -> list[FieldError]:
    if not await OrganizationRepository(context).has_children(org_id):
        return []
    return [FieldError("organizations", "it has child organizations: delete those first")]


async def _bots(context: Context, org_id: UUID) -> list[FieldError]:
    found = await BotRepository(context).page(Page(limit=_NAMED), org_id=org_id)
    names = _named([bot.name for bot in found.rows], found.total)
    return [FieldError("bots", f"it has bots: delete {names}")] if found.rows else []


async def _numbers(context: Context, org_id: UUID) -> list[FieldError]:
    rows = await NumberRepository(context).of_organization(org_id)
    active = [row.number for row in rows if row.status == "ACTIVE"]
    released = [row for row in rows if row.status != "ACTIVE"]
    found: list[FieldError] = []
    if active:
        said = f"it has active phone numbers: release {_named(active, len(active))}"
        found.append(FieldError("phoneNumbers", said))
    if released:
        names = _named([row.number for row in released], len(released))
        until = max(row.restorable_until for row in released if row.restorable_until)
        said = f"it has released phone numbers that the carrier still keeps for it: {names}; "
        if until > context.clock.now():
            said += f"they can be restored, or wait until {until:%Y-%m-%d %H:%M} UTC"
        else:
            said += "they are being given back, try again in a few minutes"
        found.append(FieldError("phoneNumbers", said))
    return found


async def _conversations(context: Context, org_id: UUID) -> list[FieldError]:
    count = await ConversationRepository(context).count_open(org_id)
    said = f"{count} of its conversations are open: wait for calls to end, archive the others"
    return [FieldError("conversations", said)] if count else []


async def _messages(context: Context, org_id: UUID) -> list[FieldError]:
    count = await MessageRepository(context).count_undone(org_id)
    said = f"{count} of its messages aren't done: read them and set their status to DONE"
    return [FieldError("messages", said)] if count else []


def _named(names: list[str], total: int) -> str:
    more = total - _NAMED
    listed = ", ".join(names[:_NAMED])
    return f"{listed} and {more} more" if more > 0 else listed
