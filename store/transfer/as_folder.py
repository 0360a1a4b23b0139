"""A folder of one experiment for people and their scripts: four small files, no runs.

`summary.json` has the experiment's hash and texts, its metrics and its luck line;
`experiment_config.json` the resolved config; `windows.csv` a row per test window with what was
chosen on the windows before it; `weights_suggestion.json` the weights that each window's choice
suggests, fitted on earlier bars only, and those of the whole experiment.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from store.files.backend import Root
from store.query.results import Results
from store.records.experiment import Experiment
from store.runs.plain import to_json

WEIGHTS = ("weights.", "shares.")
"""Beginnings of the names of weights among params; sleeves have members before them."""
FEATURE = "weights."
"""Beginning of the name of a feature's weight."""
SIDES = ("in_sample", "out_of_sample")
HEAD = ("symbol", "window", "start", "end", "train_start", "train_end", "chosen", "tested")


def write(root: Root, experiment: Experiment, edits: Mapping[str, object], draft: Path) -> None:
    """Write the files of an experiment into a new folder."""
    results = Results(root)
    folds = folds_of(results, experiment)
    draft.mkdir()
    summary = summary_of(results, experiment)
    (draft / "summary.json").write_text(to_json(summary) + "\n", encoding="utf-8")
    config = {"experiment_hash": experiment.plan_hash, **experiment.config}
    (draft / "experiment_config.json").write_text(to_json(config) + "\n", encoding="utf-8")
    suggested = to_json(weights_suggestion(results, experiment, folds)) + "\n"
    (draft / "weights_suggestion.json").write_text(suggested, encoding="utf-8")
    _write_windows(folds, draft / "windows.csv")


def folds_of(results: Results, experiment: Experiment) -> list[dict[str, object]]:
    """The folds of all symbols, each with the runs that were chosen and tested; [] without."""
    analyses = results.windows(experiment.id).get("walk_forward", [])
    folds = []
    for symbol in [analyses] if isinstance(analyses, Mapping) else analyses:
        for fold in symbol["folds"]:
            runs = {name: _metrics(results, fold[name]) for name in ("chosen", "tested")}
            folds.append({"symbol": symbol["symbol"], **fold, "runs": runs})
    return folds


def _metrics(results: Results, ref: str) -> Mapping[str, object]:
    metrics: Mapping[str, object] = results.show(ref)["metrics"]
    return metrics


def summary_of(results: Results, experiment: Experiment) -> dict[str, object]:
    """Hash, texts, config and metrics of an experiment; metrics are those of its best."""
    best = next(iter(results.standings(experiment.id, 1)), None)
    shown = results.show(experiment.id)  # texts and tags as they were edited
    return {
        "experiment_hash": experiment.plan_hash,
        "experiment": {
            "id": experiment.id,
            "name": shown["name"],
            "description": shown["description"],
            "hypothesis": shown["hypothesis"],
            "tags": list(shown["tags"]),
            "created": experiment.created,
            "status": experiment.status,
            "command": list(experiment.command),
        },
        "config": experiment.config,
        "metrics": {} if best is None else best["metrics"],
        "best": best,
        "analysis": results.windows(experiment.id),
        "luck": experiment.luck,
    }


def weights_of(params: Mapping[str, Any]) -> dict[str, float]:
    """The weights and shares among params, by name."""
    return {
        name: float(value)
        for name, value in params.items()
        if any(name.startswith(start) or f".{start}" in name for start in WEIGHTS)
    }


def weights_suggestion(
    results: Results, experiment: Experiment, folds: Sequence[Mapping[str, Any]]
) -> dict[str, object]:
    """Weights by window, fitted on bars before it, and those of the middle of the best plateau.

    All of the windows' are configurations that the experiment has run, so that the ledger counts
    them; the plateau's medians are one more if they are run.
    """
    suggestion = results.suggestion(experiment.id) or {}
    return {
        "windows": [
            {
                "symbol": fold["symbol"],
                "test_start": fold["test"].get("first"),
                "test_end": fold["test"].get("last"),
                "fitted_until": fold["train"].get("last"),
                "run": fold["chosen"],
                "weights": weights_of(fold["params"]),
                "features": selected_features(fold["params"]),
                "params": dict(fold["params"]),
            }
            for fold in folds
        ],
        "features": selection_shares(folds),
        "weights": suggestion.get("weights") or weights_of(suggestion.get("params", {})),
        "params": suggestion.get("params", {}),
        "run": suggestion.get("ref"),
        "command": ["python", "-m", "sweeper", *suggestion.get("overrides", ())],
        "advice": suggestion.get("advice", ""),
    }


def selected_features(params: Mapping[str, float]) -> list[str]:
    """Features whose weight is not 0, by name."""
    weights = {n.partition(FEATURE)[2]: v for n, v in params.items() if FEATURE in n}
    return sorted(name for name, weight in weights.items() if weight)


def selection_shares(folds: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Share of the windows whose choice, made on earlier bars only, selects each feature."""
    names = {n.partition(FEATURE)[2] for fold in folds for n in fold["params"] if FEATURE in n}
    chosen = [selected_features(fold["params"]) for fold in folds]
    return {name: sum(name in own for own in chosen) / len(chosen) for name in sorted(names)}


def _write_windows(folds: Sequence[Mapping[str, object]], path: Path) -> None:
    rows = [_window_row(fold) for fold in folds]
    names = list(dict.fromkeys(name for row in rows for name in row)) or list(HEAD)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _window_row(fold: Mapping[str, Any]) -> dict[str, object]:
    """Times, the choice, its params and its metrics on both windows, empty where unknown."""
    train, test = fold["train"], fold["test"]
    texts = (
        fold["symbol"],
        test["role"],
        test.get("first"),
        test.get("last"),
        train.get("first"),
        train.get("last"),
        fold["chosen"],
        fold["tested"],
    )
    row: dict[str, object] = dict(zip(HEAD, texts, strict=True))
    row |= {f"params.{name}": value for name, value in fold["params"].items()}
    for run, side in zip(("chosen", "tested"), SIDES, strict=True):
        row |= {f"{side}.{name}": value for name, value in fold["runs"][run].items()}
    return {name: "" if value is None else value for name, value in row.items()}
