"""The registry says back what it was told, on SQLite and on Postgres."""

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from store.errors import AlreadyThere, BadName, DamagedFile, RegistryUnavailable, Stale, StoreError
from store.files.paths import registry_file
from store.registry import Approval, Edits, HoldoutUse, Note, Promotion, open_registry
from store.registry import database as databases
from store.registry import registry as registries
from store.registry.tables import HEAD, METADATA
from tests.store.registry.databases import drop, raw

ONE, RUN = "exp-20260102-030405-0001", "exp-20260102-030405-0001/42"
OTHER = "exp-20260102-030405-0002"
PROMOTION = Promotion("trend", 1, ONE, 42, "ab" * 32, {"reason": "it won"})
USE = HoldoutUse("NASDAQ", "cd" * 32, ONE, "ab" * 32)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, monkeypatch, tmp_path):
    """The address of an empty database; None for the store's own file."""
    if request.param == "sqlite":
        monkeypatch.delenv("DATABASE_URL", raising=False)
        return None
    server = request.getfixturevalue("server")
    drop(tmp_path, server)
    monkeypatch.setenv("DATABASE_URL", server)
    return server


@pytest.fixture
def registry(url, tmp_path):
    return open_registry(tmp_path)


@pytest.fixture
def file(monkeypatch, tmp_path):
    """A registry in a file that has something in it."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    open_registry(tmp_path).add_tag(ONE, "x")
    return registry_file(tmp_path)


def kinds(registry):
    return [(one.kind, one.subject) for one in registry.events()]


def test_nothing_is_made_before_something_is_written(registry, tmp_path):
    assert registry.edits() == {}
    assert registry.events() == registry.promotions() == registry.approvals() == []
    assert registry.holdout_uses() == []
    assert registry.holdout_count("NASDAQ", "cd" * 32) == 0
    assert list(tmp_path.iterdir()) == []


def test_tags(registry):
    for tag in ("b", "a", "b"):
        registry.add_tag(ONE, tag)
    registry.add_tag(RUN, "run")
    registry.remove_tag(ONE, "Of The Record")
    registry.remove_tag(ONE, "a")
    edits = registry.edits()
    assert edits[ONE].tags == {"a": False, "b": True, "Of The Record": False}
    assert edits[ONE].tagged(["mine", "Of The Record"]) == ["mine", "b"]
    assert edits[RUN].tagged([]) == ["run"]
    assert edits[ONE].note == Note(ONE)
    assert [one.facts for one in registry.events(ONE)] == [
        {"tag": tag} for tag in ("b", "a", "Of The Record", "a")
    ]


def test_a_note_keeps_what_is_not_edited(registry):
    assert registry.edit_note(ONE, description="what") == Note(ONE, "what", version=1)
    found = registry.edit_note(ONE, hypothesis="why\nso", expected_impact="+0.2 Sharpe")
    assert found == Note(ONE, "what", "why\nso", "+0.2 Sharpe", 2)
    assert registry.edit_note(ONE, description="") == Note(ONE, "", "why\nso", "+0.2 Sharpe", 3)
    assert registry.edits() == {ONE: Edits({}, Note(ONE, "", "why\nso", "+0.2 Sharpe", 3))}
    assert registry.events()[-1].facts == {
        "from": {"description": "what"},
        "to": {"description": ""},
    }


def test_an_edit_of_what_was_edited_since_is_refused(registry):
    registry.edit_note(ONE, description="first", version=0)
    with pytest.raises(Stale, match=r"its note has version 1, the edit was made for 0"):
        registry.edit_note(ONE, description="second", version=0)
    assert registry.edits()[ONE].note == Note(ONE, "first", version=1)
    assert len(registry.events()) == 1


def test_promotions_and_approvals_are_recorded_once(registry):
    made = registry.promote(PROMOTION)
    assert made == Promotion(*[*vars_of(PROMOTION)[:-1], made.time])
    with pytest.raises(AlreadyThere, match="trend v1: was promoted before"):
        registry.promote(PROMOTION)
    registry.promote(Promotion("trend", 2, ONE, 7, "cd" * 32))
    registry.promote(Promotion("other", 1, ONE, 7, "cd" * 32))
    assert [one.version for one in registry.promotions("trend")] == [1, 2]
    assert registry.promotions()[0] == made
    approved = registry.approve(Approval("trend", 1, "Ada", "looks right"))
    with pytest.raises(AlreadyThere, match="trend v1: Ada has approved of it before"):
        registry.approve(Approval("trend", 1, "Ada"))
    registry.approve(Approval("trend", 1, "Grace"))
    assert registry.approvals("trend")[0] == approved
    assert registry.approvals("other") == []
    assert [kind for kind, _ in kinds(registry)] == ["promoted"] * 3 + ["approved"] * 2


def test_the_newest_events_come_without_the_others(registry):
    assert registry.newest_events(5) == []
    for n in range(4):
        registry.promote(Promotion("trend", n + 1, ONE, 7, "cd" * 32))
        registry.add_tag(ONE, f"t{n}")
    every = registry.events()[::-1]
    assert registry.newest_events(3) == every[:3]
    assert registry.newest_events(9, before=every[2].number) == every[3:]
    promoted = registry.newest_events(9, without=["tag added"])
    assert [one.facts["version"] for one in promoted] == [4, 3, 2, 1]
    assert registry.newest_events(9, subject="trend") == promoted


def vars_of(fact):
    return [getattr(fact, name) for name in type(fact).__slots__]


def test_uses_of_the_holdout_are_counted_per_data(registry):
    assert [registry.use_holdout(USE) for _ in range(3)] == [1, 2, 3]
    assert registry.use_holdout(HoldoutUse("NASDAQ", "ef" * 32, OTHER, "ab" * 32, "audit")) == 1
    assert registry.holdout_count("NASDAQ", "cd" * 32) == 3
    assert registry.holdout_count("SP500", "cd" * 32) == 0
    assert [one.fingerprint[:2] for one in registry.holdout_uses("NASDAQ")] == ["cd"] * 3 + ["ef"]
    assert registry.holdout_uses("NASDAQ", "ef" * 32)[0].purpose == "audit"


@pytest.mark.parametrize("table", ["events", "promotions", "approvals", "holdout_uses"])
@pytest.mark.parametrize(
    "statement",
    [
        "update {} set time = 'never'",
        "delete from {}",
        "insert or replace into {0} select * from {0}",
        "truncate {}",
    ],
)
def test_the_database_refuses_to_change_what_happened(table, statement, registry, url, tmp_path):
    if statement.startswith("truncate" if url is None else "insert or replace"):
        statement = "delete from {} where 1 = 1"  # the other database has no such statement
    registry.promote(PROMOTION)
    registry.approve(Approval("trend", 1, "Ada"))
    registry.use_holdout(USE)
    before = [registry.events(), registry.promotions(), registry.approvals()]
    with raw(tmp_path, url) as connection, pytest.raises(sqlalchemy.exc.DBAPIError) as refused:
        connection.execute(sqlalchemy.text(statement.format(table)))
    assert f"{table} is append-only" in str(refused.value.orig)
    assert [registry.events(), registry.promotions(), registry.approvals()] == before


def test_what_is_deleted_and_what_is_taken_over(registry):
    registry.add_tag(ONE, "x")
    registry.add_tag(RUN, "y")
    registry.edit_note(RUN, description="what")
    registry.add_tag(OTHER, "z")
    edits = registry.edits()
    registry.forget(ONE)
    assert registry.edits() == {OTHER: edits[OTHER]}
    registry.add_tag(ONE, "before")
    registry.adopt(ONE, {one: edits[one] for one in (ONE, RUN)})
    assert registry.edits() == edits
    assert kinds(registry)[-3:] == [
        ("deleted", ONE),
        ("tag added", ONE),
        ("imported", ONE),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.add_tag("../x", "tag"), "subject: a name is"),
        (lambda r: r.add_tag(f"{ONE}/best", "tag"), "subject: after the slash comes a run number"),
        (lambda r: r.add_tag(ONE, "a b"), "tag: a name is"),
        (lambda r: r.edit_note(ONE, description="\x1b[2J"), r"description: holds the character"),
        (lambda r: r.edit_note(ONE, hypothesis="\udcff"), r"hypothesis: holds the character"),
        (lambda r: r.edit_note(ONE, hypothesis="x" * 10_001), "at most 10,000 characters"),
        (lambda r: r.promote(Promotion("../x", 1, ONE, 1, "")), "profile: a name is"),
        (lambda r: r.approve(Approval("x", 1, "\0")), "approver: holds the character"),
        (lambda r: r.adopt("../x", {}), "experiment id: a name is"),
    ],
)
def test_what_is_no_name_or_text_is_refused(change, message, registry, tmp_path):
    with pytest.raises(BadName, match=message):
        change(registry)
    assert registry.events() == []


def test_migrations_make_the_tables_that_the_code_reads(registry, url, tmp_path):
    registry.add_tag(ONE, "x")
    with raw(tmp_path, url) as connection:
        options = {"version_table_schema": None}
        assert (
            compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []
        )
    assert ScriptDirectory(str(databases._MIGRATIONS)).get_current_head() == HEAD


def test_a_transaction_that_fails_leaves_nothing(registry, monkeypatch):
    registry.add_tag(ONE, "x")
    monkeypatch.setattr("store.registry.registry.log", fail)
    with pytest.raises(RuntimeError):
        registry.promote(PROMOTION)
    assert registry.promotions() == []


def fail(*_):
    raise RuntimeError


def test_a_registry_of_a_later_checkout_is_refused(registry, url, tmp_path):
    registry.add_tag(ONE, "x")
    with raw(tmp_path, url) as connection:
        connection.execute(sqlalchemy.text("update alembic_version set version_num = '0099'"))
        connection.commit()
    for use in (registry.edits, lambda: registry.add_tag(ONE, "y")):
        with pytest.raises(StoreError, match="has revision 0099, this checkout knows up to 0002"):
            use()


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + b"x" * 5000, b"no database" * 500])
def test_a_damaged_file_is_one_line(content, file, tmp_path):
    file.write_bytes(content)
    for use in (open_registry(tmp_path).edits, lambda: open_registry(tmp_path).add_tag(ONE, "y")):
        with pytest.raises(
            DamagedFile, match=rf"registry {file}: cannot be read \(.*\); rest"
        ) as e:
            use()
        assert "\n" not in str(e.value)
    assert file.read_bytes() == content


def test_a_file_that_was_never_filled_is_an_empty_registry(file, tmp_path):
    file.write_bytes(b"")  # killed as it was made
    assert open_registry(tmp_path).edits() == {}
    open_registry(tmp_path).add_tag(ONE, "y")
    assert list(open_registry(tmp_path).edits()) == [ONE]


def test_a_file_that_somebody_holds_is_one_line(file, tmp_path, monkeypatch):
    monkeypatch.setattr(databases, "BUSY_SECONDS", 0.05)
    databases._engine.cache_clear()
    with raw(tmp_path, None) as connection:
        connection.exec_driver_sql("begin exclusive")
        with pytest.raises(RegistryUnavailable, match=r"\(database is locked\); another process"):
            open_registry(tmp_path).add_tag(ONE, "y")
    databases._engine.cache_clear()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("postgresql://me:secret@127.0.0.1:1/x", "registry postgresql.*me:.*@127.0.0.1:1/x: does"),
        ("mysql://me:secret@host/x", "DATABASE_URL: must begin with postgresql://, got mysql://"),
        ("what", "DATABASE_URL: is no address"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_line(address, message, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(RegistryUnavailable, match=message) as refused:
        open_registry(tmp_path).edits()
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_without_the_driver_the_package_is_named(monkeypatch, tmp_path):
    def missing(*_, **__):
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")

    databases._engine.cache_clear()
    monkeypatch.setattr(databases, "create_engine", missing)
    monkeypatch.setenv("DATABASE_URL", "postgresql://host/x")
    with pytest.raises(RegistryUnavailable, match=r"needs psycopg; run .* 'psycopg\[binary\]'"):
        open_registry(tmp_path).edits()


def test_a_relative_root_is_that_of_the_folder_at_hand(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        open_registry("results").add_tag(ONE, name)
    for name in ("a", "b"):
        assert open_registry(tmp_path / name / "results").edits()[ONE].tags == {name: True}


def test_the_file_is_synced_as_far_as_can_be(file, tmp_path):
    with open_registry(tmp_path).database.reading() as connection:
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "delete"
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 3  # extra


def test_what_keeps_being_changed_by_others_is_said(registry, monkeypatch):
    monkeypatch.setattr("store.registry.registry.swap", lambda *_: False)
    for change in (
        lambda: registry.add_tag(ONE, "x"),
        lambda: registry.edit_note(ONE, description="x"),
    ):
        with pytest.raises(RegistryUnavailable, match="others have changed the same row 100 times"):
            change()


def test_a_row_that_another_process_made_first_is_edited(registry, monkeypatch):
    """The other's insert comes between our look and our insert, as it can in Postgres."""
    real, calls = registries.swap, []

    def late(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise sqlalchemy.exc.IntegrityError("insert", {}, Exception("taken"))
        return real(*arguments)

    monkeypatch.setattr(registries, "swap", late)
    assert registry.edit_note(ONE, description="x").version == 1
    assert len(registry.events()) == 1


def test_an_account_without_a_name(registry, monkeypatch):
    def nameless():
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    registry.add_tag(ONE, "x")
    assert registry.events()[0].account == "unknown"
