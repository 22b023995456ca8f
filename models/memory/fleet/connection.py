"""Transactions on a PostgreSQL server, and its complaints in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from neural_brain.models.errors import MapFileError
from neural_brain.models.memory.fleet.address import Address
from neural_brain.models.memory.fleet.sqlalchemy_extra import import_sqlalchemy

LOCK_S = 10  # wait for robots that are just writing
IDLE_S = 60  # the server ends the transaction of a robot that is silent so long
_REMEDIES = {  # by the first characters of PostgreSQL's error codes
    "28": "Check user and password; the password belongs into ~/.pgpass or PGPASSWORD.",
    "3D": "Make the database first: `createdb NAME`, or CREATE DATABASE.",
    "3F": "Make the schema that search_path names, or mend the address.",
    "42501": "The user may not do this. As owner of the database: GRANT ALL ON SCHEMA "
    "public TO the user, and GRANT ALL ON ALL TABLES, ON ALL SEQUENCES IN SCHEMA "
    "public TO the user.",
    "42P01": "Tables of the shared map are missing: restore the database from a "
    "backup, or use an empty one.",
    "25006": "The server only allows reading, as a standby does: use its primary.",
    "53": "The server has no room (disk, memory or connections): make some.",
    "55P03": "Other robots were writing all the time. It is tried again at the next "
    "save.",
}
_AWAY = (
    "Check host and port, and that the server runs and listens: `pg_isready -h HOST`."
)


class Session:
    """A transaction with the interface of `sqlite3`, as `schema.Connection` asks."""

    def __init__(self, connection: Any, text: Any) -> None:
        self._connection = connection
        self._text = text

    def execute(self, sql: str, values: dict[str, Any] | None = None, /) -> Any:
        """Run one statement; the result has `fetchone` and `fetchall`."""
        return self._connection.execute(self._text(sql), values or {})

    def executemany(self, sql: str, values: Iterable[dict[str, Any]], /) -> Any:
        """Run one statement for each set of values."""
        rows = list(values)
        return self._connection.execute(self._text(sql), rows) if rows else None


class Server:
    """The connection to a server; it is made anew when it was lost.

    Args:
        address: where it is.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._sqlalchemy = import_sqlalchemy()
        self._engine = self._sqlalchemy.create_engine(
            address.url,
            pool_size=1,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"prepare_threshold": None},  # so that poolers can be used
        )

    @contextmanager
    def transaction(self, *, reading: bool = False) -> Iterator[Session]:
        """All or nothing of what is done inside.

        Args:
            reading: nothing may be changed, and one state is seen all the time.

        Raises:
            MapFileError: if the server is away or refuses; says what to do.
        """
        try:
            with self._engine.begin() as connection:
                session = Session(connection, self._sqlalchemy.text)
                if reading:
                    mode = "ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                    session.execute(f"SET TRANSACTION {mode}")
                session.execute(f"SET LOCAL lock_timeout = '{LOCK_S}s'")
                session.execute(
                    f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_S}s'"
                )
                yield session
        except self._sqlalchemy.exc.DBAPIError as error:
            raise explain(error, self.address) from None  # it may quote the address

    def outside(self, sql: str) -> None:
        """Run a statement that no transaction may hold, such as CREATE DATABASE.

        Raises:
            MapFileError: if the server refuses; says why and what to do.
        """
        engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(self._sqlalchemy.text(sql))
        except self._sqlalchemy.exc.DBAPIError as error:
            raise explain(error, self.address) from None

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        self._engine.dispose()


def explain(error: Any, address: Address) -> MapFileError:
    """An error of the database as a sentence with a remedy.

    Args:
        error: SQLAlchemy's DBAPIError.
        address: of the server.
    """
    cause = error.orig
    primary = getattr(getattr(cause, "diag", None), "message_primary", None)
    said = " ".join((primary or str(cause)).split()).rstrip(".")
    code = getattr(cause, "sqlstate", None) or _code_in(said)
    remedy = next((_REMEDIES[k] for k in _REMEDIES if code.startswith(k)), None)
    text = f"The shared map {address.shown} cannot be used ({said})"
    if code.startswith(("57P", "08")) or (not code and type(cause).__name__ in _LOST):
        remedy = _AWAY
    return MapFileError(f"{text}. {remedy or 'The server log may say more.'}")


_LOST = ("OperationalError", "InterfaceError", "ConnectionTimeout")


def _code_in(said: str) -> str:
    """The code of a refusal to connect, which comes without one."""
    words = {
        "password": "28P01",
        "authentication failed": "28000",
        "no pg_hba.conf entry": "28000",
        'role "': "28000",
        'database "': "3D000",
        "too many clients": "53300",
    }
    return next((code for word, code in words.items() if word in said), "")
