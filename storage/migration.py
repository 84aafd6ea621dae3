"""Bringing a database to the schema that this version of Laurels expects."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from errors import LaurelsError
from storage.engine import Store

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number, the same in every process: one of several that start at once migrates, the others wait.
MIGRATION_LOCK = 4_985_211_301


class DatabaseTooNew(LaurelsError):
    """The database was migrated by a newer version of Laurels; start that version, or restore a backup."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def newest() -> str:
    """The revision that this version expects: migrations are numbered files, applied in order."""
    return max(path.stem.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def migrate(store: Store) -> bool:
    """Apply the migrations that are missing, all or none. Tells whether there were any. Raises DatabaseTooNew."""
    async with store.writing() as work:
        if not store.is_sqlite:
            await work.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        return await work.connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> bool:
    current = None
    if inspect(connection).has_table("alembic_version"):
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if current == newest():
        return False
    if current is not None and current > newest():
        raise DatabaseTooNew
    # Imported here: most starts find nothing to do, and the import takes longer than the rest of the start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True
