"""The mapping of one kind of records: from a record as Jira sends it to the card that the task wants in ESM.

A mapping is compiled once against the site's fields. Everything that can be seen to be wrong then (a field that does
not exist, or two of one name, a path that leads nowhere) is said at once, in :class:`MappingProblems`. Afterwards
:meth:`Mapping.card` is a pure function: the same issue gives the same card, on any machine, and an issue that cannot
be mapped as the definition says is :class:`RecordRefused`, never mapped somehow.

A value is made in this order: the first source that has a value, rich text ``as`` plain text, Markdown or HTML, then
``map`` and ``default``, then ``format`` or ``reference``. ``default`` stands in for whatever ``map`` does not know, and
for nothing at all. ``format`` and ``reference`` say how the outcome is understood, so they hold for ``value``, ``map``
and ``default`` as well. A reference is made by the key of the card that it points at; which card that is, only ESM
knows.
"""

from __future__ import annotations

import collections.abc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.attributes import AttributeRule, ReferenceRule
from airflow_provider_jira.model.card import Card, Reference, Value
from airflow_provider_jira.model.shapes import FieldInfo
from airflow_provider_jira.model.sources import ISSUE_PROPERTIES, Source, SourceProblem, Sources
from airflow_provider_jira.model.tasks import Part
from airflow_provider_jira.model.text import clean
from airflow_provider_jira.model.values import Unusable, as_day, as_instant, as_text, fixed, plain_values

__all__ = ["FieldInfo", "Mapping", "MappingProblems", "RecordRefused"]


class MappingProblems(ValueError):
    """The definition does not fit the Jira site.

    :ivar problems: one sentence a misfit, which names the attribute and the mend
    """

    def __init__(self, problems: Iterable[str]) -> None:
        """Collect the misfits.

        :param problems: see above
        """
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class RecordRefused(ValueError):
    """An issue from which the definition cannot make a card. Says where and why, and holds nothing of the issue.

    :ivar attribute: ESM attribute code
    :ivar code: short stable word for reports: ``not_scalar`` ``not_a_date`` ``not_a_number`` ``not_in_map``
        ``key_empty`` ``key_not_single``
    """

    def __init__(self, attribute: str, code: str) -> None:
        """Say where and why.

        :param attribute: see above
        :param code: see above
        """
        super().__init__(f"attribute {attribute!r}: {code}")
        self.attribute = attribute
        self.code = code


Finish = Callable[[Value], Value]


@dataclass(frozen=True)
class _Attribute:
    """One attribute's rule, ready to be used.

    :param constant: the whole value, where it comes from the definition alone
    :param default: none or one value
    """

    code: str
    sources: tuple[Source, ...]
    form: adf.Form | None
    constant: Value | None
    map: dict[str, Value] | None
    default: tuple[Value, ...]
    finish: Finish
    keep_when_empty: bool

    def values(self, id_: int, key: str, fields: collections.abc.Mapping[str, Any]) -> tuple[Value, ...]:
        if self.constant is not None:
            return (self.constant,)
        for source in self.sources:
            if found := plain_values(source.read(id_, key, fields), self.form):
                return tuple(dict.fromkeys(value for each in found for value in self._mapped(each)))
        return self.default

    def _mapped(self, value: str | float) -> tuple[Value, ...]:
        if self.map is None:
            return (self.finish(value),)
        target = self.map.get(as_text(value))
        if target is not None:
            return (target,)
        if not self.default:
            raise Unusable("not_in_map")
        return self.default

    def fixed_values(self) -> frozenset[Value]:
        constant = () if self.constant is None else (self.constant,)
        return frozenset((*constant, *(self.map or {}).values(), *self.default))


class Mapping:
    """A part's mapping, compiled against one Jira site.

    :ivar jira_fields: ids of the fields that an issue must be fetched with, in one order always; ``project`` is among
        them because removed records are judged by project, ``updated`` because the watermark is made of it
    """

    def __init__(self, attributes: tuple[_Attribute, ...], key_attribute: str, stamp: tuple[str, str]) -> None:
        """Keep what :meth:`compile` made; use that.

        :param attributes: in the definition's order
        :param key_attribute: code of the attribute that finds the card
        :param stamp: attribute and value that say which task a card belongs to
        """
        self._attributes = attributes
        self._key_attribute = key_attribute
        self._stamp = stamp
        used = {source.field for attribute in attributes for source in attribute.sources if source.is_field}
        self.jira_fields: tuple[str, ...] = tuple(sorted(used | {"project", "updated"}))

    @classmethod
    def compile(
        cls,
        part: Part,
        fields: Sequence[FieldInfo],
        task_id: str,
        timezone: str,
        properties: collections.abc.Mapping[str, str] = ISSUE_PROPERTIES,
    ) -> Mapping:
        """Compile a part's mapping.

        :param part: the definition's
        :param fields: all fields that its records can have
        :param task_id: what every card is stamped with
        :param timezone: IANA name; in it a point in time falls on a day, and a day begins
        :param properties: what its records have outside of fields
        :raises MappingProblems: with every misfit
        """
        try:
            zone = ZoneInfo(timezone)
        except (KeyError, ValueError, OSError):
            raise MappingProblems([f"there is no time zone {timezone!r}; write a name like Europe/Helsinki"]) from None
        sources = Sources(fields, properties)
        target = part.target
        attributes, problems = [], []
        if target.key not in part.attributes:
            problems.append(
                f"the key attribute {target.key!r} has no rule under `attributes`; add {target.key}: {part.key_source}"
            )
        for code, rule in part.attributes.items():
            if code == target.task_id_attribute:
                problems.append(f"attribute {code!r} holds the task id; remove it from `attributes`")
            compiler = _Compiler(code, rule, sources, zone)
            attributes.append(compiler.compiled())
            problems += compiler.problems
        if problems:
            raise MappingProblems(problems)
        return cls(tuple(attributes), target.key, (target.task_id_attribute, task_id))

    def card(self, id: int, key: str, fields: collections.abc.Mapping[str, Any]) -> Card:  # noqa: A002 - Jira's word
        """Make the card that a record should be.

        :param id: issue id; of no meaning for other records
        :param key: issue key; likewise
        :param fields: field id -> value as Jira encodes it
        :raises RecordRefused: the record cannot be mapped as the definition says
        """
        values: dict[str, tuple[Value, ...]] = {}
        for attribute in self._attributes:
            try:
                made = attribute.values(id, key, fields)
            except Unusable as unusable:
                raise RecordRefused(attribute.code, unusable.code) from None
            if made or not attribute.keep_when_empty:
                values[attribute.code] = made
        card_key = self._card_key(values.get(self._key_attribute, ()))
        values[self._key_attribute] = (card_key,)
        attribute_code, task_id = self._stamp
        values[attribute_code] = (task_id,)
        return Card(card_key, values)

    def constants(self) -> dict[str, frozenset[Value]]:
        """List the values that only the definition can give, to be held against the template before anything is
        written.

        :returns: attribute code -> values of ``value``, ``map`` and ``default``, and the task id stamp; attributes
            without any are left out
        """
        fixed_values = {attribute.code: attribute.fixed_values() for attribute in self._attributes}
        attribute_code, task_id = self._stamp
        return {code: values for code, values in fixed_values.items() if values} | {
            attribute_code: frozenset((task_id,))
        }

    def _card_key(self, values: tuple[Value, ...]) -> str:
        if not values:
            raise RecordRefused(self._key_attribute, "key_empty")
        if len(values) > 1 or not isinstance(values[0], (str, int, float)):
            raise RecordRefused(self._key_attribute, "key_not_single")
        return as_text(values[0])


def _reference(value: Value, rule: ReferenceRule) -> Reference:
    if not isinstance(value, (str, int, float)):
        raise Unusable("not_scalar")
    return Reference(rule.template, rule.key, as_text(value))


class _Compiler:
    """Compiles one attribute's rule, and collects what is wrong with it."""

    def __init__(self, code: str, rule: AttributeRule, sources: Sources, zone: ZoneInfo) -> None:
        self._code = code
        self._rule = rule
        self._sources = sources
        self._zone = zone
        self.problems: list[str] = []

    def compiled(self) -> _Attribute:
        rule = self._rule
        if not rule.source and rule.value is None:
            self._wrong("has neither a source nor a value; give it one of them")
        default = None if rule.default is None else self._fixed("default", rule.default)
        return _Attribute(
            code=self._code,
            sources=tuple(source for text in rule.source if (source := self._source(text)) is not None),
            form=rule.as_,
            constant=None if rule.value is None else self._fixed("value", rule.value),
            map=None if rule.map is None else self._map(rule.map),
            default=() if default is None else (default,),
            finish=self._finish,
            keep_when_empty=rule.when_empty == "keep",
        )

    def _source(self, text: str) -> Source | None:
        try:
            return self._sources.find(text)
        except SourceProblem as problem:
            self._wrong(str(problem))
            return None

    def _map(self, written: collections.abc.Mapping[Any, Any]) -> dict[str, Value]:
        targets = {clean(as_text(key)): self._fixed(f"map of {key!r}", target) for key, target in written.items()}
        return {key: target for key, target in targets.items() if target is not None}

    def _fixed(self, where: str, written: Any) -> Value | None:
        try:
            value = fixed(written)
        except Unusable:
            self._wrong(f"{where} is neither text, number, true, false nor {{code: …}}")
            return None
        try:
            return self._finish(value)
        except Unusable:
            if self._rule.reference is not None:
                self._wrong(f"{where} is a static value's code, and a reference is found by a key; write the key")
            else:
                self._wrong(f"{where} is {written!r}, which is no date; write it as 2026-09-27")
            return None

    def _finish(self, value: Value) -> Value:
        if self._rule.format == "date":
            return as_day(value, self._zone)
        if self._rule.format == "datetime":
            return as_instant(value, self._zone)
        if self._rule.reference is not None:
            return _reference(value, self._rule.reference)
        return value

    def _wrong(self, what: str) -> None:
        self.problems.append(f"attribute {self._code!r}: {what}")
