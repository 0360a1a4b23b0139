"""Names in config files stay names: YAML makes a truth of NO, a number of 1e5 and 448 of 0700.

Numbers stay those that stand there, too: YAML makes 8 of 010 and 750 of 12:30.
"""

import re

import yaml

from sweeper.config.overrides import TEXTS

CONVERTED = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "float"))
NOTHING, TEXT = "tag:yaml.org,2002:null", "tag:yaml.org,2002:str"

PLACES = frozenset(TEXTS) | {
    key.partition(".")[2] for key in TEXTS if key.startswith(("data.", "strategy."))
}
"""Keys that take a text: from the top, and as a file of conf/data or conf/strategy has them."""

NUMBERS = ("params", "costs", "risk", "size", "search", "ray", "initial_capital", "time_limit")
"""Keys from the top at or below which numbers stand."""
ODD = re.compile(r"[-+]?0[0-7_]+|[-+]?[0-9_]+(:[0-9]+)+(\.[0-9_]*)?")
"""Octal numbers and those to the base of 60, which few who write them mean."""


def keep_names(root: object, above: str = "") -> None:
    """Have bare words be texts where a key takes one, in the nodes of a YAML document.

    `null` alone is nothing, as everywhere; in a list of names it is a name. Nodes are replaced,
    since an alias may use the same one where it is a number.

    Args:
        root: the node of a document, or of a mapping right below it.
        above: the keys above it, each with a dot.
    """
    if not isinstance(root, yaml.MappingNode):
        return
    for place, (name, value) in enumerate(root.value):
        key = f"{above}{name.value}"
        if key in PLACES:
            root.value[place] = (name, _texts(value))
        elif not above:
            keep_names(value, f"{key}.")
            if key in NUMBERS:
                root.value[place] = (name, _without_odd_numbers(value))


def _without_odd_numbers(node: yaml.Node) -> yaml.Node:
    """A node with numbers as texts where YAML reads another one: they are then refused as such."""
    if isinstance(node, yaml.MappingNode):
        node.value[:] = [(name, _without_odd_numbers(value)) for name, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        node.value[:] = [_without_odd_numbers(item) for item in node.value]
    elif ODD.fullmatch(node.value):
        return _text(node, CONVERTED)
    return node


def _texts(node: object) -> object:
    """A text or a list of texts as it is written."""
    if not isinstance(node, yaml.SequenceNode):
        return _text(node, CONVERTED)
    items = [_text(item, (*CONVERTED, NOTHING)) for item in node.value]
    return yaml.SequenceNode(node.tag, items, node.start_mark, node.end_mark, node.flow_style)


def _text(node: yaml.Node, tags: tuple[str, ...]) -> object:
    """A bare word made a text; one in quotes is a text already."""
    bare = isinstance(node, yaml.ScalarNode) and not node.style and node.value
    if not bare or node.tag not in tags:
        return node
    return yaml.ScalarNode(TEXT, node.value, node.start_mark, node.end_mark)
