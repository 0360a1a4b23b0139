"""Errors of Hydra, OmegaConf and YAML in the words of this program: key, rule, change."""

import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from hydra.errors import HydraException
from omegaconf import DictConfig, ListConfig
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from sweeper.config.closest_word import closest_word
from sweeper.config.error_text import one_line
from sweeper.config.known_keys import no_such_key
from sweeper.config.number_hint import number_hint
from sweeper.config.overrides import LISTS, as_typed

LIBRARIES = (HydraException, OmegaConfBaseException, yaml.YAMLError)
"""Errors whose messages are reworded."""


@contextmanager
def reworded() -> Iterator[None]:
    """Turn what a library complains of within into a ValueError of one line."""
    try:
        yield
    except (*LIBRARIES, ValueError) as error:
        raise ValueError(sentence(error)) from None


def refuse_unresolved(composed: DictConfig) -> None:
    """Raise ValueError for the first `${...}` of a config that leads nowhere, with its key."""
    for path, node, key in _interpolations(composed, ""):
        try:
            node[key]
        except OmegaConfBaseException as error:
            raise ValueError(_of_omegaconf(error, path)) from None


def _interpolations(node: Any, prefix: str) -> Iterator[tuple[str, Any, Any]]:
    """The values of a config that are asked for from elsewhere: path, container and key there."""
    if node._is_none() or node._is_missing() or node._is_interpolation():
        return
    keys: list[object] = list(node) if isinstance(node, DictConfig) else list(range(len(node)))
    for key in keys:
        part, path = node._get_node(key), f"{prefix}{key}"
        if part._is_interpolation():
            yield path, node, key
        elif isinstance(part, DictConfig | ListConfig):
            yield from _interpolations(part, f"{path}.")


def sentence(error: BaseException) -> str:
    """The line for an error, of a library or of this program."""
    if isinstance(error, yaml.YAMLError):
        return _of_yaml(error)
    if isinstance(error, UnicodeDecodeError):
        return f"a YAML file is no text in UTF-8 (byte {error.start}); save it as UTF-8"
    if str(error).startswith("Config group override must be"):  # a plain ValueError of Hydra's
        return "a group of configs takes the name of one of its files, not a number, truth or null"
    if not isinstance(error, LIBRARIES):
        return one_line(error)
    text = str(error)
    for pattern, words in HYDRA:
        match = re.search(pattern, text, re.DOTALL)
        if match:
            return words(match)
    cause = _omegaconf(error)
    if cause is None:
        return f"the config cannot be composed: {one_line(error)}"
    where = re.match(r"In '([^']+)': \w+ raised while composing", text)
    typed = re.match(r"Error merging override (.*)", text)
    line = _of_omegaconf(cause, typed[1] if typed else "")
    return f"{line} (in {where[1]}.yaml)" if where else line


def _could_not_override(match: re.Match[str]) -> str:
    key, value = match[1], match[3].partition("=")[2]
    if match[2] is None:
        inner = re.search(r"\{\s*(\w+)", value) if value.startswith("{") else None
        return no_such_key(f"{key}.{inner[1]}" if inner else key)
    if "No match" in match[2]:
        return f"{key}: is no part of the config until it is added; write +{key}={value}"
    return f"{key}: there is no such group; write {match[2].split()[-1].rstrip('?')}={value}"


def _no_option(match: re.Match[str]) -> str:
    """No option of a group, such as strategy=smma."""
    group, _, option = match[2].rpartition("/")
    where = "" if match[1] in ("config", "hydra/config") else f" (asked for by {match[1]})"
    options = re.findall(r"^\t([^\s=]+)$", match[3], re.MULTILINE)
    if bars := _bars_for_a_source(match[2]):
        return bars
    if not options:
        name = f"{group}={option}" if group else option
        return f"{name}: there is no such file{where}; see --config-dir and hydra.searchpath"
    near = closest_word(option, options, cutoff=0.5)
    hint = f"did you mean {near}?" if near else f"there are {', '.join(options)}"
    if group == "strategy" and not near and (module := _own_module(option)):
        hint = f"a strategy of your own is strategy=custom strategy.module={module}"
    return f"{group}={option}: there is no such option{where}; {hint}"


def _bars_for_a_source(words: str) -> str:
    """The refusal of a file where a source of bars belongs; empty for anything else."""
    group, _, path = words.partition("/")
    if group != "data" or not ("/" in path or path.endswith((".csv", ".parquet", ".txt"))):
        return ""
    source = "parquet" if path.endswith(".parquet") else "csv"
    return f"data={path}: data names a source of bars; write data={source} data.path={path}"


def _own_module(option: str) -> str:
    """The module of a user's own that has the name of an option; empty when there is none."""
    name = option.removesuffix(".py")
    if not name.isidentifier() or name in sys.stdlib_module_names:
        return ""
    return name if importlib.util.find_spec(name) else ""


def _several(match: re.Match[str]) -> str:
    key, _, value = match[1].partition("=")
    key = key.lstrip("+")
    takes_list = key in (*LISTS, "search.metric", "search.mode")
    listed = f"; a list is {as_typed(key, f'[{value}]')}" if takes_list else ""
    return f"{key}: {value} has several values, which a sweep runs: add -m (--multirun){listed}"


def _not_deleted(match: re.Match[str]) -> str:
    return f"~{match[1]}: its value is {match[2]}, not {match[3]}; write ~{match[1]}"


HYDRA: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (
        r"Could not override '([^']+)'\.(?:\s*(No match|Did you mean to override [^\n]+))?"
        r".*?use \+(.*)",
        _could_not_override,
    ),
    (
        r"An item is already at '([^']+)'.*?Either remove \+ prefix: '(.*?)'\n",
        lambda match: f"{match[1]}: is there already; write {match[2]} without the plus",
    ),
    (
        r"(\S+) appears more than once in the final defaults list",
        lambda match: f"{match[1]}: is there already; write {match[1]}=OPTION without the plus",
    ),
    (r"In '([^']+)': Could not find '([^']+)'(.*?)(?:Config search path|$)", _no_option),
    (
        r"Cannot find primary config '([^']+)'",
        lambda match: f"--config-name: there is no {match[1]}.yaml where configs are searched",
    ),
    (
        r"Additional config directory '([^']+)' not found",
        lambda match: f"--config-dir: there is no folder {_near(match[1])}",
    ),
    (
        r"Primary config directory not found.*?directory '([^']+)'",
        lambda match: f"--config-path: there is no folder {_near(match[1])}",
    ),
    (r"Ambiguous value for argument '(.*?)'\n", _several),
    (r"Sweep parameters '(.*?)' requires --multirun", _several),
    (
        r"Sweeping over Hydra's configuration is not supported : '([^=]+)=",
        lambda match: f"{match[1]}: is of the whole command and cannot be swept; give it one value",
    ),
    (
        r"Error locating target '([^']+)'",
        lambda match: f"hydra: nothing can be imported as {match[1]}; correct its _target_",
    ),
    (
        r"Cannot instantiate config of type",
        lambda _: "hydra.callbacks: each needs keys of its own, with _target_ among them",
    ),
    (
        r"Could not delete from config\. '([^']+)' does not exist",
        lambda match: f"~{no_such_key(match[1])}",
    ),
    (r"Could not delete from config\. The value of '([^']+)' is (.*) and not (.*)\.", _not_deleted),
    (
        r"config group '([^']+)' does not exist",
        lambda match: no_such_key(match[1].replace("/", ".")),
    ),
    (
        r"(?:In '([^']+)': )?Multiple values for (\S+)\.",
        lambda match: (
            f"{match[2]}: is chosen twice; keep one, or begin the line of an experiment "
            f"file with `override /{match[2].rstrip('.')}:`"
        ),
    ),
)
"""Messages of Hydra, by what they match, and the sentence in their place."""


WHOLE = "the config"
"""In the place of a key, where an error names none."""


def _omegaconf(error: BaseException | None) -> OmegaConfBaseException | None:
    """The error of OmegaConf that an error is, comes from, or was raised while handling."""
    while error is not None and not isinstance(error, OmegaConfBaseException):
        error = error.__cause__ or error.__context__
    return error


def _of_omegaconf(error: OmegaConfBaseException, typed: str) -> str:
    """The sentence for an error of OmegaConf, raised for the override `typed` where not empty."""
    within = re.search(r"full_key: (\S+)", str(error))
    word = typed.partition("=")[0].lstrip("+~")
    key = str(error.full_key or (within[1] if within else word or WHOLE))
    if word.startswith((f"{key}.", f"{key}[")):
        return f"{word}: there is no such key; {key} is one value, which has no keys of its own"
    text = str(error).partition("\n")[0]
    if isinstance(error, MissingMandatoryValue):
        return f"{key}: is missing; write {key}=VALUE"
    for pattern, words in OMEGACONF:
        match = re.search(pattern, text)
        if match:
            return words(key, match)
    value = typed.partition("=")[2]
    return f"{key}: cannot take this value" + (f", got {value}" if value else "")


def _must(rule: str) -> Callable[[str, re.Match[str]], str]:
    return lambda key, match: f"{key}: must be {rule}, got {match[1]!r}"


def _must_count(rule: str) -> Callable[[str, re.Match[str]], str]:
    return lambda key, match: f"{key}: must be {rule}, got {match[1]!r}{number_hint(key, match[1])}"


def _has_keys(key: str) -> str:
    if key == WHOLE:  # OmegaConf does not say which section of it
        return f"{key}: a section is no list; write its keys, such as params: {{fast: 5}}"
    return f"{key}: has keys of its own, which are set one by one: {key}.KEY=VALUE"


OMEGACONF: tuple[tuple[str, Callable[[str, re.Match[str]], str]], ...] = (
    (r"Key '[^']*' (?:is )?not (?:in|found)", lambda key, _: no_such_key(key)),
    (r"Value '(.*)' of type '\w+' could not be converted to Float", _must_count("a number")),
    (
        r"Value '(.*)' of type '\w+' could not be converted to Integer",
        _must_count("a whole number"),
    ),
    (r"Value '(.*)' is not a valid bool", _must("true or false")),
    (
        r"Invalid value '(.*)', expected one of \[(.*)\]",
        lambda key, match: f"{key}: must be one of {match[2]}, got {match[1]!r}",
    ),
    (
        r"is not Optional",
        lambda key, _: (
            f"{key}: must have a value, got null; leave it out, or quote it where the word "
            "is meant: 'null'"
        ),
    ),
    (r"Cannot convert '\w+' to string: '(.*)'", _must("one text")),
    (
        r"is not a ListConfig, list or tuple",
        lambda key, _: f"{key}: must be a list, such as {key}=[a,b]",
    ),
    (
        r"Interpolation key '(.*)' not found",
        lambda key, match: f"{key}: asks for the value of {no_such_key(match[1])}",
    ),
    (
        r"Unsupported interpolation type (\S+)",
        lambda key, match: (
            f"{key}: nothing resolves ${{{match[1]}:...}}; a key is ${{params.fast}}, "
            "a variable of the environment ${oc.env:NAME}"
        ),
    ),
    (
        r"Missing mandatory value: (\S+)",
        lambda _, match: f"{match[1]}: is missing; write {match[1]}=VALUE",
    ),
    (r"Recursive interpolation", lambda key, _: f"{key}: asks for its own value; set it"),
    (
        r"Environment variable '(.*)' not found",
        lambda key, match: f"{key}: the environment has no variable {match[1]}; set it",
    ),
    (
        r"(?i)interpolation|token recognition|mismatched|extraneous|no viable",
        lambda key, _: f"{key}: its ${{...}} cannot be resolved; correct it, or set a value",
    ),
    (
        r"Cannot (?:assign|merge)|Invalid type assigned",
        lambda key, _: _has_keys(key),
    ),
    (r"Index|list index", lambda key, _: f"{key}: is no key of a list, which is set as a whole"),
)
"""Messages of OmegaConf, by what they match, and the sentence in their place."""


def _of_yaml(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:  # of `bounded`, in our words
        return f"a YAML file {one_line(error)}"
    place = f"{_near(mark.name)}: line {mark.line + 1}"
    twice = re.search(r"duplicate key (\S+)", str(error))
    if twice:
        return f"{place}: {twice[1]} is there twice; keep one"
    tag = re.search(r"for the tag '(?:tag:yaml\.org,2002:)?([^']+)'", str(error))
    if tag:
        return f"{place}: the tag {tag[1]} is not taken, a config holds plain values; drop it"
    return f"{place}: is not YAML; look at its colons, indents, brackets and quotes"


def _near(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
