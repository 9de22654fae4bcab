"""Rich text: Atlassian Document Format (ADF), as Jira's REST API version 3 knows it, to and from texts that ESM holds.

A document is read once into a small tree of blocks and inline pieces (:mod:`.document`, :mod:`.reader`), where
everything that only Jira has (mentions, panels, media, cards, macros) has already become something that any text
format has; plain text, Markdown and HTML are then three short renderers of that tree. The way back reads Markdown or
plain text into the same tree, settles each block where Jira lets it stand (:mod:`.settle`), and writes the document.
Nothing here raises: what is unknown or malformed gives up its text, and no text is left out.
"""

from __future__ import annotations

from typing import Any, Literal

from airflow_provider_jira.model.adf import html, markdown, plain, plain_reader, settle, tidy
from airflow_provider_jira.model.adf.length import fits, shortened
from airflow_provider_jira.model.adf.reader import read
from airflow_provider_jira.model.adf.writer import write

__all__ = ["Form", "fits", "from_markdown", "from_plain", "is_document", "render", "shortened"]

Form = Literal["plain", "markdown", "html"]

_RENDERERS = {"plain": plain.render, "markdown": markdown.render, "html": html.render}


def is_document(value: Any) -> bool:
    """Say whether a JSON value is a rich text document rather than any other object."""
    return isinstance(value, dict) and value.get("type") == "doc" and isinstance(value.get("content", []), list)


def render(document: Any, form: Form) -> str:
    """Render a rich text document.

    :param document: the document as Jira encodes it
    :param form: ``plain`` text, ``markdown`` (CommonMark with the tables and strike-through of GitHub Flavored
        Markdown), ``html``
    :returns: the text, without line breaks around it; empty for an empty document
    """
    return _RENDERERS[form](read(document))


def from_markdown(text: str) -> dict[str, Any]:
    """Make a document of Markdown.

    The document written as Markdown again (:func:`render`) is the same document, and holds every word; only a mark that
    ends within a word may be lost, where Markdown has no way to write it. What documents have no place for says the
    same in another way: an image is a link, HTML is text, a heading in a list is set strong. Bare addresses of pages
    become links; a line break within a paragraph is a blank, as CommonMark has it. Titles of links and the alignment
    of columns are left out.

    :param text: CommonMark, with the tables, strike-through and task boxes of GitHub Flavored Markdown
    :returns: a document that Jira takes for a text area or as a comment, unless it is too long (:func:`shortened`)
    """
    from airflow_provider_jira.model.adf import markdown_reader  # noqa: PLC0415 - not needed to parse a DAG file

    return write(tidy.blocks(settle.blocks(markdown_reader.read(text))))


def from_plain(text: str) -> dict[str, Any]:
    """Make a document of plain text: paragraphs, line breaks, and links where addresses of pages stand.

    :param text: nothing in it is taken for markup
    :returns: a document that Jira takes for a text area or as a comment, unless it is too long (:func:`shortened`)
    """
    return write(plain_reader.read(text))
