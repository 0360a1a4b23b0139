"""Swept words: what a sweep chooses besides numbers, such as `fill`, as columns of its runs.

The files of runs do not hold them. The record does, by group: in `settings`, which all runs of the
group share, and in `overrides`, what tells the group from others. So they are there for older
stores, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from store.files.arrow_types import Column, Table
from store.records.experiment import Experiment
from store.records.group import GroupRecord
from store.records.run_row import RunRow
from store.runs.columns import IDENTITY, SETTINGS, with_words_named

ALWAYS = ("fill", "initial_capital")
"""Settings that every run has, swept or not."""

_TIMEFRAME = "data.timeframe"
_IN_COLUMNS = {"strategy", "strategy.direction", "data.symbols", "fill.when", _TIMEFRAME}
"""Words that the columns of every run tell."""

Value = str | float


def words_of(group: GroupRecord) -> dict[str, Value]:
    """The words of a recorded group by the name of their column; numbers where they are some."""
    settings = group.settings
    words: dict[str, Value] = {
        name: value for name in (*ALWAYS, "risk_free") if (value := settings.get(name)) is not None
    }
    for override in group.overrides:
        key, _, text = override.lstrip("+").partition("=")
        if key not in words and key not in _IN_COLUMNS and key not in IDENTITY.names:
            words[key] = _value(text)
    return words


def _value(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return text


def whole_settings(experiment: Experiment, run: RunRow) -> dict[str, object]:
    """All settings of a run: numbers of costs and risk, NaN when off, then those of its group.

    Args:
        experiment: of the run.
        run: as `store.runs.plain.run_dicts` gives it.
    """
    group = next(span.group for span in reversed(_spans(experiment)) if span.first <= run["run"])
    numbers = {
        name: float("nan") if value is None else value
        for name, value in group.fixed.items()
        if name.startswith(SETTINGS)
    }
    return {**numbers, **run["settings"], **words_of(group), **group.settings}


def differing(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    """Names of the words in which the runs of some experiments differ.

    `timeframe` and `direction` are among them, which are columns of every run.
    """
    groups = [group for experiment in experiments for group in experiment.groups]
    named = [_in_every_run(group) | words_of(group) for group in groups]
    names = dict.fromkeys(name for words in named for name in words)
    return tuple(
        name
        for name in names
        if len({words.get(name) for words in named}) > 1
        and not (name == "data" and _told_by_symbol(groups, named))
    )


def _in_every_run(group: GroupRecord) -> dict[str, Value]:
    words = {
        "timeframe": group.timeframe,
        "direction": group.direction,
    }
    return {name: value for name, value in words.items() if value is not None}


def _told_by_symbol(groups: Sequence[GroupRecord], named: Sequence[Mapping[str, Value]]) -> bool:
    """True when the symbol says which data a run is of."""
    seen: dict[str, set[Value | None]] = {}
    for group, words in zip(groups, named, strict=True):
        seen.setdefault(group.symbol, set()).add(words.get("data"))
    return all(len(values) == 1 for values in seen.values())


def names_of(experiments: Sequence[Experiment], taken: Sequence[str]) -> dict[str, bool]:
    """Names of all columns of words, without those taken: whether the column is of numbers."""
    lower = {name.lower() for name in taken}
    numbers: dict[str, bool] = {}
    for experiment in experiments:
        for group in experiment.groups:
            for name, value in words_of(group).items():
                if name.lower() not in lower:
                    numbers[name] = numbers.get(name, True) and not isinstance(value, str)
    return numbers


def with_words(
    table: Table, experiments: Sequence[Experiment], names: Sequence[str] | None = None
) -> Table:
    """A pa.Table of runs with their words as further columns.

    Args:
        table: with the columns `experiment_id` and `run`.
        experiments: of all its runs.
        names: of the columns to add; None adds those in which the experiments differ.
    """
    differ = differing(experiments)
    kinds = names_of(experiments, table.column_names)
    runs, ids = table["run"].to_numpy(), table["experiment_id"]
    for name in differ if names is None else names:
        if name in kinds:
            kind = pa.float64() if kinds[name] else pa.string()
            table = table.append_column(name, _column(name, kind, experiments, ids, runs))
    return with_words_named(table, tuple(n for n in differ if n in table.column_names))


def _column(
    name: str,
    kind: object,
    experiments: Sequence[Experiment],
    ids: Column,
    runs: NDArray[np.int64],
) -> object:
    """One word of each run; null where its group has none."""
    values: list[Value | None] = [None]
    places = np.zeros(len(runs), np.int64)
    for experiment in experiments:
        spans = _spans(experiment)
        if not spans:
            continue
        mine = pa.compute.equal(ids, experiment.id).to_numpy()
        group = np.searchsorted([span.first for span in spans], runs[mine], "right") - 1
        places[mine] = len(values) + group
        values += [words_of(span.group).get(name) for span in spans]
    texts = values if pa.types.is_floating(kind) else [_text(value) for value in values]
    return pa.array(texts, kind).take(pa.array(places))


def _text(value: Value | None) -> str | None:
    return f"{value:g}" if isinstance(value, float) else value


@dataclass(frozen=True)
class _Span:
    """A group and its first run."""

    first: int
    group: GroupRecord


def _spans(experiment: Experiment) -> list[_Span]:
    """The groups, ascending by their first run."""
    spans = [_Span(group.first_run, group) for group in experiment.groups]
    return sorted(spans, key=lambda span: span.first)


def sql_columns(experiments: Sequence[Experiment], taken: Sequence[str]) -> Iterator[str]:
    """Every column of words as an expression of SQL over a view with `experiment_id` and `run`.

    An expression is computed only where a query reads it; a join would always be.
    """
    for name, numbers in names_of(experiments, taken).items():
        cases: dict[str, list[str]] = {}
        for experiment in experiments:
            cases.setdefault(_case(experiment, name, numbers), []).append(experiment.id)
        whens = [
            f"when experiment_id in ({', '.join(map(_quoted, ids))}) then {case}"
            for case, ids in cases.items()
        ]
        kind = "double" if numbers else "varchar"
        column = name.replace('"', '""')
        yield f'(case {" ".join(whens)} end)::{kind} as "{column}"'


def _case(experiment: Experiment, name: str, numbers: bool) -> str:
    """The word of a run by its number."""
    spans = _spans(experiment)
    texts = [_literal(words_of(span.group).get(name), numbers) for span in spans]
    if len(set(texts)) < 2:
        return texts[0] if texts else "null"
    ends = [
        (after.first, text)
        for text, following, after in zip(texts, texts[1:], spans[1:], strict=False)
        if text != following
    ]
    whens = " ".join(f"when run < {end} then {text}" for end, text in ends)
    return f"case {whens} else {texts[-1]} end"


def _literal(value: Value | None, numbers: bool) -> str:
    if value is None:
        return "null"
    return repr(float(value)) if numbers else _quoted(str(_text(value)))


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
