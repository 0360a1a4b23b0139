"""Messages about data in the words of `store ingest`: its options, not the keys of a config."""

import re

OPTIONS = {
    "timeframe": "--timeframe",
    "calendar": "--calendar",
    "start": "--start",
    "end": "--end",
    "symbols": "--symbol",
    "adjusted": "--adjusted",
    "kind": "--kind",
    "bars": "--bars",
    "seed": "--seed",
}
"""Options of `ingest` by the key of the config group `data` that means the same."""

_KEY = re.compile(
    r"(?<![\w./\\-])data\.(?:csv\.(?P<of_csv>[a-z_]+(?:\.\w+)?)|(?P<own>[a-z_]+))(?P<eq>=?)"
)


def in_options(text: str, csv_names: frozenset[str]) -> str:
    """A message that names keys of `data`, with the options of the command in their place.

    Args:
        text: `set data.timeframe=1h or data.csv.timezone`.
        csv_names: of the options `--csv NAME=VALUE`.
    """

    def option(key: re.Match[str]) -> str:
        of_csv, own = key["of_csv"], key["own"]
        if of_csv is not None and of_csv.partition(".")[0] in csv_names:
            return f"--csv {of_csv}{key['eq']}"
        if own in OPTIONS:
            return OPTIONS[own] + (" " if key["eq"] else "")
        return key[0]

    return _KEY.sub(option, text)
