"""The statistics against what skfolio and ffn answered, as recorded in tests/peers.

`python -m benchmarks.statistics_parity` asks them again.
"""

import json

import numpy as np
import pytest

from benchmarks.peers.samples import HALVES, SCHEMES, records, searches
from benchmarks.statistics_parity import RECORD, TOLERANCE, differences

ANSWERS = json.loads(RECORD.read_text())
FOUND = dict(differences(ANSWERS))


@pytest.mark.parametrize("name", FOUND)
def test_as_the_peers(name):
    assert FOUND[name] <= TOLERANCE


def test_every_figure_is_compared():
    per_table = 2 + 2 * len(HALVES)
    assert len(FOUND) == 2 * len(records()) + per_table * len(searches()) + len(SCHEMES)


def test_what_differs_is_seen():
    answers = json.loads(json.dumps(ANSWERS))
    answers["records"]["normal"][0] += 1e-8
    answers["schemes"][1]["train"][0].pop()
    beyond = [name for name, difference in differences(answers) if difference > TOLERANCE]
    assert beyond == ["PSR of normal against 0.0", f"CPCV of {SCHEMES[1]}"]
    with pytest.raises(ValueError, match="samples: drawn otherwise"):
        next(differences(answers | {"samples": "0"}))


def test_the_samples_are_what_the_cases_need():
    equal = searches()["with equals"]
    assert np.unique(equal, axis=1).shape[1] < equal.shape[1]
