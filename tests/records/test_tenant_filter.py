"""Every query of a repository goes through the tenant filter, and SQL stands nowhere else."""

import ast
from pathlib import Path
from typing import TypeGuard

import pytest

pytestmark = pytest.mark.unit

SOURCE = Path(__file__).parents[2] / "src" / "annie"
STATEMENTS = {"select", "update", "delete"}
FILTERS = {"visible", "unscoped"}
#: Ways round a statement of ours.
FORBIDDEN_METHODS = {"get_one", "query", "exec_driver_sql"}
SQL_MAKERS = {"select", "update", "delete", "insert", "text", "exists", "func"}
#: Where SQL may stand besides repositories: the kit that carries it, and the schema's history.
ALLOWED = ("kit/database.py", "kit/paging.py", "kit/tenancy.py", "migrations/")


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def unfiltered(source: str) -> list[str]:
    """What of ``source`` goes round the tenant filter, one line each."""
    tree = ast.parse(source)
    inside: set[ast.AST] = set()
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or _name(call) not in FILTERS:
            continue
        if not call.args:
            continue
        inside.update(ast.walk(call.args[0]))
    found: list[str] = []
    for node in ast.walk(tree):
        if _hides_names(node):
            found.append(f"line {node.lineno}: SQLAlchemy imported under another name")
        if not isinstance(node, ast.Call):
            continue
        plain = isinstance(node.func, ast.Name)
        if plain and _name(node) in STATEMENTS and node not in inside:
            found.append(f"line {node.lineno}: {_name(node)}(...) outside visible/unscoped")
        if not plain and _name(node) in FORBIDDEN_METHODS:
            found.append(f"line {node.lineno}: .{_name(node)}(...)")
        if _session_get(node):
            found.append(f"line {node.lineno}: session.get(...)")
        if plain and _name(node) == "text":
            found.append(f"line {node.lineno}: text(...)")
        if _name(node) == "unscoped" and not _has_reason(node):
            found.append(f"line {node.lineno}: unscoped without a reason")
    return found


def _hides_names(node: ast.AST) -> TypeGuard[ast.Import | ast.ImportFrom]:
    match node:
        case ast.Import(names=names):
            return any(each.name.split(".")[0] == "sqlalchemy" for each in names)
        case ast.ImportFrom(module=str(module), names=names):
            return module.startswith("sqlalchemy") and any(each.asname for each in names)
        case _:
            return False


def _session_get(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "get":
        return False
    owner = call.func.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return "session" in name


def _has_reason(call: ast.Call) -> bool:
    return any(
        word.arg == "reason" and isinstance(word.value, ast.Constant) and bool(word.value.value)
        for word in call.keywords
    )


REPOSITORIES = sorted(SOURCE.rglob("repository.py"))


@pytest.mark.parametrize("path", REPOSITORIES, ids=lambda path: path.parent.name)
def test_every_statement_of_a_repository_goes_through_the_filter(path: Path) -> None:
    assert unfiltered(path.read_text()) == []


def test_the_repositories_were_found() -> None:
    assert {"organizations", "bots"} <= {path.parent.name for path in REPOSITORIES}


@pytest.mark.parametrize(
    "planted",
    [
        "session.scalar(select(Bot).where(Bot.id == bot_id))",
        "statement = select(Bot)\nsession.scalars(visible(statement, Bot, principal))",
        "session.execute(update(Bot).values(name='x'))",
        "session.execute(delete(Bot))",
        "self._session.get(Bot, bot_id)",
        "session.get_one(Bot, bot_id)",
        "session.execute(text('SELECT * FROM bots'))",
        "session.scalar(visible(select(Bot), Bot, principal).union(select(Bot)))",
        "import sqlalchemy as sa\nsession.execute(sa.select(Bot))",
        "from sqlalchemy import select as pick\nsession.execute(pick(Bot))",
        "unscoped(select(Bot))",
        "unscoped(select(Bot), reason='')",
        "unscoped(select(Bot), reason=why)",
    ],
)
def test_a_planted_query_round_the_filter_is_found(planted: str) -> None:
    assert unfiltered(planted)


def test_a_filtered_query_passes() -> None:
    assert unfiltered("session.scalar(visible(select(Bot), Bot, principal))") == []
    assert unfiltered("unscoped(select(Bot), reason='the number decides')") == []


def sql_outside(source: str) -> list[str]:
    """What of ``source`` makes or runs SQL, one line each."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("sqlalchemy"):
                found += [f"imports {name.name}" for name in names if name.name in SQL_MAKERS]
            case ast.Import(names=names):
                found += [f"imports {n.name}" for n in names if n.name.startswith("sqlalchemy")]
            case ast.Call(func=ast.Attribute(attr="execute" | "scalars" | "scalar" | "stream")):
                found.append(f"line {node.lineno}: .{_name(node)}(...)")
            case _:
                pass
    return found


def test_sql_stands_only_in_repositories() -> None:
    found: dict[str, list[str]] = {}
    for path in SOURCE.rglob("*.py"):
        relative = path.relative_to(SOURCE).as_posix()
        if path.name == "repository.py" or relative.startswith(ALLOWED):
            continue
        if there := sql_outside(path.read_text()):
            found[relative] = there
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "from sqlalchemy import select",
        "from sqlalchemy.sql import text",
        "import sqlalchemy as sa",
        "await session.execute(statement)",
        "await context.session.scalars(statement)",
    ],
)
def test_planted_sql_elsewhere_is_found(planted: str) -> None:
    assert sql_outside(planted)
