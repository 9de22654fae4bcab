"""Value rules: which ESM attribute gives the value of a Jira field, or of any other thing that an event task needs.

The mirror of :class:`~airflow_provider_jira.model.attributes.AttributeRule`, which goes the other way. Written short as
a path or a list of paths, or long as a mapping. A *path* is an attribute's code, or codes with dots between them that
lead through references: ``customer.accountId`` is the attribute ``accountId`` of the card that ``customer`` points at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Optional, Union

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator
from typing_extensions import Self

from airflow_provider_jira.model.attributes import Model
from airflow_provider_jira.model.kinds import Code
from airflow_provider_jira.model.problems import Finding, broken_rules, shown, wrong
from airflow_provider_jira.model.values import as_text

MOST_HOPS = 3
"""Through how many references a path may lead. Each is one more card to read before Jira is written."""

_CODE = r"\w[\w-]*"
_PATH = re.compile(rf"{_CODE}(\.{_CODE})*")
PATH_PATTERN = rf"^{_CODE}(\.{_CODE}){{0,{MOST_HOPS}}}$"
"""What a path looks like, for JSON Schema."""

_LONGEST = 200
_ONLY_BESIDE_SOURCE = ("map", "default", "when_empty", "received", "conflict")


def _checked_paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    if not paths:
        raise wrong("the list of sources is empty", "name at least one ESM attribute")
    for path in paths:
        _check(path)
        if paths.count(path) > 1:
            raise wrong(f"source {shown(path)} is given twice", "give each source once")
    return paths


def _check(path: str) -> None:
    if _PATH.fullmatch(path) is None or len(path) > _LONGEST:
        raise wrong(
            f"{shown(path)} is no ESM attribute",
            "write its code, or codes with dots between them through references, such as customer.accountId; "
            "a constant is {value: …}",
        )
    if (hops := path.count(".")) > MOST_HOPS:
        found = f"{shown(path)} leads through {hops} references"
        raise wrong(found, f"at most {MOST_HOPS} are followed: keep what is needed nearer to the card")


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _constants(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        return _constant(value)
    if not value:
        raise wrong("the list of values is empty", "write at least one value, or remove the key")
    return tuple(_constant(each) for each in value)


def _constant(value: Any) -> str:
    """Read one constant; Jira's lists and texts are compared and sent as texts, so it becomes one."""
    if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return as_text(value)
    if isinstance(value, str) and value.strip():
        return value
    if value is None or isinstance(value, str):
        raise wrong("the value is empty", "write a text or a number, or remove the key")
    raise wrong(f"{shown(value)} cannot be a value", "write a text, a number, or a list of them")


def _table(table: Any) -> Any:
    if not isinstance(table, dict):
        raise wrong(f"{shown(table)} is not a mapping", 'write ESM value: Jira value, such as {"07 - Solved": Done}')
    if not table:
        raise wrong("the table is empty", 'write what becomes of each ESM value, such as {"07 - Solved": Done}')
    return {_key(key): _constant(value) for key, value in table.items()}


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise wrong(f"{shown(key)} is not text", f'write it in quotes: "{shown(key)}"')
    return key


_NotBlank = Annotated[str, Field(json_schema_extra={"pattern": r"\S"})]
_Word = Union[_NotBlank, int, float, bool]

PathText = Annotated[str, Field(json_schema_extra={"pattern": PATH_PATTERN, "maxLength": _LONGEST})]
PathList = Annotated[list[PathText], Field(min_length=1, json_schema_extra={"uniqueItems": True})]
PathInput = Union[PathText, PathList]
"""How sources are written: one path, or a list of them."""

Paths = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed, json_schema_input_type=PathInput),
    AfterValidator(_checked_paths),
]
"""One path, or several of which the first that has a value counts."""

Words = Annotated[
    Union[str, tuple[str, ...]],
    PlainValidator(_constants, json_schema_input_type=Union[_Word, Annotated[list[_Word], Field(min_length=1)]]),
]
"""A constant or a list of constants, each as a text."""

Word = Annotated[str, PlainValidator(_constant, json_schema_input_type=_Word)]
"""One constant as a text."""

WordTable = Annotated[
    dict[str, str],
    PlainValidator(_table, json_schema_input_type=Annotated[dict[str, _Word], Field(min_length=1)]),
]
"""ESM value or static value's code -> Jira value."""


class ValueRule(Model):
    """Where one value for Jira comes from: an ESM attribute, or a constant."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["source"]}, {"required": ["value"]}],
            "dependentRequired": {key: ["source"] for key in _ONLY_BESIDE_SOURCE},
        }
    )

    source: Paths = Field(
        default=(),
        description="ESM attribute by code, with dots through references (customer.accountId); of several, the first "
        "that has a value",
        examples=["subject"],
    )
    value: Optional[Words] = Field(default=None, description="A constant, the same for every card; a list for several")
    as_: Annotated[
        Optional[Literal["plain", "markdown"]],
        Field(alias="as", description="How the text is written in ESM, for Jira fields that hold rich text"),
    ] = None
    map: Optional[WordTable] = Field(
        default=None, description="Jira value for each ESM value; a static value by its text or by its code"
    )
    default: Optional[Word] = Field(
        default=None, description="Jira value where `map` has none, or where ESM has no value"
    )
    when_empty: Literal["clear", "keep"] = Field(
        default="clear", description="What becomes of the Jira field when ESM has no value"
    )
    received: Optional[Code] = Field(
        default=None,
        description="ESM attribute in which a scheduled task puts what Jira has here; what equals it came from Jira "
        "and is not sent back",
    )
    conflict: Literal["esm", "jira"] = Field(
        default="esm", description="Whose value stays where both sides changed since the last one was received"
    )

    @property
    def constants(self) -> tuple[str, ...]:
        """Every value that only the definition can give: of ``value``, ``map`` and ``default``."""
        fixed = (self.value,) if isinstance(self.value, str) else self.value or ()
        mapped = tuple((self.map or {}).values())
        return (*fixed, *mapped, *(() if self.default is None else (self.default,)))

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that has to be read for it."""
        return (*self.source, *(() if self.received is None else (self.received,)))

    @model_validator(mode="after")
    def _check(self) -> Self:
        if findings := list(rule_findings(self)):
            raise broken_rules(findings)
        return self


def rule_findings(rule: ValueRule) -> Iterator[Finding]:
    """Check the keys of one rule against each other.

    :param rule: the rule
    """
    given = rule.model_fields_set
    if ("source" in given) == ("value" in given):
        found = "both source and value are given" if "source" in given else "neither source nor value is given"
        yield Finding((), found, "give one: source for what ESM holds, value for a constant")
        return
    if "value" in given:
        for key in _ONLY_BESIDE_SOURCE:
            if key in given:
                yield Finding((key,), f"{key} stands beside value, but a constant is taken as it is", f"remove {key}")
        if rule.value is None:
            yield Finding(("value",), "the value is empty", "write a text or a number, or remove the key")
        return
    if rule.default is not None and rule.when_empty == "keep":
        found = "when_empty: keep has no effect beside default, which is what an empty attribute becomes"
        yield Finding(("when_empty",), found, "remove one of the two")
    if "conflict" in given and rule.received is None:
        found = "conflict needs received: without it nobody can tell which side changed"
        yield Finding(("conflict",), found, "name in received the attribute that holds what Jira has, or remove it")
    if rule.received is not None and rule.received in rule.source:
        found = f"received is {shown(rule.received)}, the source itself, so nothing would ever be sent"
        yield Finding(("received",), found, "name the attribute that only the scheduled task fills")


def _expand(value: Any) -> Any:
    """Write a short form out: a bare path, or a list of them."""
    if isinstance(value, (str, list, tuple)):
        return {"source": value}
    if isinstance(value, dict):
        return value
    if isinstance(value, ValueRule):
        return value
    if value is None:
        raise wrong("nothing says where the value comes from", "name an ESM attribute, such as subject")
    raise wrong(f"{shown(value)} is not an ESM attribute", f"for a constant write {{value: {shown(value)}}}")


Rule = Annotated[ValueRule, BeforeValidator(_expand, json_schema_input_type=Union[PathInput, ValueRule])]
"""One rule, or its short form: a path, or a list of paths."""

OptionalRule = Annotated[
    Optional[ValueRule],
    BeforeValidator(
        lambda value: None if value is None else _expand(value),
        json_schema_input_type=Optional[Union[PathInput, ValueRule]],
    ),
]
"""The same, where it may be left out."""
