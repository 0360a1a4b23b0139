"""Recorded run of a small demo: all that commands print, and all files that they leave behind.

`python -m tests.golden_run` records it again in tests/golden/; the difference in git is then the
change of behaviour to be reviewed. Times, ids, hashes, versions and paths are replaced by names,
numbers are kept to five significant digits: processors differ in the last ones.
"""

import json
import os
import re
import shlex
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from tests import warm

FOLDER = Path(__file__).parent / "golden"
SWEEP = (
    "sweeper -m strategy=sma,rsi data=nasdaq,sp500 strategy.direction=long,both search=random "
    "search.n=4 executor=inline name=golden report=true hypothesis=rules"
)
COMMANDS = {
    "backtest": "sweeper strategy=sma data=nasdaq",
    "sweep": SWEEP,
    "sweep_again": SWEEP,
    "walk_forward": (
        "sweeper -m strategy=sma data=nasdaq split=walk_forward search=random search.n=4 "
        "executor=inline name=folds"
    ),
    "list": "store list",
    "top": "store top sharpe --experiment golden --n 5",
    "top_json": "store top max_drawdown --experiment golden --n 2 --json",
    "show_run": "store show golden/best",
    "show_experiment": "store show folds --json",
    "summary": "store summary golden",
    "compare": "store compare golden/best folds/best",
    "luck": "store luck golden",
    "trades": "store trades golden/best",
    "ledger": "store ledger --verify",
    "verify": "store verify",
    "sql": "store sql 'select strategy, count(*) as n from runs group by strategy order by 1'",
    "export": "store export golden --format csv --out golden.csv",
    "check": "promote check golden/best --allow-dirty --set clean_tree=off",
    "profiles": "promote list",
    "refused": "sweeper -m strategy=smaa",
}
"""Commands in their order, as words after `python -m`."""

NAMES = [
    (r"exp-\d{8}-\d{6}-[0-9a-f]{4}", "EXPERIMENT"),
    (r"\b20(?:2[5-9]|[3-9]\d)-\d\d-\d\d(?:[T ]\d\d[:-]\d\d(?:[:-]\d\d(?:\.\d+)?)?)?"
     r"(?:Z|\+00:00| UTC)?", "TIME"),
    (r"(?<=/)\d\d-\d\d-\d\d(?=/)", "TIME"),
    (r"\b[0-9a-f]{12,64}\b", "HASH"),
    (r"(?<=seconds) +\d+\.\d\b", " SECONDS"),
    (r"(?<=done) {2,}\d+\.\d\b", "  SECONDS"),
    (r"\b\d[\d,.]* (?:ms|s|min|kB|MB|KiB|MiB|bytes)\b", "SIZE"),
    (r"\b\d[\d,.]*(?: configurations| runs)?(?:/s| a second| per second)\b", "RATE"),
]  # fmt: skip
UNSTABLE = {"host", "seconds", "versions", "command", "digest", "bytes", "sha256"}
"""Fields of JSON that depend on the machine or the hour."""
NUMBER = re.compile(r"-?\d+\.\d{5,}(?:e[-+]?\d+)?")


def normalised(text, folder):
    """A text with names in place of what differs from run to run and machine to machine."""
    text = text.replace(str(folder), "FOLDER")
    for pattern, name in NAMES:
        text = re.sub(pattern, name, text)
    text = NUMBER.sub(lambda number: f"{float(number[0]):.5g}", text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def stable(value):
    """A JSON value without the fields that depend on the machine or the hour."""
    if isinstance(value, dict):
        return {
            name: name.upper() if name in UNSTABLE else stable(item) for name, item in value.items()
        }
    if isinstance(value, list):
        return [stable(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def read(file):
    """Text of a JSON or Parquet file of the store, without hashes, block sums and times."""
    if file.suffix == ".json":
        return json.dumps(stable(json.loads(file.read_text())), indent=1)
    table = pq.read_table(file)
    drop = {"run_id", "config_hash", "finished", "seconds", "tried"}
    rows = [
        [f"{value:.5g}" if isinstance(value, float) else str(value) for value in row.values()]
        for row in table.select(
            [field.name for field in table.schema
             if field.name not in drop and "fixed_size" not in str(field.type)]
        ).to_pylist()
    ]  # fmt: skip
    lines = [", ".join(f"{field.name}: {field.type}" for field in table.schema)]
    return "\n".join([*lines, *map(" ".join, rows)])


def outcome(folder):
    """Every command's output and every file left in the folder, normalised, by name."""
    texts = {}
    for name, words in COMMANDS.items():
        module, *rest = shlex.split(words)
        ended = warm.run("-m", module, rest, folder)
        printed = ended.out
        if words.endswith("--json"):
            printed = json.dumps(stable(json.loads(printed)), indent=1)
        text = f"$ python -m {words}\nexit {ended.code}\n{printed}\n{ended.err}"
        texts[name] = normalised(text, folder)
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    parts = [(normalised(str(file.relative_to(folder)), folder).strip(), file) for file in files]
    texts["files"] = "\n".join(sorted({name for name, _ in parts})) + "\n"
    for name, file in parts:
        if "/v1/" in name and file.suffix in {".json", ".parquet"}:
            key = name.replace("/", "__")
            texts[key] = texts.get(key, "") + normalised(read(file), folder)
    return texts


def record():
    """Write tests/golden/ again."""
    with TemporaryDirectory() as folder:
        texts = outcome(Path(folder))
    FOLDER.mkdir(exist_ok=True)
    for file in FOLDER.glob("*.txt"):
        file.unlink()
    for name, text in texts.items():
        (FOLDER / f"{name}.txt").write_text(text)


if __name__ == "__main__":
    os.environ["COLUMNS"] = "120"
    sys.exit(record())
