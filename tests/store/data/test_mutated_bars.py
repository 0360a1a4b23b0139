"""2,500 bit flips in bar files, kept ones and the user's: refused, or read as the same numbers."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store.data import DataSpec, bar_store, load
from store.data.bars import check_rules, fingerprint
from store.data.files import read_file
from store.data.ingest import Fresh, keep
from store.data.normalise import shape
from store.data.rounding import repair
from store.data.sources import parquet
from store.errors import BadBars, DamagedFile


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    (data,) = load(DataSpec("synthetic", options={"kind": "garch", "bars": 100}))
    keep(folder, Fresh.of_dataset(data), {"source": "synthetic"})
    return folder


def mutants(content, seed, count=1_000):
    """Copies, each with one flipped bit."""
    rng = np.random.default_rng(seed)
    for place in rng.integers(len(content), size=count):
        mutant = bytearray(content)
        mutant[place] ^= 1 << int(rng.integers(8))
        yield bytes(mutant)


@pytest.mark.parametrize("kind", ["data/files/*.parquet", "data/bars/*.json"])
def test_a_flip_in_what_is_kept_is_always_refused(root, kind):
    (file,) = root.glob(kind)
    content = file.read_bytes()
    (record,) = root.glob("data/bars/*.json")
    for mutant in mutants(content, 3):
        file.write_bytes(mutant)
        with pytest.raises(DamagedFile, match=str(file)):
            bar_store.read(root, bar_store.load_record(record).file, "SYN-GARCH-1d")
    file.write_bytes(content)
    assert len(load(DataSpec("stored", str(root)))[0].frame) == 100


def test_a_flip_in_a_file_of_the_user_is_refused_or_changes_nothing(root, tmp_path):
    """With the checksums that Parquet writers may write and that many leave out."""
    (data,) = load(DataSpec("stored", str(root)))
    file = tmp_path / "USER.parquet"
    table = pa.Table.from_pandas(data.frame)
    pq.write_table(table, file, write_page_checksum=True)
    refused = []
    for mutant in mutants(file.read_bytes(), 4, 500):
        file.write_bytes(mutant)
        try:
            raw = read_file(file, parquet.SUFFIXES, parquet.read, parquet.DAMAGE)
            frame, _ = repair(shape(raw, str(file)))
            check_rules(frame, str(file))
        except BadBars as error:
            refused.append(str(error))
        else:
            pd.testing.assert_frame_equal(frame, data.frame, check_freq=False)
            assert fingerprint(frame) == data.fingerprint
    assert 100 < len(refused) < 500
    assert all(text.startswith(f"{file}: ") and "\n" not in text for text in refused)
