"""The Web API's documents: entity sets to import, entity sets found, import reports and errors.

An error is known by its root ``<error>``, whatever the HTTP status. A search's answer is read piece by piece, so that a
hundred thousand cards need no more memory than one. Documents with entities or external references are refused.
Source: the vendor's "Web API description" page and documents exchanged by working clients.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET  # writes; what is read goes through defusedxml

import httpx
import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, fromstring

from airflow_provider_jira.esm.errors import EsmProtocolError, EsmRefused


class Entity(msgspec.Struct):
    """A data card in a search's answer.

    :param card_id: ESM's id
    :param values: attribute code -> texts; of a reference, the names
    :param links: attribute code -> ESM's ids of the cards pointed at, of the references
    :param name: what people see the card called
    :param template: template code
    :param folder: folder code
    """

    card_id: str
    values: dict[str, tuple[str, ...]]
    links: dict[str, tuple[str, ...]] = {}
    name: str = ""
    template: str = ""
    folder: str = ""


class Report(msgspec.Struct, frozen=True):
    """What became of an import.

    :param counted: how many cards were created or updated
    :param error: what ESM said instead of counting; empty where it counted
    """

    counted: int
    error: str = ""


def entity_set(template: str, entities: Iterable[Mapping[str, Sequence[str]]]) -> bytes:
    """Write cards for an import.

    :param template: template code
    :param entities: per card attribute code -> texts; none = an empty ``<attribute>``, which clears
    """
    root = ET.Element("entityset")
    for attributes in entities:
        entity = ET.SubElement(root, "entity")
        ET.SubElement(entity, "template", code=template)
        for code, texts in attributes.items():
            attribute = ET.SubElement(entity, "attribute", code=code)
            for text in texts:
                ET.SubElement(attribute, "value").text = text
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document.replace(b"\r", b"&#13;")  # a bare one would be read as the end of a line


class EntityReader:
    """Reads a search's answer as it arrives.

    :param answer: the answer, for the errors' sake
    :param attributes: attribute codes to keep; ``None`` = all
    """

    def __init__(self, answer: httpx.Response, attributes: Sequence[str] | None) -> None:
        self._answer = answer
        self._target = _Entities(None if attributes is None else frozenset(attributes))
        self._parser: Any = DefusedXMLParser(target=self._target)

    def feed(self, chunk: bytes) -> list[Entity]:
        """Read a piece of the body.

        :returns: the cards that ended in it
        :raises EsmRefused: it is an error
        :raises EsmProtocolError: it is not what ``search.ws`` answers
        """
        try:
            self._parser.feed(chunk)
        except (ET.ParseError, DefusedXmlException, ValueError, LookupError):
            raise not_webapi(self._answer) from None
        if self._target.root not in {None, "entityset", "result", "error"}:
            raise not_webapi(self._answer)
        return self._target.take()

    def close(self) -> list[Entity]:
        """End the reading."""
        try:
            self._parser.close()
        except ET.ParseError:
            raise not_webapi(self._answer) from None
        if self._target.root == "error":
            raise refused(self._answer, "ESM refuses the query", self._target.text())
        return self._target.take()


class _Entities:
    """What the parser calls."""

    def __init__(self, wanted: frozenset[str] | None) -> None:
        self.root: str | None = None
        self._wanted = wanted
        self._done: list[Entity] = []
        self._entity: Entity | None = None
        self._texts: list[str] | None = None
        self._links: list[str] = []
        self._pieces: list[str] = []
        self._said: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self.root is None:
            self.root = tag
        self._pieces = []
        if tag == "entity":
            self._entity = Entity(attributes.get("id", ""), {}, {}, attributes.get("name", ""))
        elif tag == "template" and self._entity is not None:
            self._entity.template = attributes.get("code", "")
        elif tag == "group" and self._entity is not None:
            self._entity.folder = attributes.get("code", "")
        elif tag == "attribute":
            self._texts, self._links = [], []
            if self._entity is not None and (self._wanted is None or attributes.get("code") in self._wanted):
                self._code = attributes.get("code", "")
            else:
                self._texts = None
        elif tag == "reference" and self._texts is not None:
            self._texts.append(attributes.get("name", ""))
            if attributes.get("id"):
                self._links.append(attributes["id"])

    def data(self, text: str) -> None:
        self._pieces.append(text)

    def end(self, tag: str) -> None:
        text, self._pieces = "".join(self._pieces), []
        if self.root == "error" and text.strip():
            self._said.append(text.strip())
        if tag == "value" and self._texts is not None and text:
            self._texts.append(text)
        elif tag == "attribute":
            if self._entity is not None and self._texts:
                self._entity.values[self._code] = tuple(self._texts)
                if self._links:
                    self._entity.links[self._code] = tuple(self._links)
            self._texts = None
        elif tag == "entity" and self._entity is not None:
            self._done.append(self._entity)
            self._entity = None

    def close(self) -> None:
        """Part of the parser's protocol."""

    def take(self) -> list[Entity]:
        done, self._done = self._done, []
        return done

    def text(self) -> str:
        return ": ".join(self._said)


def report_of(answer: httpx.Response) -> Report:
    """Read the answer to an import.

    :raises EsmProtocolError: it is none
    """
    try:
        root = fromstring(answer.content)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError):
        raise not_webapi(answer) from None
    error = root if root.tag == "error" else root.find(".//error")
    if error is not None:
        return Report(0, ": ".join(text.strip() for text in error.itertext() if text.strip()) or "no reason given")
    if root.tag != "entity-import-report":
        raise not_webapi(answer)
    counts = [root.findtext(f".//entities-{which}", "0").strip() for which in ("created", "updated")]
    return Report(sum(int(count) for count in counts if count.isdecimal()))


def says_error(answer: httpx.Response) -> bool:
    """Whether an answer is ESM's own ``<error>``, whatever its status says."""
    return b"<error>" in answer.content or b"<error " in answer.content


def refused(answer: httpx.Response, message: str, detail: str) -> EsmRefused:
    """Make the error for an ``<error>``; what ESM said stays out of the text."""
    return EsmRefused(
        message,
        method=answer.request.method,
        path=answer.request.url.path,
        status=answer.status_code,
        detail=detail,
    )


def not_webapi(answer: httpx.Response) -> EsmProtocolError:
    """Make the error for an answer that the Web API does not give."""
    return EsmProtocolError(
        "this is no answer of ESM's Web API: correct the host or `webapi_path` of the ESM connection (cloud: "
        "/api/itsm, on premises often /esm); the user must be a local ESM user",
        method=answer.request.method,
        path=answer.request.url.path,
        status=answer.status_code,
    )
