"""Values in REST's words: JSON elements of an attribute's ``values``. A reference is written by the id of its card.

Source: the vendor's OpenAPI document, schemas ``RESTDataCardCreateRequest`` (examples) and ``RESTDataCard``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_jira.esm.fitting import Fitted, StaticText, number_text
from airflow_provider_jira.model.card import Day, Instant, Link


def elements(values: tuple[Fitted, ...]) -> list[dict[str, Any]]:
    """Write an attribute's values.

    :param values: fitted values
    :returns: what stands in ``values`` of a request
    """
    return [_element(value) for value in values]


def _element(value: Fitted) -> dict[str, Any]:
    if isinstance(value, StaticText):
        # ESM checks text and code together; one without the other is taken as well
        return {"value": value.text} if value.code is None else {"value": value.text, "code": value.code}
    if isinstance(value, Link):
        return {"dataCardId": value.card_id}
    if isinstance(value, (Day, Instant)):
        return {"value": value.iso}
    if isinstance(value, str):
        return {"value": value.encode("utf-8", "replace").decode()}  # half a surrogate pair cannot be sent
    return {"value": value}


def texts(element: Any) -> tuple[str, ...]:
    """Read an attribute as the texts that people see.

    :param element: ``{"type": …, "values": […]}`` of a data card
    :returns: one text a value; none where it is empty, or hidden from the user
    """
    values = element.get("values") if isinstance(element, Mapping) else None
    if not isinstance(values, list):
        return ()
    return tuple(text for text in map(text_of, values) if text is not None)


def text_of(value: Any) -> str | None:
    """Read one value as the text that people see.

    :param value: an element of ``values``
    :returns: ``None`` where it holds nothing
    """
    if not isinstance(value, Mapping):
        return None
    shown = value.get("value", value.get("name"))
    if shown is None:
        shown = value.get("dataCardId")  # a card without name can be pointed at, too
    return None if shown is None else plain(shown)


def links(element: Any) -> tuple[str, ...]:
    """Read which cards an attribute points at.

    :param element: as for :func:`texts`
    :returns: ESM's ids; none where it is no reference
    """
    values = element.get("values") if isinstance(element, Mapping) else None
    if not isinstance(values, list):
        return ()
    return tuple(str(value["dataCardId"]) for value in values if isinstance(value, Mapping) and value.get("dataCardId"))


def plain(shown: Any) -> str:
    """Write what JSON holds as the text that people see; of a text in several languages, one.

    :param shown: a JSON value
    """
    if isinstance(shown, Mapping):
        first = shown.get("en", next(iter(shown.values()), ""))
        return plain(first)
    if isinstance(shown, bool):
        return "true" if shown else "false"
    if isinstance(shown, (int, float)):
        return number_text(shown)
    return str(shown)
