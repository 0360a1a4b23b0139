"""Panels against what vectorbt, bt and alphalens answered, as recorded in tests/peers.

`python -m benchmarks.panel_parity` asks them again.
"""

import json

import pytest

from benchmarks.panel_parity import RECORD, TOLERANCE, differences
from benchmarks.peers.panel_samples import samples

ANSWERS = json.loads(RECORD.read_text())
FOUND = dict(differences(ANSWERS))


@pytest.mark.parametrize("name", FOUND)
def test_as_the_peers(name):
    assert FOUND[name] <= TOLERANCE


def test_every_answer_is_compared():
    of_bt = sum(sample.same for sample in samples().values())
    assert len(FOUND) == len(samples()) + of_bt + 2
    assert of_bt >= 2


def test_what_differs_is_seen():
    answers = json.loads(json.dumps(ANSWERS))
    answers["bt"]["every bar"][-1] *= 1 + 1e-9
    answers["alphalens"]["quantiles"][0] += 1e-9
    beyond = [name for name, off in differences(answers) if off > TOLERANCE]
    assert beyond == ["equity of every bar (bt)", "returns by quantile (alphalens)"]
    with pytest.raises(ValueError, match="samples: drawn otherwise"):
        next(differences(answers | {"samples": "0"}))
