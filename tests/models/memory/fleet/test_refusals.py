"""What goes wrong is said in one paragraph with a remedy, and never with a password."""

import sys

import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.memory import (
    FleetStore,
    check_memory,
    is_shared,
    read_map,
    shown,
)
from neural_brain.models.memory.fleet.address import read_address

SECRET = "sesame%2Fopen"  # noqa: S105 - of nobody
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
WORDS = ("sesame", SECRET)


def database_of(url):
    return url.split("/")[3].split("?")[0]


def test_what_is_an_address_and_what_a_file(tmp_path):
    assert is_shared("postgresql://host/home")
    assert is_shared("postgres://host/home") and is_shared("postgresql+psycopg://h/d")
    assert not is_shared("runs/postgresql.sqlite")
    assert not is_shared(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://me:{SECRET}@host:5433/home?application_name=anna",
        f"postgresql://me@host:5433/home?password={SECRET}",
        f"postgresql:///home?host=host&port=5433&user=me&password={SECRET}",
    ],
)
def test_an_address_is_shown_without_its_password(text):
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg")
    address = shown(text)
    assert not any(word in address for word in WORDS)
    assert all(word in address for word in ("me", "host", "5433", "home"))


def test_an_address_that_cannot_be_read_is_not_repeated():
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg")
    with pytest.raises(MapFileError, match="Write it like") as caught:
        read_address(f"postgresql://me:{SECRET}@host:port/home")
    assert not any(word in repr(caught.value) for word in WORDS)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MapFileError, match=r'pip install "neural_brain\[fleet\]"'):
        FleetStore("postgresql://host/home")


def test_a_server_that_is_away():
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg")
    with pytest.raises(MapFileError, match=r"127\.0\.0\.1.*pg_isready") as caught:
        FleetStore(f"postgresql://me:{SECRET}@127.0.0.1:1/home")
    assert not any(word in str(caught.value) for word in WORDS)
    assert caught.value.__cause__ is None


def test_a_wrong_password(url, server, sql):
    sql("DROP ROLE IF EXISTS guarded")
    sql("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    rules = server.data / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"local all guarded scram-sha-256\n{before}")
    sql("SELECT pg_reload_conf()")
    guarded = server.url(database_of(url), user=f"guarded:{SECRET}")
    try:
        with pytest.raises(MapFileError, match=r"password.*\.pgpass") as caught:
            FleetStore(guarded)
    finally:
        rules.write_text(before)
        sql("SELECT pg_reload_conf()")
    assert not any(word in str(caught.value) for word in WORDS)


def test_no_such_database(server):
    with pytest.raises(MapFileError, match="Make the database first"):
        FleetStore(server.url("nowhere"))


def test_an_unknown_user(server):
    with pytest.raises(MapFileError, match="Check user and password"):
        FleetStore(server.url(user="nobody_at_all"))


def test_no_right_to_make_tables(url, server, sql):
    sql("DROP ROLE IF EXISTS guest")
    sql("CREATE ROLE guest LOGIN")
    guest = server.url(database_of(url), user="guest")
    with pytest.raises(MapFileError, match=r"permission denied.*GRANT ALL"):
        FleetStore(guest)


def test_a_guest_may_look_and_not_write(url, server, sql, robot):
    robot().save(1.0)
    database = database_of(url)
    sql("DROP ROLE IF EXISTS reader")
    sql("CREATE ROLE reader LOGIN")
    sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", database)
    reader = server.url(database, user="reader")
    assert read_map(reader) is not None
    assert check_memory(reader).problems == ()
    with FleetStore(reader) as store, pytest.raises(MapFileError, match="GRANT ALL"):
        store.load_map()
    sql("DROP OWNED BY reader", database)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE schema_version SET version = 99", "schema version 99.*version 1"),
        ("UPDATE schema_version SET program = 'crm'", "another program"),
        ("DROP TABLE arrays", "missing.*backup"),
    ],
)
def test_tables_that_are_not_ours_or_not_whole(url, sql, robot, statement, told):
    robot().save(1.0)
    sql(statement, database_of(url))
    for look in (read_map, check_memory):
        with pytest.raises(MapFileError, match=told):
            look(url)
    with pytest.raises(MapFileError, match=told):
        robot()


def test_a_database_of_another_program_is_not_touched(url, sql):
    sql("CREATE TABLE events (day DATE)", database_of(url))
    with pytest.raises(MapFileError, match=r"another program.*empty database"):
        FleetStore(url)
    assert sql(TABLES, database_of(url)) == [(1,)]


def test_a_database_without_a_shared_map_is_only_looked_at(url, sql):
    with pytest.raises(MapFileError, match="holds no shared map yet"):
        read_map(url)
    assert sql(TABLES, database_of(url)) == [(0,)]


def test_several_robots_may_begin_a_database_at_once(url):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(FleetStore, [url] * 4))
    for store in stores:
        assert store.load_map() is None
        store.close()
