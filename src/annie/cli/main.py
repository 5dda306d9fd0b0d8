"""Arguments of ``annie serve | call | keys | doctor``.

Each command's module is imported only when it is asked for: ``annie keys`` has no
need of engines, and the supervisor none of the database.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from annie.cli.plan import CODES, AppendStep, CallPlan
from annie.kit.settings import Settings, SettingsError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="annie", description="A self-hosted phone agent: a phone number that answers."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="answer calls and serve the API")
    serve.add_argument("--host", help="address of the API (ANNIE_HOST, 127.0.0.1)")
    serve.add_argument("--port", help="port of the API (ANNIE_PORT, 8080)")
    serve.add_argument("--sip", metavar="HOST:PORT", help="SIP address (ANNIE_SIP, 127.0.0.1:5060)")
    _data_arguments(serve)
    serve.add_argument(
        "--no-demo",
        action="store_true",
        default=None,
        help="no demonstration organization, bot and numbers (ANNIE_NO_DEMO)",
    )

    call = commands.add_parser("call", help="ring a number as a caller, in the terminal")
    call.add_argument("number", help="number to dial: +12125550100, 2125550100 or a sip: URI")
    call.add_argument("--sip", metavar="HOST:PORT", help="where Annie answers (ANNIE_SIP)")
    for option, metavar, does in (
        ("--say", "TEXT", "say this"),
        ("--wav", "FILE", "play this audio file"),
        ("--digits", "KEYS", "press these keys"),
    ):
        call.add_argument(
            option, action=AppendStep, metavar=metavar, help=f"{does}; repeatable, in order"
        )
    call.add_argument("--from", dest="caller", default="+12025550199", help="number to ring from")
    call.add_argument(
        "--language",
        choices=sorted(CODES),
        help="language of the call; heard from the greeting if not given",
    )
    call.add_argument("--record", type=Path, metavar="FILE", help="keep what was heard as WAV")
    call.add_argument(
        "--timeout", type=float, default=300.0, help="hang up after this many seconds (300)"
    )

    keys = commands.add_parser("keys", help="API keys")
    actions = keys.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="print one new API key")
    create.add_argument("--org", required=True, metavar="ORG_ID")
    create.add_argument("--name", required=True)
    create.add_argument(
        "--permissions",
        default="read,write,admin",
        help="comma separated: read, write, admin (all three)",
    )
    _data_arguments(create)

    doctor = commands.add_parser("doctor", help="try everything a call needs; say what to mend")
    doctor.add_argument("--host")
    doctor.add_argument("--port")
    doctor.add_argument("--sip", metavar="HOST:PORT")
    _data_arguments(doctor)
    return parser


def _data_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="where everything is kept (ANNIE_DATA)")
    parser.add_argument("--database-url", help="another database (ANNIE_DATABASE_URL)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status (2 for unusable arguments)."""
    arguments = _parser().parse_args(argv)
    names = ("host", "port", "sip", "data", "database_url", "no_demo")
    given = {name: getattr(arguments, name, None) for name in names}
    try:
        settings = Settings.from_environment({k: v for k, v in given.items() if v is not None})
    except SettingsError as error:
        print(f"annie: {error}", file=sys.stderr)
        return 2
    match arguments.command:
        case "serve":
            from annie.cli.serve import serve

            return serve(settings)
        case "call":
            from annie.cli.call import call

            return call(settings, CallPlan.from_arguments(arguments))
        case "keys":
            from annie.cli.keys import create_key

            return create_key(settings, arguments.org, arguments.name, arguments.permissions)
        case _:
            from annie.cli.doctor import doctor

            return doctor(settings)
