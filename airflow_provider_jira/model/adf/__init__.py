"""Rich text: Atlassian Document Format (ADF), as Jira's REST API version 3 sends it, to texts that ESM can hold.

A document is read once into a small tree of blocks and inline pieces (:mod:`.document`, :mod:`.reader`), where
everything that only Jira has (mentions, panels, media, cards, macros) has already become something that any text
format has; plain text, Markdown and HTML are then three short renderers of that tree. Nothing here raises: what is
unknown or malformed gives up its text, and no text is left out.
"""

from __future__ import annotations

from typing import Any, Literal

from airflow_provider_jira.model.adf import html, markdown, plain
from airflow_provider_jira.model.adf.reader import read

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
