"""docs/operate.md: its walk, from approved profile to full capital, as bars arrive day by day."""

import re
import shlex

import pytest

from operate.target.reader import read_target
from tests.documents import blocks
from tests.operate.live_records import faithful
from tests.operate.operated import PAST

pytestmark = pytest.mark.slow

ARRIVE = re.compile(r"walk: (\d+) bars at ([\d.]+)")


def test_the_walk_reaches_full_capital(operated):
    bars, stages = PAST, []
    for note, body in blocks("operate.md", "bash"):
        if not note.startswith("walk"):
            continue
        if found := ARRIVE.match(note):
            begun, bars = bars, bars + int(found[1])
            for n in range(begun + 10, bars + 1, 10):
                operated.arrive(n)
                operated.run("shadow", "fast")
            faithful(operated, begun, scale=float(found[2])).to_csv("fills.csv", index=False)
        for line in body.splitlines():
            words = shlex.split(line)
            assert words[:3] == ["python", "-m", "operate"]
            if "target" in words:  # of bars long ago: expired
                operated.run(*words[3:], code=3)
            elif "intake" in words:
                until = f"{operated.frame['time'][bars - 1]:%Y-%m-%d}T21:00Z"
                operated.run(*words[3:], "--until", until)
            else:
                operated.run(*words[3:])
        stages.append(operated.json("rollout", "status", "fast")["stage"])
    assert stages == ["shadow", "tenth", "half", "full"]
    assert read_target("results/targets/fast.json", now=0)["capital"] == 1.0
