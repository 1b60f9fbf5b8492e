"""A JSON Schema of the whole bot file with the settings of plugins, so that editors complete and check it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import NoneType
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from botkit.automation_steps import STEP_NAMES
from botkit.config import BotFile, HostKeys
from botkit.messenger.options import CARRIERS, LOG_LEVELS, Options
from botkit.settings import DURATION_SCHEMA, Settings

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE: Mapping[str, Any] = {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}
_NOTHING: Mapping[str, Any] = {"type": "null"}
_TYPES = {bool: "boolean", str: "string", NoneType: "null"}


@dataclass(frozen=True)
class PluginSchema:
    """A plugin within reach: what it says of itself, and the class of its settings, None when it has none."""

    summary: str
    settings: type[Settings] | None


def bot_schema(plugins: Mapping[str, PluginSchema]) -> dict[str, Any]:
    """The schema of a bot file that may name these plugins, and others: those are not looked into."""
    schema = _of(BotFile)
    definitions = schema.setdefault("$defs", {})
    keys = schema["properties"]
    keys["options"] = keys["options"] | {"properties": _options(), "additionalProperties": False}
    definitions["AutomationPart"]["properties"]["do"]["items"] = {
        "type": "object",
        "properties": {name: {} for name in STEP_NAMES},
        "additionalProperties": False,
    }
    keys["plugins"] = {
        "type": "object",
        "description": keys["plugins"]["description"],
        "properties": {name: _plugin(name, one, definitions) for name, one in plugins.items()},
        "additionalProperties": {"type": ["object", "null"]},
    }
    return {"$schema": _DIALECT, **schema, "title": "botkit bot file"}


class _Written(GenerateJsonSchema):
    """What may be written in a file: a number where a text is wanted, and a variable in the place of a number."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        # None stands for a key that is left out; as a value it may be wrong.
        found = super().default_schema(schema)
        return {key: value for key, value in found.items() if key != "default" or value is not None}

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return {**super().str_schema(schema), "type": ["string", "number"]}

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        return {"anyOf": [super().int_schema(schema), {**_VARIABLE}]}

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        return {"anyOf": [super().float_schema(schema), {**_VARIABLE}]}

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        return {"anyOf": [super().bool_schema(schema), {**_VARIABLE}]}

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:
        return {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d)?|^\$\{"}

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        return {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d|^\$\{"}

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        return {**DURATION_SCHEMA}


def _of(model: type[BaseModel], definitions: str = "") -> dict[str, Any]:
    """`definitions`: put before the names of its parts, as those of several plugins stand side by side."""
    template = f"#/$defs/{definitions}{{model}}"
    return model.model_json_schema(ref_template=template, schema_generator=_Written)


def _plugin(name: str, plugin: PluginSchema, definitions: dict[str, Any]) -> dict[str, Any]:
    schema = _of(plugin.settings or Settings, f"{name}.")
    definitions |= {f"{name}.{part}": one for part, one in schema.pop("$defs", {}).items()}
    schema["properties"] = {**schema.get("properties", {}), **_of(HostKeys)["properties"]}
    schema.pop("title", None)
    schema["description"] = plugin.summary
    if schema.get("required"):
        return schema
    return {"description": plugin.summary, "anyOf": [schema, {**_NOTHING}]}


def _options() -> dict[str, Any]:
    hints = get_type_hints(Options)
    found = {one.name: _option(hints[one.name]) for one in fields(Options) if one.name != "network"}
    found["send_via"] = {"enum": list(CARRIERS)}
    found["log_level"] = {"enum": [*LOG_LEVELS, None]}
    found["page_id"] = {"type": ["string", "integer", "null"]}
    return found


def _option(hint: Any) -> dict[str, Any]:
    kinds = [_TYPES[kind] for kind in get_args(hint) or (hint,)]
    return {"type": kinds[0] if len(kinds) == 1 else kinds}
