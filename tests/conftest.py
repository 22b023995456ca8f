"""Settings for all tests: one thread each, reproducible examples, local discovery.

And a PostgreSQL server of their own for those that ask for it.
"""

import itertools
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")

import pytest  # noqa: E402 - after the settings above
from hypothesis import HealthCheck, settings  # noqa: E402

settings.register_profile(
    "ours",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ours")

NAMES = itertools.count()


@pytest.fixture(scope="session")
def server():
    pytest.importorskip("sqlalchemy", reason='needs pip install "neural_brain[fleet]"')
    pytest.importorskip("psycopg", reason='needs pip install "neural_brain[fleet]"')
    from neural_brain.benchmarks.postgres import temporary_server
    from neural_brain.models.errors import NeuralBrainError

    try:
        with temporary_server(durable=False) as running:
            yield running
    except NeuralBrainError as error:
        pytest.skip(str(error))


@pytest.fixture
def sql(server):
    """Runs statements as superuser in a database."""
    import psycopg

    def run(statement, database="postgres"):
        with psycopg.connect(server.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def url(server, sql):
    """The address of a new, empty database."""
    name = f"home_{next(NAMES)}"
    sql(f"CREATE DATABASE {name}")
    return server.url(name)
