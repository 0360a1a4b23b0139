"""Tasks: due once, whatever clocks do; five faults in a row open a breaker."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from operate.records.clock import now_of
from operate.records.desk import Place
from operate.tasks import queue, run_due
from operate.tasks.queue import BREAKER, Task
from operate.tasks.schedule import following, is_due, text
from tests import warm
from tests.operate.operated import PAST

NOON = datetime(2024, 3, 10, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("frequency", "next_run"),
    [
        ("hourly", "2024-03-10T13:00:00Z"),
        ("after_close", "2024-03-10T13:00:00Z"),
        ("daily", "2024-03-11T00:00:00Z"),
        ("weekly", "2024-03-11T00:00:00Z"),
    ],
)
def test_the_next_time_is_whole_in_utc(frequency, next_run):
    """10 March 2024 has 23 hours in New York: no difference here."""
    assert following(NOON, frequency) == next_run
    assert not is_due(next_run, NOON, frequency)
    assert is_due(next_run, NOON + timedelta(days=7), frequency)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"])
@pytest.mark.parametrize("frequency", ["hourly", "daily", "weekly", "after_close"])
def test_wherever_the_clock_stands_the_times_are_the_same(zone, frequency):
    """Two days around the changes of 2024 in New York, hour by hour."""
    for begin in (datetime(2024, 3, 9, tzinfo=UTC), datetime(2024, 11, 2, tzinfo=UTC)):
        moments = [begin + timedelta(hours=k) for k in range(60)]
        times = [following(each.astimezone(ZoneInfo(zone)), frequency) for each in moments]
        assert times == [following(each, frequency) for each in moments]
        assert times == sorted(times)


def test_a_clock_that_is_set_back_runs_no_hour_twice(place):
    queue.add(place, Task("tell", "notify", "all", "hourly"))
    assert len(run_due.run_due(place)) == 1
    for minutes in (-50, -20, 0, 20):
        back = Place(place.desk, place.now + timedelta(minutes=minutes))
        assert run_due.run_due(back) == []
    assert len(run_due.run_due(later(place, 1))) == 1


def test_a_clock_that_was_a_year_ahead_does_not_stop_a_task():
    assert is_due(text(NOON + timedelta(days=365)), NOON, "daily")
    assert not is_due(text(NOON + timedelta(hours=12)), NOON, "daily")


@pytest.fixture
def place(operated):
    return Place(operated.desk, now_of("2024-03-10T12:30Z"))


def later(place, hours):
    return Place(place.desk, place.now + timedelta(hours=hours))


def test_a_due_task_runs_once(place):
    queue.add(place, Task("watch", "shadow", "fast", "after_close", 1))
    assert [ran.ok for ran in run_due.run_due(place)] == [True]
    assert run_due.run_due(place) == []
    assert [ran.sentence for ran in run_due.run_due(later(place, 1))] == ["no new bar"]


def test_tasks_run_by_priority(place):
    for name, priority in (("b", 2), ("a", 3), ("c", 1)):
        queue.add(place, Task(name, "notify", "all", "hourly", priority))
    assert [ran.name for ran in run_due.run_due(place)] == ["c", "b", "a"]


def test_five_faults_in_a_row_open_the_breaker_and_a_person_closes_it(operated, place, monkeypatch):
    queue.add(place, Task("bad", "shadow", "none", "hourly"))
    for hour in range(BREAKER):
        assert [ran.ok for ran in run_due.run_due(later(place, hour))] == [False]
    assert run_due.run_due(later(place, 9)) == []
    told = operated.json("tasks")
    assert (told[0]["status"], told[0]["failures"]) == ("disabled", BREAKER)
    operated.json("tasks", "enable", "bad", "--by", "ann@example.org")
    assert len(run_due.run_due(later(place, 9))) == 1


def test_a_success_between_faults_keeps_the_breaker_shut(place, monkeypatch):
    answers = iter([True, False, True, True, True, True])

    def work(*_):
        if next(answers):
            raise ValueError("no network")
        return "fine", ""

    monkeypatch.setitem(run_due.WORK, "notify", work)
    queue.add(place, Task("tell", "notify", "all", "hourly"))
    for hour in range(6):
        run_due.run_due(later(place, hour))
    assert queue.all_tasks(place)[0].enabled


def test_a_task_that_another_process_has_is_left_alone(place):
    queue.add(place, Task("watch", "notify", "all", "hourly"))
    taken = queue.lease(place, "watch", place.now.to_pydatetime())
    assert taken is not None
    assert run_due.run_due(place) == []
    assert len(run_due.run_due(later(place, 3))) == 1  # the lease of a dead process runs out


def test_two_processes_at_once_run_a_task_once(place):
    queue.add(place, Task("watch", "notify", "all", "hourly"))
    code = "from operate.cli.app import app; app()"
    words = ["run-due", "--root", "results", "--profiles", "profiles", "--json"]
    words += ["--now", "2024-03-10T12:30Z"]
    both = [warm.Started("-c", code, words, Path.cwd()) for _ in range(2)]
    ran = [json.loads(each.ended().out) for each in both]
    assert sorted(map(len, ran)) == [0, 1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "x", "--type", "dance"), "type: need one of"),
        (("add", "x", "--type", "cycle", "--frequency", "often"), "frequency: need one of"),
        (("add", "x", "--type", "cycle", "--priority", "0"), "priority"),
        (("add", "x", "--type", "cycle", "--config", "[]"), "--config"),
        (("enable", "x"), "task x: there is none"),
    ],
)
def test_bad_input_is_one_line(operated, words, message):
    done = operated.run("tasks", *words, code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_daemon_runs_what_is_due_and_ends(operated):
    operated.json("tasks", "add", "watch", "--type", "shadow", "--component", "fast")
    done = operated.run("daemon", "--every", "0.01", "--ticks", "3")
    assert done.stdout.count("watch: done") == 1
    assert operated.json("shadow", "fast")["bars"] == PAST


def test_the_template_for_actions_runs_verbs_that_exist():
    template = Path(run_due.__file__).resolve().parent.parent.parent / "examples" / "operate.yml"
    values = yaml.safe_load(template.read_text())
    triggers = values.get("on") or values[True]  # YAML 1.1 reads `on` as true
    assert triggers["schedule"] == [{"cron": "17 * * * *"}]
    assert "task" in triggers["workflow_dispatch"]["inputs"]
    steps = values["jobs"]["run-due"]["steps"]
    runs = " ".join(step.get("run", "") for step in steps)
    verbs = set(re.findall(r"python -m operate ([\w-]+)", runs))
    assert verbs == {"run-due", "notify"}
    assert any("upload-artifact" in step.get("uses", "") for step in steps)
