"""What a sweep is asked for: overrides in, cells out, whoever composes the configs."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from sweeper.bounded import refuse_long
from sweeper.cells import SETTINGS, Cell, build_cell, flatten
from sweeper.config import typed
from sweeper.grammar import is_numeric_sweep
from sweeper.listed import Row, read_list


@dataclass(frozen=True)
class Request:
    """A multirun's overrides, sorted by what they ask for.

    Attributes:
        numbers: sweeps of numbers in `params`, `risk` and `costs`: never composed per point.
        choices: for every other sweep, its `key=value` texts: composed, all combinations.
        fixed: overrides with one value.
    """

    numbers: tuple[Override, ...]
    choices: tuple[tuple[str, ...], ...]
    fixed: tuple[str, ...]

    def pinned(self) -> set[str]:
        """Config paths that are set to one value."""
        return {text.lstrip("+").partition("=")[0] for text in self.fixed}


def parse(overrides: Sequence[str], parser: OverridesParser) -> Request:
    """Sort overrides; of several for one key the last one counts, as on any command line."""
    refuse_long(overrides)
    last = {_path(override): override for override in parser.parse_overrides(list(overrides))}
    numbers, choices, fixed = [], [], []
    for path, override in last.items():
        vectorised = path.startswith("params.") or path in SETTINGS
        if not override.is_sweep_override():
            fixed.append(str(override.input_line))
        elif vectorised and is_numeric_sweep(override):
            numbers.append(override)
        elif override.is_discrete_sweep():
            element = override.get_key_element()
            choices.append(tuple(f"{element}={text}" for text in override.sweep_string_iterator()))
        else:
            raise ValueError(
                f"{path}: a range of numbers is swept only under params, risk and costs, got "
                f"{override.input_line!r}; list the values instead"
            )
    return Request(tuple(numbers), tuple(choices), tuple(fixed))


def _path(override: Override) -> str:
    return override.get_key_element().lstrip("+~")


Compose = Callable[[Sequence[str]], DictConfig]
"""A config out of `key=value` texts that sweep nothing."""


def request_cells(request: Request, compose: Compose) -> Iterator[tuple[DictConfig, Cell]]:
    """A composed config and its cell for every combination of choices, and of a list's words.

    Raises:
        ValueError: one line, for whatever does not fit together.
    """
    for choice in itertools.product(*request.choices):
        texts = [*request.fixed, *choice]
        composed = compose(texts)
        search = typed(without_hydra(composed)).search
        if search.kind != "list":
            yield composed, _cell(composed, request, choice)
            continue
        for words, rows in read_list(search.options["path"]).items():
            listed = compose([*texts, *words])
            yield listed, _cell(listed, request, (*choice, *words), rows)


def _cell(
    composed: DictConfig,
    request: Request,
    choice: Sequence[str],
    rows: Sequence[Row] | None = None,
) -> Cell:
    task = without_hydra(composed)
    cell = build_cell(typed(task), request.numbers, choice, request.pinned(), rows)
    for axis in cell.space.axes:
        _refuse_dependants(task, axis.name)
    return cell


def without_hydra(composed: DictConfig) -> DictConfig:
    """The config without Hydra's own part."""
    task = composed.copy()
    with read_write(task), open_dict(task):
        task.pop("hydra", None)
    return task


def _refuse_dependants(task: DictConfig, path: str) -> None:
    """A swept number is never composed in, so nothing may be interpolated from it."""
    seen = []
    for value in (1.0, 2.0):
        trial = task.copy()
        OmegaConf.update(trial, path, value, force_add=True)
        plain = OmegaConf.to_container(trial, resolve=True)
        assert isinstance(plain, dict)
        seen.append(flatten({str(key): value for key, value in plain.items()}))
    moved = [other for other in seen[0] if other != path and seen[0][other] != seen[1][other]]
    if moved:
        raise ValueError(
            f"{moved[0]}: is interpolated from {path}, which is swept without composing again; "
            f"sweep {moved[0]} too, or set it to a number"
        )
