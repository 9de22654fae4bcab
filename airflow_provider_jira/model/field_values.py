"""The fields of an issue that is about to be written: names become ids, texts become what each field takes, and what
Jira would refuse is found before the call.

The screen of the create, the edit or the transition decides: which fields there are, which are required, which values
a list has (Jira reference, 5.3, 5.5, 5.6). Nothing here raises for what a card holds: what does not fit is a problem,
and a write with a problem is not sent. A problem's message names field, finding and mend. It never quotes a value from
ESM, because it ends in logs; values that the screen allows may be listed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timezone, tzinfo
from typing import Any

import msgspec

from airflow_provider_jira.model.encodings import Manner, encoded, kind_of
from airflow_provider_jira.model.misfit import Misfit
from airflow_provider_jira.model.problems import close, listed, shown
from airflow_provider_jira.model.screen import ScreenField
from airflow_provider_jira.model.text import clean
from airflow_provider_jira.model.values import as_text

ENGINE_FIELDS = ("project", "issuetype")
"""What a create names beside the fields of its screen. Required of every issue and asked of nobody here."""

_MOST_TOLD = 30


class FieldProblem(msgspec.Struct, frozen=True):
    """One field that cannot be written.

    :param field: the name that the caller used; of a required one that is missing, its display name
    :param code: short stable word for reports: ``unknown_field`` ``ambiguous_field`` ``given_twice`` ``required``
        ``cannot_set`` ``cannot_clear`` ``unusable``, or why a value does not fit: ``several_values`` ``not_allowed``
        ``ambiguous_value`` ``not_a_number`` ``not_a_date`` ``not_an_account`` ``not_a_label`` ``not_a_url``
        ``not_a_key`` ``not_a_time`` ``too_long`` ``unknown_kind``
    :param message: a sentence with the mend, without ESM's value
    """

    field: str
    code: str
    message: str


class Encoded(msgspec.Struct, frozen=True):
    """What can be sent.

    :param fields: field id -> value in Jira's encoding, for ``fields``; ``None`` clears
    :param problems: why it must not be sent; none = it may be
    :param update: field id -> operations, for ``update``: what can be cleared in no other way (a parent)
    """

    fields: dict[str, Any]
    problems: tuple[FieldProblem, ...]
    update: dict[str, Any] = {}


def encode(
    values: Mapping[str, Any],
    screen: Sequence[ScreenField],
    *,
    markdown: Collection[str] = (),
    creating: bool,
    zone: tzinfo = timezone.utc,
    operations: bool = False,
) -> Encoded:
    """Encode fields for one screen.

    :param values: field id or display name -> texts, as :func:`~.event_values.texts` gives them; also one text, a
        number, or an object or list in Jira's own encoding, which passes as it is. ``None``, no values and blank ones
        are empty
    :param screen: fields of the screen that the write goes through
    :param markdown: names, as in ``values``, of those whose rich text is Markdown; that of others is plain
    :param creating: ``True`` for the screens of a create and of a transition, where required fields have to be there
        and empty ones are left out; ``False`` for an edit, where empty ones are cleared
    :param zone: in it a date begins, and a time without offset is meant (the connector's time zone)
    :param operations: whether the caller sends ``update`` beside ``fields``; without, what only an operation can clear
        is a problem, so that nobody loses it by looking at ``fields`` alone
    """
    made = Encoded({}, (), {})
    problems: list[FieldProblem] = []
    given: dict[str, str] = {}
    for name, raw in values.items():
        try:
            field = field_named(name, screen)
            _first(field, name, given)
            if plain := plain_values(raw):
                _settable(field)
                made.fields[field.id] = encoded(plain, field, Manner(zone, name in markdown))
            elif creating:
                _leave_out(field)
            else:
                _clear(field, made, operations=operations)
        except Misfit as misfit:  # noqa: PERF203 - every field's problem is told, not only the first's
            problems.append(_problem(name, misfit))
    if creating:
        problems += [_problem(field.name, _required(), field.id) for field in _missing(screen, given)]
    return Encoded(made.fields, tuple(problems), made.update)


def field_named(name: str, screen: Sequence[ScreenField]) -> ScreenField:
    """Find a field by id or display name; upper and lower case, and blanks, count only where names differ in no more.

    :param name: ``summary``, ``customfield_10010``, ``Support Team``, ``issueType``
    :param screen: the fields to choose from
    :raises Misfit: there is none, or several are called so; the text says which there are
    """
    wanted = name.strip()
    plain = _plain(wanted)
    for found in (
        [field for field in screen if field.id == wanted],
        [field for field in screen if field.name == wanted],
        [field for field in screen if _plain(field.id) == plain],
        [field for field in screen if _plain(field.name) == plain],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            ids = listed(field.id for field in found)
            raise Misfit("ambiguous_field", f"is the name of {len(found)} fields: give the id, one of {ids}")
    near = close(wanted, [each for field in screen for each in (field.id, field.name)]) if wanted else None
    there = [shown(field.name) for field in screen][:_MOST_TOLD]
    more = "" if len(screen) <= _MOST_TOLD else f" and {len(screen) - _MOST_TOLD} more"
    mend = f"did you mean {shown(near)}?" if near else f"it has {listed(there) or 'none at all'}{more}"
    raise Misfit("unknown_field", f"is not on this screen, or the account may not set it: {mend}")


def _plain(name: str) -> str:
    return "".join(each for each in name.casefold() if not each.isspace() and each not in "_-")


def plain_values(raw: Any) -> list[Any]:
    """Take what a field is to hold apart: texts, and objects in Jira's own encoding.

    :param raw: see :func:`encode`
    :returns: none where it is empty
    :raises Misfit: ``unusable``
    """
    found: list[Any] = []
    for each in raw if isinstance(raw, (list, tuple, set, frozenset)) else (raw,):
        if isinstance(each, str):
            text = clean(each)
            found += [text] if text.strip() else []
        elif isinstance(each, (bool, int, float)):
            found.append(as_text(each))
        elif isinstance(each, Mapping):
            found += [dict(each)] if each else []
        elif each is not None:
            raise Misfit("unusable", f"is given a {type(each).__name__}: give texts, numbers, or objects of JSON")
    return found


def _settable(field: ScreenField) -> None:
    if field.operations and "set" not in field.operations:
        raise Misfit("cannot_set", f"cannot be set on this screen: Jira allows only {listed(field.operations)}")


def _first(field: ScreenField, name: str, given: dict[str, str]) -> None:
    if field.id in given:
        raise Misfit("given_twice", f"is the same field as {shown(given[field.id])}: remove one")
    given[field.id] = name


def _leave_out(field: ScreenField) -> None:
    if field.required and not field.has_default and field.id not in ENGINE_FIELDS:
        raise _required()


def _clear(field: ScreenField, made: Encoded, *, operations: bool) -> None:
    """Clear a field: with ``null``, and a parent with an operation (Jira reference, 5.2, 5.6)."""
    if field.required and not field.has_default:
        raise _required()
    if field.id == "parent" and operations:
        made.update[field.id] = [{"set": {"none": True}}]
        return
    _settable(field)
    if field.id == "parent" or kind_of(field) in ("fixed", "timetracking"):
        raise Misfit("cannot_clear", "cannot be cleared: write when_empty: keep, or a default")
    made.fields[field.id] = None


def _missing(screen: Sequence[ScreenField], given: Mapping[str, str]) -> Iterator[ScreenField]:
    for field in screen:
        if field.required and not field.has_default and field.id not in (*given, *ENGINE_FIELDS):
            yield field


def _required() -> Misfit:
    return Misfit("required", "must have a value: map an ESM attribute that has one, or a constant or a default")


def _problem(name: str, misfit: Misfit, id_: str | None = None) -> FieldProblem:
    where = f"field {shown(name)}" if id_ in (None, name) else f"field {shown(name)} ({id_})"
    return FieldProblem(name, misfit.code, f"{where} {misfit.found}")
