"""Request of a sweep: overrides in, cells out, whichever way the configs are composed."""

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from sweeper.config.bounded import refuse_long
from sweeper.config.orders import spelled_out
from sweeper.config.overrides import readable, refuse_converted
from sweeper.config.refusals import reworded
from sweeper.config.schema import typed
from sweeper.plan.cell import SETTINGS, Cell, build_cell, flatten, param_path
from sweeper.plan.layers import fixed_by_files
from sweeper.plan.listed_points import Row, literal, read_list
from sweeper.space.override_grammar import is_numeric_sweep
from sweeper.space.simplex import Simplex, is_simplex, simplex_of
from sweeper.space.zip_values import Pair, is_paired, pairs_of


@dataclass(frozen=True)
class Request:
    """A multirun's overrides, sorted by what they ask for.

    Attributes:
        numbers: sweeps of numbers in `params`, `risk` and `costs`: never composed per point.
        choices: for every other sweep, its `key=value` texts: composed, all combinations.
        fixed: overrides with one value.
        pinned: config paths that those set, the keys of a dictionary included.
        paired: numbers that are set together, the entries of each zip or choice of dictionaries.
        choosing: the words that `choices` stand for.
        swept: the words that `numbers`, `paired` and `simplexes` stand for.
        simplexes: weights that add to 1.
    """

    numbers: tuple[Override, ...]
    choices: tuple[tuple[str, ...], ...]
    fixed: tuple[str, ...]
    pinned: frozenset[str] = frozenset()
    paired: tuple[tuple[Pair, ...], ...] = ()
    choosing: tuple[str, ...] = ()
    swept: tuple[str, ...] = ()
    simplexes: tuple[Simplex, ...] = ()

    @property
    def sweeps_params(self) -> bool:
        """Some of the numbers are parameters: the strategy's own space is not used."""
        paths = [_path(override) for override in self.numbers]
        paths += [path for group in self.paired for entry in group for path in entry]
        paths += [path for simplex in self.simplexes for path in simplex.over]
        return any(path.startswith("params.") for path in paths)


@dataclass(frozen=True)
class Composer:
    """Hydra, ready to parse and to compose.

    Attributes:
        parser: of overrides.
        compose: a config, Hydra's own part included, out of `key=value` texts that sweep nothing.
        fixed_by_files: the parameters that the files fix which such texts choose.
    """

    parser: OverridesParser
    compose: Callable[[Sequence[str]], DictConfig]
    fixed_by_files: Callable[[Sequence[str]], set[str]]

    @classmethod
    def of(
        cls,
        loader: ConfigLoader,
        compose: Callable[[Sequence[str]], DictConfig],
        config_name: str = "config",
        always: Sequence[str] = (),
    ) -> "Composer":
        """A composer of what a loader finds, `always` among all; equal texts are composed once."""
        kept: dict[tuple[str, ...], DictConfig] = {}

        def once(texts: Sequence[str]) -> DictConfig:
            if tuple(texts) not in kept:
                with reworded():
                    kept[tuple(texts)] = compose(texts)
            return kept[tuple(texts)]

        fixed = fixed_by_files(loader, config_name)
        parser = OverridesParser.create(config_loader=loader)
        return cls(parser, once, lambda texts: fixed([*always, *texts]))


def parse(overrides: Sequence[str], parser: OverridesParser) -> Request:
    """Sort overrides; of several for one key the last one counts, as on any command line.

    Raises:
        ValueError: one line: what cannot be read, or cannot be swept.
    """
    refuse_long(overrides)
    words = spelled_out([readable(word) for word in overrides])
    last = {_path(override): override for override in parser.parse_overrides(words)}
    numbers, choices, fixed, paired, choosing, swept = [], [], [], [], [], []
    simplexes = []
    for path, override in last.items():
        vectorised = path.startswith("params.") or path in SETTINGS
        if is_simplex(override):
            simplexes.append(simplex_of(override))
            swept.append(str(override.input_line))
        elif is_paired(override):
            paired.append(tuple(pairs_of(override)))
            swept.append(str(override.input_line))
        elif not override.is_sweep_override():
            fixed.append(override)
        elif override.is_hydra_override():
            raise ValueError(f"{path}: is of the whole command and cannot be swept; give one value")
        elif vectorised and is_numeric_sweep(override):
            numbers.append(override)
            swept.append(str(override.input_line))
        elif override.is_discrete_sweep():
            choices.append(_choices(path, override))
            choosing.append(str(override.input_line))
        else:
            raise ValueError(
                f"{path}: a range of numbers is swept only under params, risk, size and costs, got "
                f"{override.input_line!r}; list the values instead"
            )
    texts = tuple(str(override.input_line) for override in fixed)
    pinned = frozenset(path for override in fixed for path in _set_by(override))
    return Request(
        tuple(numbers),
        tuple(choices),
        texts,
        pinned,
        tuple(paired),
        tuple(choosing),
        tuple(swept),
        tuple(simplexes),
    )


def _path(override: Override) -> str:
    return override.get_key_element().lstrip("+~")


def _choices(path: str, override: Override) -> tuple[str, ...]:
    """The texts of a sweep that is composed."""
    element = override.get_key_element()
    values = list(override.sweep_string_iterator())
    if not values:
        raise ValueError(
            f"{path}: {override.get_value_string()} matches nothing; glob() chooses among the "
            "options of a group, as in 'strategy=glob(*ma)'"
        )
    return tuple(f"{element}={text}" for text in values)


def _set_by(override: Override) -> Iterator[str]:
    """The config paths that an override sets to a value."""
    if override.is_delete():
        return
    path, value = override.key_or_group, override.value()
    if isinstance(value, Mapping):
        yield from flatten({str(key): each for key, each in value.items()}, f"{path}.")
    else:
        yield path


def request_cells(words: Sequence[str], composer: Composer) -> Iterator[tuple[DictConfig, Cell]]:
    """A composed config and its cell for every combination of choices, and of a list's words.

    What a file sweeps (`hydra.sweeper.params`) is swept in the cells that it is part of.

    Raises:
        ValueError: one line, for whatever does not fit together.
    """
    own = parse(words, composer.parser)
    combinations = list(itertools.product(*own.choices))
    asked = [_of_files(composer.compose([*own.fixed, *choice])) for choice in combinations]
    if all(each == asked[0] for each in asked):
        yield from _cells(parse([*asked[0], *words], composer.parser), composer, (), asked[0])
        return
    rest = [word for word in map(readable, words) if word not in own.choosing]
    for choice, in_files in zip(combinations, asked, strict=True):
        request = parse([*in_files, *rest, *choice], composer.parser)
        yield from _cells(request, composer, choice, in_files)


def _of_files(composed: DictConfig) -> tuple[str, ...]:
    """The sweep that files hold, as words of a command line."""
    sweeper = composed.hydra.sweeper
    with reworded():
        params = OmegaConf.to_container(sweeper.params, resolve=True) if sweeper.params else {}
    assert isinstance(params, dict)
    flat = flatten({str(key): value for key, value in params.items()})
    return tuple(_word(key, value) for key, value in flat.items())


def _word(key: str, value: Any) -> str:
    if key.lstrip("+") == "data.symbols":
        refuse_converted({"symbols": value})
    return f"{key}={value if isinstance(value, str) else literal(key, value)}"


def _cells(
    request: Request, composer: Composer, marks: Sequence[str], in_files: Sequence[str]
) -> Iterator[tuple[DictConfig, Cell]]:
    """The cells of one request. What files give under `hydra.sweeper.params` is told of each.

    So a single backtest, to which Hydra does not give it, can be asked for by the cell's words.

    Args:
        request: with `in_files` among its words.
        composer: of its configs.
        marks: overrides that distinguish these cells from those of other requests.
        in_files: the words that came from files; those that they choose may not bring others.
    """
    for choice in itertools.product(*request.choices):
        texts = [*request.fixed, *choice]
        composed = composer.compose(texts).copy()  # each cell is a job with a number of its own
        if _of_files(composed) != tuple(in_files):
            raise ValueError(
                f"hydra.sweeper.params: chooses {', '.join(choice)}, which sweeps something too; "
                "choose it on the command line"
            )
        _name_by_numbers(composed, request)
        fixed = functools.partial(composer.fixed_by_files, texts)
        search = typed(without_hydra(composed)).search
        cell_words = (*(word for word in in_files if word in request.fixed), *marks, *choice)
        if search.kind != "list":
            yield composed, _cell(composed, request, cell_words, fixed)
            continue
        for words, rows in read_list(search.options["path"]).items():
            listed = composer.compose([*texts, *words])
            yield listed, _cell(listed, request, (*cell_words, *words), fixed, rows)


def _name_by_numbers(composed: DictConfig, request: Request) -> None:
    """Add what is swept without being composed to the overrides of a job, and to their name.

    So `hydra.job.override_dirname` and `.hydra/overrides.yaml` hold all that the cell is.
    """
    hydra = composed.hydra
    words = list(request.swept)
    if not words:
        return
    with read_write(hydra), open_dict(hydra):
        hydra.overrides.task = [*hydra.overrides.task, *words]
        named = hydra.job.config.override_dirname
        excluded = {str(key) for key in named.exclude_keys}
        added = [word for word in words if word.partition("=")[0].lstrip("+") not in excluded]
        parts = [*filter(None, [hydra.job.override_dirname]), *added]
        joined = named.item_sep.join(sorted(part.replace("=", named.kv_sep) for part in parts))
        hydra.job.override_dirname = joined


def _cell(
    composed: DictConfig,
    request: Request,
    marks: Sequence[str],
    fixed: Callable[[], set[str]],
    rows: Sequence[Row] | None = None,
) -> Cell:
    """A cell of a request; `fixed` reads the files once more, and only where it matters."""
    task = without_hydra(composed)
    space = "strategy.space."
    ranged = {
        param_path(path.removeprefix(space)) for path in request.pinned if path.startswith(space)
    }
    pinned = request.pinned
    if rows is None and not request.sweeps_params:
        pinned |= fixed() - ranged  # a range that is typed is later than any file
    cell = build_cell(
        typed(task), request.numbers, marks, pinned, rows, request.paired, request.simplexes
    )
    if _interpolates(task):
        for axis in cell.space.axes:
            _refuse_dependants(task, axis.name)
    return cell


def without_hydra(composed: DictConfig) -> DictConfig:
    """The config without Hydra's own part."""
    task = composed.copy()
    with read_write(task), open_dict(task):
        task.pop("hydra", None)
    return task


ENVIRONMENT = re.compile(r"\$\{oc\.env:[^${}]*\}")


def _interpolates(task: DictConfig) -> bool:
    """Some value is interpolated from more than the environment."""
    plain = OmegaConf.to_container(task)
    assert isinstance(plain, dict)
    texts = map(str, flatten({str(key): value for key, value in plain.items()}).values())
    return any("${" in ENVIRONMENT.sub("", text) for text in texts)


def _refuse_dependants(task: DictConfig, path: str) -> None:
    """A swept number is never composed in, so nothing may be interpolated from it."""
    seen = []
    for value in (1.0, 2.0):
        trial = task.copy()
        OmegaConf.update(trial, path, value, force_add=True)
        with reworded():
            plain = OmegaConf.to_container(trial, resolve=True)
        assert isinstance(plain, dict)
        seen.append(flatten({str(key): value for key, value in plain.items()}))
    moved = [other for other in seen[0] if other != path and seen[0][other] != seen[1][other]]
    if moved:
        raise ValueError(
            f"{moved[0]}: is interpolated from {path}, which is swept without composing again; "
            f"sweep {moved[0]} too, or set it to a number"
        )
