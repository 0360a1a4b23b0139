"""Real sweeps in processes of their own that share one store, at once, some of them killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from store.ledger import ledger, verify
from store.query.results import Results
from store.records import experiment as experiments

ROOT = Path(__file__).resolve().parents[3]
SWEEP = [sys.executable, "-m", "sweeper", "-m", "executor=inline", "data=nasdaq"]
COLUMNS = ["params.fast", "params.slow"]
SLOW = "params.slow=range(10,300)"

pytestmark = pytest.mark.kill


def start(folder, fast):
    """A sweep over some lengths as a process whose store is in `folder`."""
    environment, pipe = os.environ | {"PYTHONPATH": str(ROOT)}, subprocess.PIPE
    command = [*SWEEP, f"params.fast={fast}", SLOW]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True
    )


def end(process):
    """Its standard output, once it has ended well."""
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    return out


def kill_midway(folder, process, blocks):
    """Kill it once so many blocks are committed in the store."""
    while process.poll() is None:
        if len(list(folder.glob("results/v1/*/blocks/*.parquet"))) >= blocks:
            process.kill()
            break
        time.sleep(0.005)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL


def pairs(fast):
    """Valid configurations with `fast` in a range, and the baseline."""
    return {(f, s) for f in fast for s in range(10, 300) if f < s} | {(20, 50)}


def stored(folder):
    """(fast, slow) of all rows of each experiment that has any, newest first."""
    results = Results(folder / "results")
    begun = [one for one in experiments.every(folder / "results") if one.files]
    tables = [results.runs(one.id, COLUMNS) for one in begun]
    return [
        list(zip(*(table[name].to_pylist() for name in COLUMNS), strict=True)) for table in tables
    ]


def counted(folder):
    (count,) = ledger.counts(folder / "results").values()
    assert verify.verify(folder / "results") == []
    return count


def test_two_sweeps_at_once_lose_nothing_and_count_exactly(tmp_path):
    running = [start(tmp_path, "range(2,80)"), start(tmp_path, "range(40,120)")]
    for process in running:
        end(process)
    wanted = pairs(range(2, 120))
    assert {len(rows) for rows in stored(tmp_path)} == {
        len(pairs(range(2, 80))), len(pairs(range(40, 120))),
    }  # fmt: skip
    assert set().union(*stored(tmp_path)) == wanted
    assert counted(tmp_path) == len(wanted)
    query = "select count(distinct sharpe) as n from runs group by config_hash"
    kinds = Results(tmp_path / "results").sql(query).to_arrow_table()["n"].to_numpy()
    assert np.all(kinds == 1), "whoever runs a configuration, it comes out the same"


def test_one_of_two_killed_and_the_grid_grown_runs_only_what_is_missing(tmp_path):
    killed, other = start(tmp_path, "range(2,100)"), start(tmp_path, "range(60,110)")
    kill_midway(tmp_path, killed, blocks=2)
    end(other)
    wanted = pairs(range(2, 120))
    assert "in the store already" in end(start(tmp_path, "range(2,120)"))
    newest = stored(tmp_path)[0]
    assert sorted(newest) == sorted(wanted), "each once, whoever has made it"
    assert counted(tmp_path) == len(wanted)
    assert "in the store already" in end(start(tmp_path, "range(2,100)"))
    assert counted(tmp_path) == len(wanted)
    assert {one.status for one in experiments.every(tmp_path / "results")} == {"done"}


def test_the_same_sweep_started_by_three_at_once_runs_once(tmp_path):
    """Whoever is late is told which experiment it is, or finds it done."""
    running = [start(tmp_path, "range(2,60)") for _ in range(3)]
    ended = [(process.communicate(timeout=180), process.returncode) for process in running]
    (one,) = experiments.every(tmp_path / "results")
    assert 0 in [code for _, code in ended]
    for (out, err), code in ended:
        assert one.id in out + err
        if code:
            assert code == 2
            assert "another process" in err
            assert "this very sweep" in err
            assert err.count("\n") == 1
    (rows,) = stored(tmp_path)
    assert sorted(rows) == sorted(pairs(range(2, 60)))


def test_a_second_driver_of_the_same_sweep_is_refused(tmp_path):
    first = start(tmp_path, "range(2,120)")
    while not list(tmp_path.glob("results/v1/*/blocks/*.parquet")) and first.poll() is None:
        time.sleep(0.005)
    first.send_signal(signal.SIGSTOP)
    second = start(tmp_path, "range(2,120)")
    _, err = second.communicate(timeout=60)
    first.send_signal(signal.SIGCONT)
    assert second.returncode == 2
    assert "another process is running this very sweep" in err
    assert err.count("\n") == 1
    end(first)
    (rows,) = stored(tmp_path)
    assert sorted(rows) == sorted(pairs(range(2, 120)))
