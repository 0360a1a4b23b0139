"""Hydra's contract as its users know it: jobs, logs, saved folders, own paths and groups."""

import json
import logging

import pytest
from hydra.core.config_store import ConfigStore
from hydra.experimental.callback import Callback

from store.query.results import Results
from store.records import experiment as experiments
from sweeper.config import saved_job
from tests.sweeper.cli import run_cli

pytestmark = pytest.mark.slow

SWEEP = (
    "-m",
    "params.fast=5,10,20",
    "params.slow=50,80",
    "executor=inline",
    "hydra.sweep.dir=jobs",
)
JOBS = []


class Keep(Callback):
    """Keeps what Hydra hands to callbacks."""

    def on_job_end(self, config, job_return, **kwargs):
        JOBS.append(job_return)


KEEP = f"+hydra.callbacks.keep._target_={__name__}.Keep"


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    JOBS.clear()
    root = logging.getLogger()
    before = root.level, root.handlers[:]

    def run(*words, code=0):
        ended = run_cli(monkeypatch, capsys, *words)
        assert ended.code == code, ended.err
        return ended

    yield run
    for handler in {*root.handlers} - {*before[1]}:
        handler.close()
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    logging.getLogger("sweeper").setLevel(logging.NOTSET)
    ConfigStore.instance().repo.pop(f"{saved_job.NAME}.yaml", None)


def final_equity(ended):
    return json.loads(ended.out)["NASDAQ"]["final_equity"]


def test_the_return_value_of_a_cell_is_its_summary(cli, tmp_path):
    cli(*SWEEP, "strategy.direction=long,both", KEEP)
    (experiment,) = experiments.every(tmp_path / "results")
    runs = Results(tmp_path / "results").runs(experiment.id).to_pandas()
    for place, job in enumerate(JOBS):
        group = experiment.groups[place]
        own = runs[(runs.run >= group.first_run) & (runs.run < group.first_run + 6)]
        best = own.loc[own.sharpe.idxmax()]
        assert job.return_value == {
            "experiment": experiment.id,
            "runs": 6,
            "metric": "sharpe",
            "best": best.sharpe,
            "symbol": "NASDAQ",
            "params": {"fast": best["params.fast"], "slow": best["params.slow"]},
        }


def test_the_name_of_a_job_holds_what_is_swept_in_it(cli, tmp_path):
    cli(*SWEEP, "hydra.sweep.subdir=${hydra.job.override_dirname}")
    (folder,) = (path.name for path in (tmp_path / "jobs").iterdir() if path.is_dir())
    assert "params.fast=5,10,20" in folder
    assert "params.slow=50,80" in folder
    text = (tmp_path / "jobs" / folder / ".hydra" / "overrides.yaml").read_text()
    assert "- params.fast=5,10,20" in text


def test_every_job_folder_has_the_log_and_verbose_shows_the_events(cli, tmp_path):
    ended = cli(*SWEEP, "strategy.direction=long,both", "hydra.verbose=[sweeper]")
    assert "[sweeper][DEBUG] - Finished experiment=exp-" in ended.out
    for number in "01":
        lines = (tmp_path / "jobs" / number / "sweeper.log").read_text().splitlines()
        assert [line for line in lines if "Started experiment=" in line]
        assert sum("Block number=" in line for line in lines) >= 1


def test_a_job_logging_of_ones_own_counts_in_a_sweep(cli, tmp_path):
    (tmp_path / "mine" / "hydra" / "job_logging").mkdir(parents=True)
    (tmp_path / "mine" / "hydra" / "job_logging" / "loud.yaml").write_text(
        "version: 1\n"
        "formatters: {plain: {format: 'MINE %(message)s'}}\n"
        "handlers: {file: {class: logging.FileHandler, formatter: plain,"
        " filename: '${hydra.runtime.output_dir}/mine.log'}}\n"
        "root: {level: DEBUG, handlers: [file]}\n"
        "loggers: {numba: {level: WARNING}}\n"
        "disable_existing_loggers: false\n"
    )
    words = ("hydra/job_logging=loud", "strategy.direction=long,both")
    cli("--config-dir", "mine", *SWEEP, *words)
    for number in "01":
        text = (tmp_path / "jobs" / number / "mine.log").read_text()
        assert "MINE Finished experiment=exp-" in text


@pytest.mark.parametrize("option", ["--config-dir", "--config-path"])
def test_a_saved_folder_runs_that_very_backtest_again(cli, tmp_path, option):
    saved = cli("strategy=rsi", "params.period=9", "output=json", "hydra.run.dir=job")
    folder = str(tmp_path / "job" / ".hydra")
    again = cli(option, folder, "--config-name", "config", "output=json")
    assert final_equity(again) == final_equity(saved) != final_equity(cli("output=json"))
    other = cli(option, folder, "params.period=20", "output=json")
    assert final_equity(other) == final_equity(
        cli("strategy=rsi", "params.period=20", "output=json")
    )


@pytest.mark.parametrize(
    "words",
    [
        SWEEP,
        ("-m", "strategy=rsi", "search=random", "search.n=9", "hydra.sweep.dir=jobs"),
        ("-m", "+experiment=sma_grid", "params.slow=100", "hydra.sweep.dir=jobs"),
    ],
)
def test_a_saved_folder_of_a_cell_sweeps_the_same_again(cli, tmp_path, words):
    cli(*words, "executor=inline")
    folder = str(tmp_path / "jobs" / "0" / ".hydra")
    again = cli("-m", "--config-dir", folder, "hydra.sweep.dir=again")
    assert "holds all of these runs" in again.out
    assert len(experiments.every(tmp_path / "results")) == 1


def test_a_saved_sweep_is_no_single_backtest(cli, tmp_path):
    cli(*SWEEP)
    ended = cli("--config-dir", str(tmp_path / "jobs" / "0" / ".hydra"), code=2)
    assert ended.err.startswith("params.fast: 5,10,20 has several values, which a sweep runs")


def test_a_config_path_of_ones_own_finds_our_files_behind_it(cli, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "desk.yaml").write_text(
        "defaults: [config, override strategy: ema, _self_]\nparams: {fast: 7}\n"
    )
    words = ("--config-path", str(tmp_path / "mine"))
    mine = final_equity(cli(*words, "--config-name", "desk", "output=json"))
    assert mine == final_equity(cli("strategy=ema", "params.fast=7", "output=json"))
    assert final_equity(cli(*words, "output=json")) == final_equity(cli("output=json"))


def test_a_group_of_ones_own_has_keys_under_user(cli, tmp_path):
    (tmp_path / "mine" / "desk").mkdir(parents=True)
    (tmp_path / "mine" / "desk" / "eu.yaml").write_text("# @package user.desk\ntrader: jane\n")
    ended = cli(*SWEEP, "--config-dir", "mine", "+desk=eu", code=2)
    assert ended.err.startswith("+desk=eu: overrides stand together; put the options before")
    cli("--config-dir", "mine", *SWEEP, "+desk=eu", "+user.note=morning")
    (experiment,) = experiments.every(tmp_path / "results")
    assert experiment.config["user"] == {"desk": {"trader": "jane"}, "note": "morning"}
    ended = cli("+trader=jane", code=2)
    assert ended.err.rstrip().endswith("and user for keys of your own")


def test_a_launcher_is_refused_not_ignored(cli):
    ConfigStore.instance().store(group="hydra/launcher", name="mine", node={"_target_": "x"})
    ended = cli(*SWEEP, "hydra/launcher=mine", code=2)
    assert ended.err.startswith("hydra/launcher=mine: no launcher is used")


@pytest.mark.parametrize("number", ["params.fast", "risk.stop_loss", "costs.commission"])
def test_a_glob_of_a_number_is_refused(cli, number):
    ended = cli("-m", f"{number}=glob(*)", code=2)
    assert ended.err.startswith(f"{number}: glob(*) matches nothing")


@pytest.mark.parametrize("full", ["0", "1", None])
def test_full_errors_of_hydra_add_the_traceback_to_the_line(cli, monkeypatch, full):
    for words in (("params.fsat=3",), ("-m", "params.fsat=3,4")):
        monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
        if full is not None:
            monkeypatch.setenv("HYDRA_FULL_ERROR", full)
        ended = cli(*words, code=2)
        assert ended.err.splitlines()[-1].startswith("params.fsat: ")
        assert ("Traceback" in ended.err) == (full == "1")
        assert len(ended.err.splitlines()) == 1 or full == "1"
