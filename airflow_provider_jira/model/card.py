"""The card: what a record becomes on its way from Jira to ESM.

A card is what a task wants a data card to say: the key that finds it, and the attributes that the task owns. An
attribute that is not in ``values`` is left as it is in ESM; one with no values is cleared. Cards are plain data with
a stable encoding, so that they can be staged between steps and digested to tell whether anything changed.
"""

from __future__ import annotations

from typing import Union

import msgspec


class Static(msgspec.Struct, frozen=True, tag="s", array_like=True):
    """One value of a static-value attribute, named by its code instead of by the text that people see.

    :param code: the static value's code in the ESM template
    """

    code: str


class Day(msgspec.Struct, frozen=True, tag="d", array_like=True):
    """A date without time.

    :param iso: ``YYYY-MM-DD``
    """

    iso: str


class Instant(msgspec.Struct, frozen=True, tag="t", array_like=True):
    """A point in time.

    :param iso: ``YYYY-MM-DDTHH:MM:SSZ``, always UTC, whole seconds (what ESM does with fractions is not known)
    """

    iso: str


class Reference(msgspec.Struct, frozen=True, tag="r", array_like=True):
    """A pointer to another card by its natural key, as the mapping makes it; ESM takes it only as a :class:`Link`.

    :param template: template code of the card pointed at
    :param key_attribute: attribute code in that template
    :param key: what that attribute holds on the card pointed at, and on no other
    """

    template: str
    key_attribute: str
    key: str


class Link(msgspec.Struct, frozen=True, tag="l", array_like=True):
    """A :class:`Reference` whose card was found in ESM.

    :param card_id: ESM's id of the card pointed at, digits
    :param key: the natural key that it was found by
    """

    card_id: str
    key: str


Value = Union[str, int, float, Static, Day, Instant, Reference, Link]
"""One value of an attribute. An attribute holds a tuple of them: none = clear it, several = multi-value."""


class Card(msgspec.Struct, frozen=True):
    """One data card as a task wants it.

    :param key: value of the target's key attribute, the one thing that finds the card again
    :param values: ESM attribute code -> values, the key attribute and the task id stamp included
    """

    key: str
    values: dict[str, tuple[Value, ...]]


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """One value of an attribute as ESM shows it.

    :param text: what people see: a text, a number, a static value's or a referenced card's name; a date as
        ``YYYY-MM-DD`` and a point in time as ``YYYY-MM-DDTHH:MM:SSZ`` where the API in use tells that it is one
    :param code: a static value's code, where it has one
    :param card_id: of a reference: ESM's id of the card pointed at, digits
    :param template: of a reference: that card's template code, where the API in use tells it
    """

    text: str
    code: str | None = None
    card_id: str | None = None
    template: str | None = None


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One entry of a worklog attribute. ESM gives entries no id.

    :param author: name of the ESM user that wrote it
    :param text: what was written
    :param written_at: when, as the API in use tells it; for showing and for telling entries apart, not for arithmetic
    """

    author: str
    text: str
    written_at: str
