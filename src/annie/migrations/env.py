"""Run by Alembic, inside the transaction that ``Database.migrate`` opened."""

from alembic import context
from sqlalchemy import Connection

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    # SQLite takes DDL into a transaction too, once the driver is kept from committing it.
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
