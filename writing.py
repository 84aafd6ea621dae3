"""Plain data as YAML, the way people write a programme file. `document.py` reads it back."""

import sys
from collections.abc import Mapping
from typing import Any

import yaml

FLOW_LENGTH_MAX = 100


def written(content: Mapping[str, Any], *, level: int = 0) -> str:
    """The text of a mapping, a line or more for each of its settings.

    `level` says how deep in a programme the mapping stands: 0 for the programme, 1 for a section, 2 for a thing in one.
    """
    pairs = [(_node(name, level), _node(value, level + 1)) for name, value in content.items()]
    node = yaml.MappingNode(_MAP, pairs, flow_style=False)
    text: str = yaml.serialize(node, Dumper=_Writer, allow_unicode=True, width=sys.maxsize)
    return text


_MAP, _SEQ, _STR = (f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str"))


class _Writer(yaml.SafeDumper):
    """Writes texts without quotes where that is possible: `document.py` knows no types that they could be taken for."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # the base declares it of instances

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # the base's name
        super().increase_indent(flow, False)  # lists stand further right than their names


def _node(value: Any, level: int) -> yaml.Node:
    """A value as YAML: whole things (level 2) in lines of their own, what is in them in one line where it fits."""
    if isinstance(value, Mapping):
        pairs = [(_node(name, level), _node(entry, level + 1)) for name, entry in value.items()]
        return yaml.MappingNode(_MAP, pairs, flow_style=level != 2 and _fits(value))
    if isinstance(value, list):
        elements = [_node(element, level + 1) for element in value]
        return yaml.SequenceNode(_SEQ, elements, flow_style=_fits(value))
    words = str(value).lower() if isinstance(value, bool) else str(value)
    return yaml.ScalarNode(_STR, words, style="|" if "\n" in words else None)


def _fits(value: Any) -> bool:
    """Whether the values are single ones that make a short line."""
    values = list(value.values()) if isinstance(value, Mapping) else value
    if any(isinstance(each, Mapping | list) or "\n" in str(each) for each in values):
        return False
    return len(str(value)) <= FLOW_LENGTH_MAX
