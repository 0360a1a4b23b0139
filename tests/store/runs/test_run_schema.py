import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kernels import METRICS
from store.errors import DamagedFile, StoreError
from store.runs.columns import ERRORS, VERSION, check_version, metadata, metrics_of
from store.runs.schema import run_schema
from tests.store.made_runs import error_table, run_table


def test_columns_and_their_types():
    schema = run_schema({"fast": int, "band": float}, ["costs.commission", "risk.stop_loss"])
    assert schema.names == [
        *("experiment_id", "run", "config_hash", "params_hash", "strategy", "symbol"),
        *("timeframe", "direction", "window", "start", "end", "status", "baseline", "look_ahead"),
        *("params.fast", "params.band", "costs.commission", "risk.stop_loss"),
        "tried",
        *METRICS,
        *("block_sum", "block_sumsq"),
    ]
    types = {name: str(schema.field(name).type) for name in schema.names}
    assert types["config_hash"] == "fixed_size_binary[32]"
    assert types["start"] == "timestamp[us, tz=UTC]"
    assert (types["params.fast"], types["params.band"]) == ("int64", "double")
    assert (types["sharpe"], types["trades"], types["losing_trades"]) == (
        "double", "int64", "int64",
    )  # fmt: skip
    assert schema.field("block_sum").type == pa.list_(pa.float32(), 64)


def test_a_file_says_its_version_and_its_metrics():
    schema = run_schema({})
    check_version(schema, "x")
    assert metrics_of(schema) == METRICS
    assert metrics_of(ERRORS) == ()


def test_a_newer_version_is_refused_by_name_and_a_foreign_file_too():
    newer = {**metadata(()), b"sweeper.version": str(VERSION + 1).encode()}
    with pytest.raises(StoreError, match=r"runs.parquet: has schema version 2, .* up to 1"):
        check_version(pa.schema([], metadata=newer), "runs.parquet")
    with pytest.raises(DamagedFile, match="x: is no file of this store"):
        check_version(pa.schema([pa.field("a", pa.int8())]), "x")


@pytest.mark.parametrize(
    ("params", "swept", "message"),
    [({"kind": str}, [], "params.kind: .* got str"), ({}, ["fill"], "fill: a swept setting")],
)
def test_what_is_no_number_is_refused(params, swept, message):
    with pytest.raises(ValueError, match=message):
        run_schema(params, swept)


def test_tables_of_both_schemas_survive_parquet(tmp_path):
    for table in (run_table("exp-1", swept=["risk.stop_loss"]), error_table("exp-1")):
        pq.write_table(table, tmp_path / "x.parquet")
        assert pq.read_table(tmp_path / "x.parquet").equals(table, check_metadata=True)
