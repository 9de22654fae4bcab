"""Reads plain text into the tree of :mod:`.document`: a blank line ends a paragraph, any other line break stays one.

Nothing is taken for markup, and what a line begins with stays, so that what somebody lined up with blanks still is.
"""

from __future__ import annotations

from airflow_provider_jira.model.adf import tidy
from airflow_provider_jira.model.adf.document import Block, Break, Inline, Paragraph, Run
from airflow_provider_jira.model.adf.nodes import text as taken


def read(text: str) -> tuple[Block, ...]:
    """Read plain text.

    :param text: what XML cannot carry is left out
    :returns: its paragraphs
    """
    found: list[Block] = []
    lines: list[Inline] = []
    for line in (*taken(text).split("\n"), ""):
        words = line.rstrip()
        if words:
            lines += [Break(), Run(words)] if lines else [Run(words)]
        elif lines:
            found.append(Paragraph(tuple(tidy.linked(lines))))
            lines = []
    return tuple(found)
