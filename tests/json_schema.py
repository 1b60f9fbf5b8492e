"""A check of data against the part of JSON Schema (2020-12) that botkit's schemas use, written from its text. A keyword
that it does not know is an error, so that nothing goes unchecked."""

from __future__ import annotations

import re

_NOTES = {"$schema", "$defs", "title", "description", "default", "format", "writeOnly"}
_TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
}


def faults(data, schema):
    """The places in `data` that do not fit, such as `plugins.echo.loud`; none when all is well."""
    return sorted(set(_faults(data, schema, schema, ())))


def _faults(data, schema, root, place):
    if schema is True or schema is False:
        return [] if schema else [_name(place)]
    found = []
    for keyword, wanted in schema.items():
        if keyword not in _NOTES:
            found += _KEYWORDS[keyword](data, wanted, schema, root, place)
    return found


def _name(place):
    return ".".join(map(str, place))


def _when(fits):
    """A keyword that says something of the value alone."""
    return lambda data, wanted, _schema, _root, place: [] if fits(data, wanted) else [_name(place)]


def _type(data, wanted):
    return any(_TYPES[one](data) for one in ([wanted] if isinstance(wanted, str) else wanted))


def _ref(data, wanted, _schema, root, place):
    here = root
    for part in wanted.removeprefix("#/").split("/"):
        here = here[part]
    return _faults(data, here, root, place)


def _any_of(data, wanted, _schema, root, place):
    found = [_faults(data, one, root, place) for one in wanted]
    # The form that fits best is the one that is wrong furthest inside.
    return [] if [] in found else max(found, key=lambda one: one[0].count("."))


def _properties(data, wanted, _schema, root, place):
    if not isinstance(data, dict):
        return []
    return [
        fault for key, one in wanted.items() if key in data for fault in _faults(data[key], one, root, (*place, key))
    ]


def _additional(data, wanted, schema, root, place):
    if not isinstance(data, dict):
        return []
    others = [key for key in data if key not in schema.get("properties", {})]
    return [fault for key in others for fault in _faults(data[key], wanted, root, (*place, key))]


def _required(data, wanted, _schema, _root, place):
    return [_name((*place, key)) for key in wanted if isinstance(data, dict) and key not in data]


def _items(data, wanted, _schema, root, place):
    if not isinstance(data, list):
        return []
    return [fault for number, one in enumerate(data) for fault in _faults(one, wanted, root, (*place, number))]


def _number(data):
    return type(data) in (int, float)


_KEYWORDS = {
    "type": _when(_type),
    "enum": _when(lambda data, wanted: data in wanted),
    "const": _when(lambda data, wanted: data == wanted),
    "pattern": _when(lambda data, wanted: not isinstance(data, str) or bool(re.search(wanted, data))),
    "minimum": _when(lambda data, wanted: not _number(data) or data >= wanted),
    "maximum": _when(lambda data, wanted: not _number(data) or data <= wanted),
    "exclusiveMinimum": _when(lambda data, wanted: not _number(data) or data > wanted),
    "minLength": _when(lambda data, wanted: not isinstance(data, str) or len(data) >= wanted),
    "maxLength": _when(lambda data, wanted: not isinstance(data, str) or len(data) <= wanted),
    "minItems": _when(lambda data, wanted: not isinstance(data, list) or len(data) >= wanted),
    "maxItems": _when(lambda data, wanted: not isinstance(data, list) or len(data) <= wanted),
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "anyOf": _any_of,
    "$ref": _ref,
}
