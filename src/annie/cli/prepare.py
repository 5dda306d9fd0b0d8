"""Migrates and seeds the database, for ``annie serve``: prints what to show as one JSON object."""

import argparse
import asyncio
import json
import sys
from typing import Any

from annie.carriers.local_pool import LocalPool
from annie.demo import ensure_demo
from annie.kit.database import Database, DatabaseError
from annie.kit.settings import Settings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data")
    parser.add_argument("--database-url")
    parser.add_argument("--no-demo", action="store_true")
    arguments = parser.parse_args()
    settings = Settings.from_environment(
        {"data": arguments.data, "database_url": arguments.database_url}
    )
    try:
        print(json.dumps(asyncio.run(_prepare(settings, demo=not arguments.no_demo))))
    except DatabaseError as error:
        print(f"annie: {error}", file=sys.stderr)
        return 1
    return 0


async def _prepare(settings: Settings, *, demo: bool) -> dict[str, Any]:
    database = Database(settings.database_url)
    try:
        await database.migrate()
        if not demo:
            return {}
        made = await ensure_demo(database, LocalPool())
        return {
            "apiKey": made.api_key,
            "orgId": str(made.org_id),
            "botId": str(made.bot_id),
            "numbers": [
                {"number": each.number, "language": each.language, "name": each.name}
                for each in made.numbers
            ],
        }
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(main())
