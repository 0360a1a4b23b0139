"""Registry of what people say and decide about experiments, in transactions.

Tags and notes may be edited: each row has a version, and an edit succeeds only on the version that
it was made for. Promotions, approvals, uses of the holdout and events are never changed nor
removed; the database itself refuses. Every change adds its event in the same transaction.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.exc import IntegrityError

from store.errors import AlreadyThere, RegistryUnavailable, Stale
from store.files.backend import Root, default_root, place
from store.files.canonical import canonical
from store.files.paths import check_name
from store.records.experiment import EDITABLE, timestamp
from store.registry.changes import (
    check_edits,
    check_subject,
    check_text,
    drop_edits,
    log,
    row,
    swap,
)
from store.registry.database import Database
from store.registry.facts import Approval, Edits, Event, HoldoutUse, Note, Promotion
from store.registry.tables import APPROVALS, EVENTS, HOLDOUT_USES, NOTES, PROMOTIONS, TAGS

NULL_SWEEP = "null sweep"
"""Kind of the events that keep what one came to."""
_ATTEMPTS = 100
_Fact = TypeVar("_Fact", Promotion, Approval, HoldoutUse)
_Done = TypeVar("_Done")


def open_registry(root: Root | None = None) -> "Registry":
    """The registry of a store; nothing is made or asked before it is read or written."""
    return Registry(Database.of(place(default_root() if root is None else root)))


@dataclass(frozen=True, slots=True)
class Registry:
    """Every method is one transaction; any number of processes may use it at once.

    All raise RegistryUnavailable when the database does not answer, and DamagedFile when it is
    damaged.
    """

    database: Database

    def edits(self) -> dict[str, Edits]:
        """Everything that was edited, by subject."""
        with self.database.reading() as connection:
            if connection is None:
                return {}
            notes = {row.subject: Note(**row._mapping) for row in connection.execute(select(NOTES))}
            tags: dict[str, dict[str, bool]] = {}
            for row in connection.execute(select(TAGS)):
                tags.setdefault(row.subject, {})[row.tag] = row.present
            subjects = sorted(notes.keys() | tags.keys())
        return {
            subject: Edits(tags.get(subject, {}), notes.get(subject, Note(subject)))
            for subject in subjects
        }

    def add_tag(self, subject: str, tag: str) -> None:
        """Tag an experiment or a run; nothing happens when it has the tag.

        Raises:
            BadName: the tag is no name.
        """
        self._set_tag(subject, check_name(tag, "tag"), True)

    def remove_tag(self, subject: str, tag: str) -> None:
        """Take a tag away, also one that the record has; nothing happens when it is not there."""
        self._set_tag(subject, check_text(tag, "tag"), False)

    def _set_tag(self, subject: str, tag: str, present: bool) -> None:
        key = {"subject": check_subject(subject), "tag": tag}

        def change(connection: Connection) -> bool | None:
            stored = row(connection, TAGS, key)
            if stored and stored["present"] is present:
                return True
            version = stored["version"] if stored else 0
            if not swap(connection, TAGS, key, version, {"present": present}):
                return None
            kind = "tag added" if present else "tag removed"
            log(connection, kind, subject, {"tag": tag})
            return True

        self._until_done(change)

    def edit_note(
        self,
        subject: str,
        *,
        description: str | None = None,
        hypothesis: str | None = None,
        expected_impact: str | None = None,
        version: int | None = None,
    ) -> Note:
        """Write texts, at most 10,000 characters each.

        Args:
            subject: an experiment's id, or `ID/42`.
            description: what it is; None keeps what is there, here and below.
            hypothesis: why it should work.
            expected_impact: what is expected of using it.
            version: of the note that was read before; None for whichever there is.

        Raises:
            Stale: the note has another version by now; read it again.
        """
        texts = zip(EDITABLE, (description, hypothesis, expected_impact), strict=True)
        given = {name: check_text(text, name) for name, text in texts if text is not None}
        key = {"subject": check_subject(subject)}

        def change(connection: Connection) -> Note | None:
            stored = row(connection, NOTES, key)
            old = Note(**stored) if stored else Note(subject)
            if version not in (None, old.version):
                raise Stale(
                    f"{subject}: its note has version {old.version}, the edit was made for "
                    f"{version}; read it again"
                )
            if not swap(connection, NOTES, key, old.version, given):
                return None
            before = {name: getattr(old, name) for name in given}
            log(connection, "note edited", subject, {"from": before, "to": given})
            return replace(old, version=old.version + 1, **given)

        return self._until_done(change)

    def promote(self, promotion: Promotion) -> Promotion:
        """Record that a configuration became a version of a profile.

        Returns:
            The same with its time.

        Raises:
            AlreadyThere: this version of the profile was promoted before.
        """
        check_name(promotion.profile, "profile")
        text = f"{promotion.profile} v{promotion.version}: was promoted before; take a new version"
        return self._record(PROMOTIONS, promotion, "promoted", promotion.profile, text)

    def promotions(self, profile: str | None = None) -> list[Promotion]:
        """Promotions of one profile or of all, oldest first."""
        rows = self._rows(PROMOTIONS, {"profile": profile})
        stored = [Promotion(**row | {"facts": json.loads(row["facts"])}) for row in rows]
        return sorted(
            stored, key=lambda promotion: (promotion.time, promotion.profile, promotion.version)
        )

    def approve(self, approval: Approval) -> Approval:
        """Record that somebody approves of a version of a profile.

        Returns:
            The same with its time.

        Raises:
            AlreadyThere: the same approver has approved of it before.
        """
        check_name(approval.profile, "profile")
        check_text(approval.approver, "approver")
        check_text(approval.comment, "comment")
        text = (
            f"{approval.profile} v{approval.version}: {approval.approver} has approved of it before"
        )
        return self._record(APPROVALS, approval, "approved", approval.profile, text)

    def approvals(self, profile: str | None = None) -> list[Approval]:
        """Approvals of one profile or of all, oldest first."""
        rows = self._rows(APPROVALS, {"profile": profile})
        stored = [Approval(**row) for row in rows]
        return sorted(
            stored, key=lambda approval: (approval.time, approval.profile, approval.version)
        )

    def use_holdout(self, use: HoldoutUse) -> int:
        """Record a look at the holdout before it is taken.

        Returns:
            How often this symbol's data has been looked at by now, this time included.
        """
        self._record(HOLDOUT_USES, use, "holdout used", use.symbol, f"{use.symbol}: was there")
        return self.holdout_count(use.symbol, use.fingerprint)

    def holdout_count(self, symbol: str, fingerprint: str) -> int:
        """Number of looks at the holdout of a symbol's data."""
        with self.database.reading() as connection:
            if connection is None:
                return 0
            same = (HOLDOUT_USES.c.symbol == symbol, HOLDOUT_USES.c.fingerprint == fingerprint)
            counted = select(func.count()).select_from(HOLDOUT_USES).where(*same)
            return int(connection.execute(counted).scalar_one())

    def holdout_uses(
        self, symbol: str | None = None, fingerprint: str | None = None
    ) -> list[HoldoutUse]:
        """Every look at a holdout, oldest first."""
        rows = self._rows(HOLDOUT_USES, {"symbol": symbol, "fingerprint": fingerprint})
        rows.sort(key=lambda row: row["number"])
        return [HoldoutUse(**{n: v for n, v in row.items() if n != "number"}) for row in rows]

    def record_null_sweep(self, experiment_id: str, facts: Mapping[str, object]) -> None:
        """Keep how often the gate promoted luck when an experiment was repeated without skill."""
        with self.database.writing() as connection:
            log(connection, NULL_SWEEP, experiment_id, facts)

    def null_sweeps(self) -> list[Event]:
        """Results of the null sweeps, oldest first; the subject is the experiment."""
        return self.events(kind=NULL_SWEEP)

    def events(self, subject: str | None = None, kind: str | None = None) -> list[Event]:
        """All that ever happened, or what concerns one subject or is of one kind, oldest first."""
        rows = self._rows(EVENTS, {"subject": subject, "kind": kind})
        stored = [Event(**row | {"facts": json.loads(row["facts"])}) for row in rows]
        return sorted(stored, key=lambda event: event.number)

    def newest_events(
        self,
        limit: int,
        *,
        subject: str | None = None,
        before: int | None = None,
        without: Sequence[str] = (),
    ) -> list[Event]:
        """The newest events, newest first, without reading the others.

        Args:
            limit: at most so many.
            subject: what they concern; None for any.
            before: only events with a smaller number.
            without: kinds that are left out.
        """
        chosen = select(EVENTS).where(EVENTS.c.kind.not_in(without))
        if subject is not None:
            chosen = chosen.where(EVENTS.c.subject == subject)
        if before is not None:
            chosen = chosen.where(EVENTS.c.number < before)
        with self.database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(chosen.order_by(EVENTS.c.number.desc()).limit(limit))
            return [Event(**{**row, "facts": json.loads(row["facts"])}) for row in rows.mappings()]

    def adopt(self, experiment_id: str, edits: Mapping[str, Edits]) -> None:
        """Take over what another store's registry says of an experiment and its runs.

        Raises:
            BadName: a subject, tag or text is none.
        """
        check_edits(edits)

        def change(connection: Connection) -> bool:
            drop_edits(connection, experiment_id)
            for subject, edit in edits.items():
                for tag, present in edit.tags.items():
                    values = {"subject": subject, "tag": tag, "present": present, "version": 1}
                    connection.execute(insert(TAGS).values(values))
                if edit.note.version:
                    values = asdict(edit.note) | {"subject": subject}
                    connection.execute(insert(NOTES).values(values))
            log(connection, "imported", experiment_id, {"edits": len(edits)})
            return True

        self._until_done(change)

    def forget(self, experiment_id: str) -> None:
        """Drop tags and notes of an experiment that is deleted, and of its runs."""

        def change(connection: Connection) -> bool:
            drop_edits(connection, experiment_id)
            log(connection, "deleted", experiment_id, {})
            return True

        self._until_done(change)

    def _record(self, table: Table, fact: _Fact, kind: str, subject: str, taken: str) -> _Fact:
        """Add a fact and its event; `taken` is what to say when it is there.

        A fact that is put back keeps its time.
        """
        dated = fact if fact.time else replace(fact, time=timestamp(datetime.now(UTC)))
        values = asdict(dated)
        try:
            with self.database.writing() as connection:
                written = {n: canonical(v) if n == "facts" else v for n, v in values.items()}
                connection.execute(insert(table).values(written))
                log(connection, kind, subject, values)
        except IntegrityError as error:
            raise AlreadyThere(taken) from error
        return dated

    def _rows(self, table: Table, where: Mapping[str, str | None]) -> list[dict[str, Any]]:
        """All rows of a table that have these values; None stands for any."""
        same = [table.c[name] == value for name, value in where.items() if value is not None]
        with self.database.reading() as connection:
            if connection is None:
                return []
            result = connection.execute(select(table).where(*same))
            return [dict(row) for row in result.mappings()]

    def _until_done(self, change: Callable[[Connection], _Done | None]) -> _Done:
        """Make a change, again whenever another process has got in between (Postgres only)."""
        for _ in range(_ATTEMPTS):
            try:
                with self.database.writing() as connection:
                    done = change(connection)
                    if done is not None:
                        return done
            except IntegrityError:  # the same row was made at the same time
                continue
        raise RegistryUnavailable(
            f"{self.database}: others have changed the same row {_ATTEMPTS} times; try again"
        )
