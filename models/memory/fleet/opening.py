"""Opening a shared map: its tables are made once and never changed silently."""

from __future__ import annotations

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.patches import DIMENSION
from neural_brain.models.memory.fleet.connection import Server, Session
from neural_brain.models.memory.schema import POSTGRESQL, SCHEMA_VERSION, tables

PROGRAM = "neural_brain"
_ABSENT = (
    "The server does not have pgvector, so looks are kept as bytes and compared by the "
    "robot. For an index: install it there (Debian: postgresql-NN-pgvector) before the "
    "shared map is begun."
)
_REFUSED = (
    "The server has pgvector, but this user may not enable it, so looks are kept as "
    "bytes. For an index, type as superuser in this database, before the shared map is "
    "begun: CREATE EXTENSION vector"
)
_EXTRA = """
CREATE TABLE schema_version (program TEXT NOT NULL, version BIGINT NOT NULL);
CREATE SEQUENCE landmark_blocks;   -- numbers for new landmarks, a robot takes blocks
CREATE TABLE looks (               -- of the landmarks: what they look like
    landmark BIGINT PRIMARY KEY,
    feature {feature} NOT NULL     -- as of models/maps/patches.py, unit length
);
"""


def open_shared(server: Server) -> list[str]:
    """Make the tables if the database has none, else check whose they are.

    Returns:
        What the user should be told.

    Raises:
        MapFileError: if they are of another program or version, or rights are missing.
    """
    with server.transaction() as session:
        # one after the other, if several robots begin at once
        session.execute("SELECT pg_advisory_xact_lock(hashtext('neural_brain'))")
        if _exists(session, "schema_version"):
            check_version(session, server.address.shown)
            return []
        taken = [name for name in ("generations", "events") if _exists(session, name)]
        if taken:
            raise MapFileError(
                f"{server.address.shown} holds a table {taken[0]!r} of another "
                "program. Use an empty database."
            )
        messages = _enable_vectors(session)
        feature = "BYTEA" if messages else f"vector({DIMENSION})"
        sql = tables(POSTGRESQL) + _EXTRA.format(feature=feature)
        if not messages:
            sql += "CREATE INDEX looks_by_feature ON looks USING hnsw "
            sql += "(feature vector_cosine_ops);"
        for statement in _statements(sql):
            session.execute(statement)
        session.execute(
            "INSERT INTO schema_version VALUES (:program, :version)",
            {"program": PROGRAM, "version": SCHEMA_VERSION},
        )
    return messages


def check_version(session: Session, shown: str, *, lock: bool = False) -> None:
    """Refuse tables of another program or version.

    Args:
        session: an open transaction.
        shown: the address for people.
        lock: also keep all other writers waiting until the transaction ends.

    Raises:
        MapFileError: says which version it is and what to do.
    """
    sql = "SELECT program, version FROM schema_version"
    row = session.execute(sql + (" FOR UPDATE" if lock else "")).fetchone()
    if row is None or row[0] != PROGRAM:
        raise MapFileError(f"{shown} is of another program. Use an empty database.")
    if row[1] != SCHEMA_VERSION:
        raise MapFileError(
            f"{shown} has schema version {row[1]}; this release reads version "
            f"{SCHEMA_VERSION}. Use one release on all robots, or another database."
        )


def has_vectors(session: Session) -> bool:
    """Whether looks are kept as vectors."""
    row = session.execute(
        "SELECT udt_name FROM information_schema.columns WHERE table_name = 'looks' "
        "AND column_name = 'feature' AND table_schema = current_schema()"
    ).fetchone()
    return row is not None and row[0] == "vector"


def _enable_vectors(session: Session) -> list[str]:
    """Enable pgvector; returns why it could not be, empty if it is enabled."""
    known = session.execute(
        "SELECT installed_version FROM pg_available_extensions WHERE name = 'vector'"
    ).fetchone()
    if known is None:
        return [_ABSENT]
    if known[0] is None:
        rights = session.execute(
            "SELECT r.rolsuper OR (v.trusted AND has_database_privilege("
            "current_database(), 'CREATE')) FROM pg_roles r, "
            "pg_available_extension_versions v WHERE r.rolname = current_user "
            "AND v.name = 'vector' ORDER BY 1 DESC"
        ).fetchone()
        if rights is None or not rights[0]:
            return [_REFUSED]
        session.execute("CREATE EXTENSION vector")
    return []


def _exists(session: Session, table: str) -> bool:
    row = session.execute("SELECT to_regclass(:name)", {"name": table}).fetchone()
    return row[0] is not None


def _statements(sql: str) -> list[str]:
    """The single statements of a text without semicolons inside them."""
    lines = (line.split("--")[0] for line in sql.splitlines())
    return [part for part in "\n".join(lines).split(";") if part.strip()]
