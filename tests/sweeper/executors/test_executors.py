"""All executors: the same results, each block told once, whatever happens to workers."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from ray.tune.execution import class_cache

from sweeper.config.schema import RayConfig
from sweeper.executors import BlockFault, ClusterLost, GaveUp
from sweeper.executors.inline import InlineExecutor
from sweeper.executors.local.executor import LocalExecutor
from sweeper.executors.ray.cluster import connect
from sweeper.executors.ray.executor import RayExecutor
from sweeper.executors.ray.runtime_env import ROOT
from tests.sweeper import attended
from tests.sweeper.fake_work import FakeWork, run_block, tell_environment
from tests.sweeper.processes import descendants, listening, title


def results(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.glob("*.done")}


def run(executor, work, blocks, watch=None):
    """The blocks that `watch` saw, in order."""
    seen = []

    def both(done):
        seen.append(done)
        if watch is not None:
            watch(done)

    executor.run(run_block, work, [blocks], both)
    return seen


@pytest.fixture
def on_ray(cluster, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    yield RayExecutor(cluster.workers, "sma-NASDAQ", folder=scratch, inherits=cluster.inherits)
    assert list(scratch.iterdir()) == []


@pytest.fixture(params=["local", "ray"])
def spread(request):
    """An executor of two workers in processes of their own; none of a local one is left."""
    if request.param == "ray":
        yield request.getfixturevalue("on_ray")
        return
    before = descendants(os.getpid())
    yield LocalExecutor(2, "sma-NASDAQ")
    assert not set(descendants(os.getpid())) - set(before)


def make(tmp_path: Path, name: str, **fields) -> FakeWork:
    folder = tmp_path / name
    folder.mkdir()
    return FakeWork(folder, **fields)


class Unloadable:
    def __reduce__(self):
        return int, ("x",)


def test_inline_runs_in_order_in_this_process(tmp_path):
    seen = run(InlineExecutor(), make(tmp_path, "inline"), [4, 1, 2])
    assert [done.number for done in seen] == [4, 1, 2]
    assert {done.pid for done in seen} == {os.getpid()}


def test_inline_says_which_block_is_at_fault_and_keeps_the_cause(tmp_path):
    work = make(tmp_path, "inline", broken=frozenset({1}))
    with pytest.raises(BlockFault, match="block 1: ArithmeticError: block 1 is broken") as fault:
        run(InlineExecutor(), work, range(3))
    assert isinstance(fault.value.__cause__, ArithmeticError)
    assert list(results(work.folder)) == ["000000.done"]


def test_workers_give_the_same_results_and_tell_each_block_once(spread, tmp_path, capfd):
    inline, work = make(tmp_path, "inline"), make(tmp_path, "spread", seconds=0.05)
    blocks = [*range(0, 40, 2), 7]
    run(InlineExecutor(), inline, blocks)
    seen = run(spread, work, blocks)
    assert results(work.folder) == results(inline.folder)
    assert sorted(done.number for done in seen) == sorted(blocks)
    assert len({done.pid for done in seen} - {os.getpid()}) == 2
    if isinstance(spread, RayExecutor):  # one copy of the bars, shared by the workers
        assert not any(done.writeable for done in seen)
    assert capfd.readouterr() == ("", "")


def test_nothing_is_done_for_no_blocks(spread, tmp_path):
    assert run(spread, make(tmp_path, "none"), range(0)) == []


def test_the_block_at_fault_is_named_with_its_traceback(spread, tmp_path, capfd):
    work = make(tmp_path, "broken", broken=frozenset({3}))
    with pytest.raises(BlockFault, match="block 3: Traceback") as fault:
        run(spread, work, range(10**12))
    assert "fake_work.py" in str(fault.value)
    assert str(fault.value).rstrip().endswith("ArithmeticError: block 3 is broken")
    assert capfd.readouterr() == ("", "")


def test_an_error_of_the_watcher_ends_the_sweep_as_it_is(spread, tmp_path):
    def watch(done):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run(spread, make(tmp_path, "watched"), range(10**12), watch)


@pytest.mark.parametrize("inherits", [True, False])
def test_workers_that_inherit_the_environment_are_asked_to_set_none(cluster, tmp_path, inherits):
    assert cluster.inherits
    before, seen = dict(class_cache.DEFAULT_ENV_VARS), []
    executor = RayExecutor(1, "one", inherits=inherits)
    executor.run(tell_environment, make(tmp_path, "told"), [range(1)], seen.append)
    asked, _, is_set = seen[0].best_label.rpartition(" ")
    assert ("RAY_CHDIR_TO_TRIAL_DIR" in asked) == (not inherits)
    assert is_set == "0"
    assert before == class_cache.DEFAULT_ENV_VARS != {}


def in_rounds(executor, work):
    """Three rounds, each of the blocks that follow those seen before it was asked for."""
    seen = []

    def rounds():
        for _ in range(3):
            yield [len(seen), len(seen) + 1]
            yield []

    executor.run(run_block, work, rounds(), lambda done: seen.append(done.number))
    return [sorted(seen[i : i + 2]) for i in range(0, len(seen), 2)]


def test_a_round_waits_for_all_of_the_one_before(spread, tmp_path):
    want = [[0, 1], [2, 3], [4, 5]]
    assert in_rounds(InlineExecutor(), make(tmp_path, "inline")) == want
    assert in_rounds(spread, make(tmp_path, "spread", seconds=0.05)) == want


@pytest.mark.kill
def test_work_that_cannot_be_loaded_ends_the_sweep(cluster, tmp_path):
    with pytest.raises(ClusterLost, match=r"worker one-00 cannot start: .*invalid literal for int"):
        run(RayExecutor(1, "one"), Unloadable(), range(3))


@pytest.mark.kill
def test_a_killed_worker_loses_nothing_and_doubles_nothing(spread, tmp_path, capfd):
    work = make(tmp_path, "spread", seconds=0.2)
    killed = []

    def kill_its_worker(done):
        if done.number in (2, 9):
            killed.append(done.pid)
            os.kill(done.pid, signal.SIGKILL)

    seen = run(spread, work, range(24), kill_its_worker)
    assert len(set(killed)) == 2
    assert Counter(done.number for done in seen) == Counter(range(24))
    assert len(results(work.folder)) == 24
    assert capfd.readouterr() == ("", "")


@pytest.mark.kill
def test_a_block_that_kills_its_workers_is_given_up_and_the_rest_is_done(spread, tmp_path, capfd):
    work = make(tmp_path, "spread", poison=frozenset({1}))
    seen = []
    with pytest.raises(GaveUp, match=r"^1 block\(s\) given up.*block 1 killed its worker") as end:
        spread.run(run_block, work, [range(6)], seen.append)
    assert list(end.value.reasons) == [1]
    if isinstance(spread, RayExecutor):
        assert end.value.reasons[1].startswith("The actor died unexpectedly")
        assert "SYSTEM_ERROR" in end.value.reasons[1]
    else:
        assert end.value.reasons[1] == "its process was ended by SIGKILL"
    assert sorted(done.number for done in seen) == [0, 2, 3, 4, 5]
    assert capfd.readouterr() == ("", "")


DRIVER = """
import sys
from pathlib import Path
from sweeper.config.schema import RayConfig
from sweeper.executors import ClusterLost
from sweeper.executors.ray.cluster import connect
from sweeper.executors.ray.executor import RayExecutor
from tests.sweeper.fake_work import FakeWork, run_block

def watch(done):
    print(done.number, done.pid, flush=True)

try:
    with connect(RayConfig(num_cpus=2)) as cluster:
        work = FakeWork(Path(sys.argv[1]), seconds=0.2)
        executor = RayExecutor(cluster.workers, "child", inherits=cluster.inherits)
        executor.run(run_block, work, [range(10**9)], watch)
except (KeyboardInterrupt, ClusterLost) as end:
    print("ended", type(end).__name__, end, flush=True)
"""


def drive(folder: Path) -> subprocess.Popen[str]:
    return attended.start([sys.executable, "-c", DRIVER, str(folder)], cwd=ROOT, process_group=0)


def gone(pids, seconds=10):
    """Whether none of the processes is left."""
    deadline = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.kill
def test_ctrl_c_stops_everything_without_a_word(tmp_path):
    """SIGINT goes to the whole process group, as a terminal sends it."""
    driver = drive(tmp_path)
    assert driver.stdout is not None
    pids = {int(driver.stdout.readline().split()[1]) for _ in range(6)}
    os.killpg(driver.pid, signal.SIGINT)
    out, err = driver.communicate(timeout=100)
    assert (out.splitlines()[-1], err, driver.returncode) == ("ended KeyboardInterrupt ", "", 0)
    assert gone(pids)


@pytest.mark.kill
def test_a_dead_raylet_ends_the_sweep_at_once_in_one_line(tmp_path):
    driver = drive(tmp_path)
    assert driver.stdout is not None
    pids = {int(driver.stdout.readline().split()[1]) for _ in range(6)}
    (raylet,) = [pid for pid in descendants(driver.pid) if "/raylet/raylet " in title(pid)]
    os.kill(raylet, signal.SIGKILL)
    out, err = driver.communicate(timeout=100)
    last = out.splitlines()[-1]
    assert last.startswith("ended ClusterLost Ray on this machine died (its raylet); what is done")
    assert (err, driver.returncode) == ("", 0)
    assert gone(pids)


@pytest.mark.kill
def test_a_dead_gcs_ends_the_sweep_at_once_in_one_line(tmp_path):
    driver = drive(tmp_path)
    assert driver.stdout is not None
    pids = {int(driver.stdout.readline().split()[1]) for _ in range(6)}
    (gcs,) = [pid for pid in descendants(driver.pid) if "gcs_server" in title(pid)]
    os.kill(gcs, signal.SIGKILL)
    out, err = driver.communicate(timeout=100)
    last = out.splitlines()[-1]
    assert last.startswith("ended HeadLost Ray on this machine died (its GCS); what is done")
    assert (err, driver.returncode) == ("", 1)
    assert gone(pids)


def test_nothing_of_a_local_ray_listens_beyond_localhost(on_ray, tmp_path):
    """Hex, as the kernel has it: 127.0.0.1, and the same as an IPv6 address."""
    found = []

    def look(done):
        found.extend(listening(pid) for pid in [os.getpid(), *descendants(os.getpid())])

    run(on_ray, make(tmp_path, "ray"), range(1), look)
    assert sum(map(bool, found)) >= 5
    assert set().union(*found) == {"0100007F", "0000000000000000FFFF00000100007F"}


def test_a_local_ray_asks_for_a_token_that_leaves_no_trace(cluster, monkeypatch):
    from ray._private.authentication.authentication_utils import is_token_auth_enabled

    assert is_token_auth_enabled()
    assert not {"RAY_AUTH_TOKEN", "RAY_AUTH_MODE"} & os.environ.keys()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        (f"127.0.0.1:{free_port()}", "nothing answers at 127.0.0.1:"),
        ("no-such-host.invalid:6379", "nothing answers at no-such-host.invalid:6379"),
        ("head", "must be auto or host:port, got head"),
        ("head:port", "must be auto or host:port, got head:port"),
        ("ray://head:10001", "must be auto or host:port, got ray://head:10001"),
    ],
)
def test_a_wrong_address_is_refused_in_one_line(address, complaint):
    with pytest.raises(ValueError, match=r"^ray\.address") as refusal, connect(RayConfig(address)):
        pass
    assert complaint in str(refusal.value)
    assert "\n" not in str(refusal.value)


@contextmanager
def server(answer):
    """The address of a server that says `answer` to whoever connects; None: nothing, ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            held = []
            with suppress(OSError):
                while True:
                    held.append(listener.accept()[0])
                    if answer is not None:
                        held[-1].sendall(answer)
                        held.pop().close()
            for one in held:
                one.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", None])
def test_a_port_of_something_else_is_refused(answer, monkeypatch):
    monkeypatch.setattr("sweeper.executors.ray.discovery.ANSWER_SECONDS", 0.3)
    with (
        server(answer) as address,
        pytest.raises(ValueError, match=f"what answers at {address} is not the head") as refusal,
        connect(RayConfig(address)),
    ):
        pass
    assert "\n" not in str(refusal.value)


@pytest.fixture
def no_ray(monkeypatch):
    """Have no Ray be up in this process, as far as it is asked; the tests' own stays usable."""
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    monkeypatch.setattr("sweeper.executors.ray.auth.take_effect", lambda: None)


def test_a_ray_that_does_not_start_in_time_is_one_line_and_leaves_nothing(
    monkeypatch, no_ray, tmp_path
):
    """As `ray.init` puts it on a machine that has too much to do: several lines, no kind."""

    def too_late(**options):
        raise Exception(
            "The current node timed out during startup.\nThis could happen because some of the "
            "raylet failed to startup or the GCS has become overloaded."
        )

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr("ray.init", too_late)
    monkeypatch.setattr("ray.shutdown", lambda: None)
    monkeypatch.setattr("sweeper.executors.ray.scratch.SHORT", tmp_path)
    before = dict(os.environ)
    with pytest.raises(ClusterLost) as told, connect(RayConfig()):
        pass
    assert str(told.value) == (
        "Ray did not start here (The current node timed out during startup. This could happen "
        "because some of the raylet failed to startup or the GCS has become overloaded); try "
        "again when the machine has less to do, or with executor=inline"
    )
    assert (dict(os.environ), list(tmp_path.iterdir())) == (before, [])


def test_the_address_of_the_environment_counts(monkeypatch, no_ray):
    monkeypatch.setenv("RAY_ADDRESS", "head")
    with pytest.raises(ValueError, match="got head"), connect(RayConfig()):
        pass


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        (RayConfig(num_cpus=0), r"^ray.num_cpus: must be >= 1, got 0$"),
        (RayConfig(workers=0), r"^ray.workers: must be >= 1, got 0$"),
        (RayConfig("head:6379", num_cpus=2), r"^ray.num_cpus: .* ray.address=head:6379"),
    ],
)
def test_wrong_numbers_are_refused(no_ray, config, complaint):
    with pytest.raises(ValueError, match=complaint), connect(config):
        pass


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("http://127.0.0.1:8265", r"^RAY_ADDRESS: must be auto or host:port, .* dashboard's"),
        ("ray://head:10001", r"^RAY_ADDRESS: must be auto or host:port, .* Ray Client"),
        ("head", r"^RAY_ADDRESS: must be auto or host:port, got head"),
        ("127.0.0.1:1", r"^RAY_ADDRESS=127.0.0.1:1: nothing answers .* Without RAY_ADDRESS"),
    ],
)
def test_an_address_of_the_environment_is_told_by_its_variable(
    monkeypatch, no_ray, address, complaint
):
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(ValueError, match=complaint), connect(RayConfig()):
        pass
    with pytest.raises(ValueError, match=r"^ray.address"), connect(RayConfig(address)):
        pass


def test_connecting_leaves_the_environment_as_it_was(cluster):
    assert "RAY_prestart_worker_first_driver" not in os.environ
    assert os.environ.get("OMP_NUM_THREADS") != "1"
