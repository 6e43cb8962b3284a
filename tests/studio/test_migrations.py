"""A studio of any earlier version goes up step by step; a new one gets all its tables at once, and they are the same."""

from __future__ import annotations

import re

import pytest
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

# Studios as they once were: the very first, one before labels could be long, one before answers were counted.
STOPS = [
    [
        ("studio", "0001_initial"),
        ("projects", "0002_initial"),
        ("training", "0001_initial"),
        ("endpoints", "0002_initial"),
    ],
    [
        ("projects", "0007_labelling"),
        ("training", "0002_worker_and_time_left"),
        ("endpoints", "0007_labels_of_any_length"),
    ],
    [
        ("studio", "0002_region"),
        ("projects", "0009_corrections_pinned"),
        ("endpoints", "0010_answer_traces_and_counts"),
    ],
]
POSTGRES_PARTS = (
    "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity"
    " FROM information_schema.columns WHERE table_schema = current_schema()",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = current_schema()::regnamespace",
    "SELECT indexname, replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = current_schema()",
)


pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def elsewhere(tmp_path, django_db_blocker):
    """Another database: a file, or room for tables of its own in this PostgreSQL."""
    with django_db_blocker.unblock():
        yield from another(tmp_path)


def another(tmp_path):
    settings = {**connection.settings_dict}
    if connection.vendor == "sqlite":
        settings["NAME"] = str(tmp_path / "older.sqlite3")
    else:
        settings["OPTIONS"] = {**settings["OPTIONS"], "options": "-c search_path=older"}
    connections.settings["older"] = settings
    older = connections["older"]
    if older.vendor == "postgresql":
        older.cursor().execute("CREATE SCHEMA older")
    yield older
    if older.vendor == "postgresql":
        older.cursor().execute("DROP SCHEMA older CASCADE")
    older.close()
    del connections["older"], connections.settings["older"]


def test_it_brings_an_older_studio_to_the_tables_of_a_new_one(elsewhere):
    executor = MigrationExecutor(elsewhere)
    executor.loader = MigrationLoader(elsewhere, replace_migrations=False)
    executor.migrate(STOPS[0])
    climb(elsewhere, STOPS[1])
    a_visitor_was_answered_and_corrected(MigrationLoader(elsewhere).project_state(STOPS[1]).apps)
    climb(elsewhere, STOPS[2])
    apps = climb(elsewhere)
    assert tables(elsewhere) == tables(connection)
    correction = apps.get_model("endpoints", "Feedback").objects.using("older").get()
    assert (correction.correction, correction.suggestion) == ("", "On Sundays too.")
    counted = apps.get_model("endpoints", "Usage").objects.using("older").get()
    assert (counted.answers, counted.unsure) == (7, 1)
    executor = MigrationExecutor(elsewhere)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def climb(database, stop=None):
    """As `migrate` does it, to this point or to the end; the models as they are there."""
    executor = MigrationExecutor(database)
    return executor.migrate(stop or executor.loader.graph.leaf_nodes()).apps


def a_visitor_was_answered_and_corrected(apps) -> None:
    """Rows of a studio from before it was known who corrects, and before unsure answers were counted."""

    def row(app: str, model: str, **fields):
        return apps.get_model(app, model).objects.using("older").create(**fields)

    team = row("projects", "Team", name="Kettle & Co")
    endpoint = row(
        "endpoints", "Endpoint", slug="kettle", name="Kettle", project=row("projects", "Project", team=team, name="K")
    )
    talk = row("endpoints", "Conversation", endpoint=endpoint)
    answer = row("endpoints", "Message", conversation=talk, role="assistant", state="unsure")
    row("endpoints", "Feedback", message=answer, correction="On Sundays too.")
    row("endpoints", "Usage", endpoint=endpoint, day=answer.created.date(), requests=7)


def tables(database) -> list[tuple[object, ...]]:
    """Every column, index and constraint. Not their order: SQLite changes it where it makes a table anew."""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            parts = []
            for query in POSTGRES_PARTS:
                cursor.execute(query)
                parts += cursor.fetchall()
            return sorted(parts, key=repr)
        cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
        return sorted((*names, *sorted(re.split(r", (?=\"|CONSTRAINT)|[()]", sql or ""))) for *names, sql in cursor)
