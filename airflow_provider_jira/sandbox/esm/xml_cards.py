"""XML of the Web API: reading an import's entities, writing a search's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from airflow_provider_jira.sandbox.esm.cards import StoredCard
from airflow_provider_jira.sandbox.esm.users import User
from airflow_provider_jira.sandbox.esm.values import xml_text
from airflow_provider_jira.sandbox.esm.world import World

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_UNWRITABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
"""Characters that XML 1.0 cannot carry in any form."""


class XmlError(ValueError):
    """The body is not an entity set."""


@dataclass(frozen=True)
class Entity:
    """One entity of an import.

    :param template: template code; empty where the entity has none
    :param attributes: (attribute code, texts of its values), in document order; an empty ``<value/>`` is no value
    """

    template: str
    attributes: tuple[tuple[str, tuple[str, ...]], ...]


def read_entities(body: bytes) -> list[Entity]:
    """Read an ``<entityset>``.

    :raises XmlError: it is not one
    """
    try:
        root = defusedxml.ElementTree.fromstring(body)
    except (ET.ParseError, DefusedXmlException, ValueError) as error:
        raise XmlError(f"the document cannot be parsed: {error}") from error
    if root.tag != "entityset":
        raise XmlError(f"the root must be entityset, not {root.tag}")
    return [_entity(element) for element in root.findall("entity")]


def _entity(element: ET.Element) -> Entity:
    template = element.find("template")
    return Entity(
        "" if template is None else template.get("code", ""),
        tuple(
            (attribute.get("code", ""), tuple(value.text for value in attribute.findall("value") if value.text))
            for attribute in element.findall("attribute")
        ),
    )


def entity_set(world: World, user: User, cards: list[StoredCard]) -> str:
    """Return part of a search's answer: the ``<entity>`` elements of some cards."""
    return "".join(_shown(world, user, card) for card in cards)


def _shown(world: World, user: User, card: StoredCard) -> str:
    template = world.templates[card.template]
    rows = []
    for number, attribute in enumerate(template.attributes, start=1):
        cells = card.cells.get(attribute.code, [])
        if not cells or not user.sees(template.code, attribute.code):
            continue
        inner = "".join(
            f"<reference {_names(cell.target, cell.text)}/>"
            if cell.target is not None
            else f"<value>{_escaped(xml_text(attribute, cell, world.switches.timezone))}</value>"
            for cell in cells
        )
        names = _names(template.id * 100 + number, attribute.title, attribute.code)
        rows.append(f"<attribute {names}>{inner}</attribute>")
    return (
        f"<entity {_names(card.id, card.name)}><template {_names(template.id, template.name, template.code)}/>"
        f"<group code={_quoted(card.folder)}/>{''.join(rows)}</entity>\n"
    )


@lru_cache(maxsize=1024)  # attributes and templates come again with every card
def _names(number: int, name: str, code: str | None = None) -> str:
    return f"id={_quoted(number)} name={_quoted(name)}" + ("" if code is None else f" code={_quoted(code)}")


def _escaped(text: str) -> str:
    return _clean(escape(text, {"\r": "&#13;"}))


def _quoted(value: object) -> str:
    return _clean(quoteattr(str(value)))


def _clean(text: str) -> str:
    return text.translate(_UNWRITABLE)


def import_report(counts: dict[str, int]) -> bytes:
    """Return an ``<entity-import-report>``."""
    root = ET.Element("entity-import-report")
    for name, count in counts.items():
        ET.SubElement(root, name).text = str(count)
    return _document(root)


def error(code: str, description: str, details: str) -> bytes:
    """Return an ``<error>``."""
    root = ET.Element("error")
    for name, text in (("code", code), ("description", description), ("details", details)):
        ET.SubElement(root, name).text = text
    return _document(root)


def _document(root: ET.Element) -> bytes:
    return HEAD + _clean(ET.tostring(root, encoding="unicode")).encode()
