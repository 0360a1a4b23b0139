"""The same rows, bit for bit, of all executors, with one worker and with two."""

import pytest

from store.records import experiment as experiments
from store.runs.blocks import read_block
from store.runs.key_set import keys_of, union
from store.runs.parquet import encode
from sweeper.evaluate.block_task import Work, run_block
from sweeper.evaluate.prior_runs import History
from sweeper.evaluate.rows import config_hashes
from sweeper.executors.inline import InlineExecutor
from sweeper.executors.local.executor import LocalExecutor
from sweeper.executors.ray.executor import RayExecutor
from sweeper.run.recorder import describe
from tests.sweeper.planned import GRID, make_cell, make_plan

ORDERS = (
    "risk.stop_loss=2,3",
    "risk.max_bars=null,9",
    "risk.cooldown=null,2",
    "risk.break_even=null,1",
    "costs.fixed=0,1",
)


@pytest.fixture(scope="module")
def planned():
    """Two strategies' worth of groups, stops, orders and costs swept too; in small blocks."""
    cells = [
        make_cell(*GRID, "risk.stop_loss=null,0.05", "costs.slippage=0,0.001"),
        make_cell(
            "params.period=range(2,12)",
            strategy={"name": "rsi", "module": "rsi", "direction": "both", "constraint": None},
        ),
        make_cell("params.fast=3,5", "params.slow=20,30", *ORDERS, risk={"unit": "atr"}),
    ]
    plan = make_plan(*cells)
    return cells, plan.cut([60] * len(plan.groups))


def known(group):
    """Keys of every third configuration of a group: they are left out."""
    numbers, _, _ = group.configurations(0, group.points)
    return union([keys_of(config_hashes(group, group.windows[0], numbers[::3]))])


def rows_from(executor, planned, root):
    """The bytes of every block that an executor writes."""
    cells, plan = planned
    record = describe(cells, [[] for _ in cells], plan, History(), command=["test"], luck=None)
    record = experiments.create(root, record)
    work = Work.of(root, record.id, plan, cells[0].config.search, known(plan.groups[0]))
    executor.run(run_block, work, [range(plan.blocks)], str)
    folder = root / "v1" / record.id / "blocks"
    tables = [read_block(folder, number) for number in range(plan.blocks)]
    return [encode(table.drop_columns(["experiment_id"])) for table in tables]


def test_inline_and_ray_write_the_same_bytes(planned, tmp_path, cluster):
    inline = rows_from(InlineExecutor(), planned, tmp_path)
    assert len(inline) > 8
    assert rows_from(RayExecutor(2, "two"), planned, tmp_path) == inline
    assert rows_from(RayExecutor(1, "one"), planned, tmp_path) == inline


def test_inline_and_forked_processes_write_the_same_bytes(planned, tmp_path):
    inline = rows_from(InlineExecutor(), planned, tmp_path)
    assert rows_from(LocalExecutor(2, "two"), planned, tmp_path) == inline
    assert rows_from(LocalExecutor(1, "one"), planned, tmp_path) == inline
