"""``annie keys``: API keys made beside the API, for whoever has none yet."""

import asyncio
import sys
from uuid import UUID

from annie.api.credentials.schemas import CredentialCreate
from annie.api.credentials.service import CredentialService
from annie.kit.context import Context
from annie.kit.database import Database, DatabaseError
from annie.kit.errors import ApiError
from annie.kit.principal import Permission, Principal
from annie.kit.settings import Settings
from annie.organizations.service import OrganizationService


def create_key(settings: Settings, org: str, name: str, permissions: str) -> int:
    """Print one new API key, alone on standard output. Returns 0, or 2 with the reason said."""
    try:
        org_id = UUID(org)
    except ValueError:
        return _refused(f"--org {org!r} is no organization id; it looks like a UUID")
    try:
        wanted = [Permission(each.strip()) for each in permissions.split(",")]
    except ValueError:
        return _refused(f"--permissions {permissions!r}: name some of read, write, admin")
    if not name.strip():
        return _refused("--name must not be blank")
    try:
        print(asyncio.run(_create(settings, org_id, name, wanted)))
    except (ApiError, DatabaseError) as error:
        return _refused(str(error))
    return 0


async def _create(settings: Settings, org_id: UUID, name: str, wanted: list[Permission]) -> str:
    database = Database(settings.database_url)
    try:
        await database.migrate()
        async with database.session() as session:
            context = Context(session, Principal.acting_for(org_id))
            await OrganizationService(context).get(org_id)
            body = CredentialCreate(name=name, permissions=wanted)
            _, secret = await CredentialService(context).create_key(body)
            return secret
    finally:
        await database.close()


def _refused(why: str) -> int:
    print(f"annie: {why}", file=sys.stderr)
    return 2
