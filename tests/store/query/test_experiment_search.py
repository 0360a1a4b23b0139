"""Filters of the list, and tags and texts as they are now."""

from datetime import date

import pytest

from store.errors import BadName, UnknownReference
from store.files.paths import registry_file
from store.query import edit_annotations, experiment_search
from store.query.experiment_search import Wanted
from store.query.results import Results
from store.records import experiment as records
from store.report.build_view import collect
from tests.store.made_runs import filled, finish, new_experiment

OLD, MIDDLE, NEW = (f"exp-2026010{day}-030405-0001" for day in (1, 2, 3))


def group(strategy, symbol):
    return {"strategy": strategy, "symbol": symbol, "points": 1, "runs": 1, "windows": [{}]}


@pytest.fixture
def root(tmp_path):
    for day, ref in enumerate((OLD, MIDDLE, NEW), start=1):
        new_experiment(
            tmp_path,
            id=ref,
            created=f"2026-01-0{day}T23:59:59.999999+00:00",
            tags=["kept", f"day-{day}"],
            description="as started",
            groups=[group("sma", "NASDAQ"), group("rsi", f"S{day}")],
            counts={"planned": 1, "done": 0},
            data={},
        )
    finish(tmp_path, records.load(tmp_path, OLD), status="done")
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [NEW, MIDDLE, OLD]),
        ({"symbol": "S2"}, [MIDDLE]),
        ({"symbol": "NASDAQ", "limit": 2}, [NEW, MIDDLE]),
        ({"strategy": "rsi"}, [NEW, MIDDLE, OLD]),
        ({"strategy": "ema"}, []),
        ({"tag": "day-1"}, [OLD]),
        ({"tag": "day"}, []),
        ({"since": date(2026, 1, 2)}, [NEW, MIDDLE]),
        ({"until": date(2026, 1, 2)}, [MIDDLE, OLD]),
        ({"since": date(2026, 1, 2), "until": date(2026, 1, 2)}, [MIDDLE]),
        ({"status": "done"}, [OLD]),
        ({"status": "running", "tag": "kept", "symbol": "S3"}, [NEW]),
    ],
)
def test_what_is_wanted(wanted, expected, root):
    assert [one.id for one in experiment_search.experiments(root, Wanted(**wanted))] == expected


def test_an_unknown_status_is_refused():
    with pytest.raises(UnknownReference, match=r"status: must be one of running, .* got 'over'"):
        Wanted(status="over")


def test_edits_show_wherever_experiments_are_shown(root):
    results, record = Results(root), records.load(root, NEW)
    edit_annotations.tag(results, "latest", ["new", "day-3"])
    edit_annotations.untag(results, "latest", ["kept"])
    edit_annotations.note(results, "latest", description="as edited", expected_impact="+0.2")
    listed = results.experiments(Wanted(tag="new"))[0]
    assert (listed.id, listed.tags) == (NEW, ["day-3", "new"])
    shown = results.show(NEW)
    for found in (vars_of(listed), shown, edit_annotations.read(results, NEW)):
        assert found["description"] == "as edited"
        assert found["hypothesis"] == ""
        assert found["expected_impact"] == "+0.2"
    told = results.sql("select tags, description, expected_impact from experiments limit 1")
    assert told.fetchall() == [(["day-3", "new"], "as edited", "+0.2")]
    assert results.experiments(Wanted(tag="kept"))[0].id == MIDDLE
    assert records.load(root, NEW) == record, "what a sweep was started with stays"


def vars_of(experiment):
    return {name: getattr(experiment, name) for name in experiment.__slots__}


def test_search_finds_experiments_and_runs(tmp_path):
    experiment = filled(tmp_path, blocks=1, tags=["x"])
    results = Results(tmp_path)
    edit_annotations.tag(results, "latest/12", ["x", "y"])
    edit_annotations.tag(results, "latest/2", ["x"])
    edit_annotations.note(results, "latest/2", description="odd")
    found = experiment_search.search(tmp_path, "x")
    assert [one["ref"].partition("/")[2] for one in found] == ["", "2", "12"]
    assert {one["name"] for one in found} == {"demo"}
    assert [one["description"] for one in found] == ["", "odd", ""]
    assert [one["ref"] for one in experiment_search.search(tmp_path, "y")] == [
        f"{experiment.id}/12"
    ]
    assert experiment_search.search(tmp_path, "z") == []
    assert results.show("latest/12")["tags"] == ["x", "y"]
    assert "tags" not in results.show("latest/3")


def test_a_tag_that_is_not_there_cannot_be_taken_away(root):
    results = Results(root)
    with pytest.raises(UnknownReference, match=rf"{NEW}: has no tag 'x'; its tags: kept, day-3"):
        edit_annotations.untag(results, "latest", ["kept", "x"])
    with pytest.raises(BadName):
        edit_annotations.tag(results, "latest", ["fine", "../x"])
    assert edit_annotations.read(results, "latest")["tags"] == ["kept", "day-3"]
    assert not registry_file(root).exists()
    with pytest.raises(UnknownReference):
        edit_annotations.tag(results, "latest/7", ["x"])


def test_a_report_shows_what_was_edited(root):
    edit_annotations.note(Results(root), "latest", description="as edited", hypothesis="so")
    view = collect(root, "latest")
    assert (view.description, view.hypothesis) == ("as edited", "so")
