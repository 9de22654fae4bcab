"""Wraps an administrator's JQL so that more can be said around it without changing what it means.

A task's JQL is written by hand: it may end in an ``ORDER BY``, contain one in a quoted text, and have ``OR`` at its
top level. Only a reader of quotes, escapes and parentheses can tell where the condition ends, so that is what this
module is; it knows nothing of fields, functions or operators. What it cannot make sense of (an open quote, a
parenthesis too many) is refused rather than wrapped: ``a) OR (b`` in parentheses would be valid JQL that means
something else.

The lexical rules are those of Atlassian's "Advanced search reference - JQL": texts in single or double quotes, a
backslash escapes the character after it, inside and outside of quotes, and keywords may be written in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<open>\()
  | (?P<close>\))
  | (?P<word>(?:[^\s"'()\\=!<>~,&|\[\]]|\\.)+)
  | (?P<sign>[=!<>~,&|\[\]]+)
    """,
    re.VERBOSE | re.DOTALL,
)


class JqlBroken(ValueError):
    """The JQL cannot be wrapped. The text says what is wrong with it and where."""


class Token(NamedTuple):
    """One piece of JQL.

    :param kind: ``space`` ``quoted`` ``open`` ``close`` ``word`` ``sign``
    :param text: as written
    :param at: offset in characters
    :param depth: how many parentheses are open around it
    """

    kind: str
    text: str
    at: int
    depth: int


def tokens(jql: str) -> Iterator[Token]:
    """Cut JQL into pieces which together are the whole text.

    :raises JqlBroken: a quote that is not closed, parentheses that do not match, a backslash with nothing after it
    """
    at = 0
    opened: list[int] = []
    while at < len(jql):
        match = _TOKEN.match(jql, at)
        if match is None:
            what = "a backslash has nothing to escape" if jql[at] == "\\" else f"the quote {jql[at]} is not closed"
            raise JqlBroken(f"JQL, character {at + 1}: {what}")
        kind = str(match.lastgroup)
        if kind == "close":
            if not opened:
                raise JqlBroken(f"JQL, character {at + 1}: this parenthesis closes none; remove it, or open one before")
            opened.pop()
        yield Token(kind, match.group(), at, len(opened))
        if kind == "open":
            opened.append(at)
        at = match.end()
    if opened:
        raise JqlBroken(f"JQL, character {opened[-1] + 1}: this parenthesis is not closed")


def condition(jql: str) -> str:
    """Take the condition out of JQL: all before the ``ORDER BY``, if there is one.

    :returns: the condition without blanks around it
    :raises JqlBroken: quotes or parentheses do not match, or there is no condition (Jira refuses to search without one)
    """
    kept: list[Token] = []
    ordered = False
    for token in tokens(jql):
        if kept and token.depth == 0 and _is(kept[-1], "order") and _is(token, "by"):
            ordered = True
            kept.pop()
        if not ordered and token.kind != "space":
            kept.append(token)
    if not kept:
        raise JqlBroken("the JQL has no condition: Jira does not search without one; name a project, for instance")
    # Not strip(): the last character may be a blank that a backslash makes part of a word.
    return jql[kept[0].at : kept[-1].at + len(kept[-1].text)]


def bounded(jql: str) -> str:
    """Make JQL that can be combined with other conditions: its ``ORDER BY`` gone, in parentheses.

    :raises JqlBroken: see :func:`condition`
    """
    return f"({condition(jql)})"


def sweep_jql(jql: str) -> str:
    """Make JQL that lists the same issues by ascending id, the one order in which no change can move an issue.

    :raises JqlBroken: see :func:`condition`
    """
    return f"{bounded(jql)} ORDER BY id ASC"


def since_jql(jql: str, bound: str) -> str:
    """Make JQL that lists the issues changed since a bound, the one changed longest ago first.

    An issue that changes while it is listed moves to the end, where it is seen (again) instead of being missed.

    :param bound: as :func:`~airflow_provider_jira.model.window.lower_bound` gives it. There is no upper bound: an issue
        that changes all the time would be above it for ever
    :raises JqlBroken: see :func:`condition`
    """
    return f'{bounded(jql)} AND updated >= "{bound}" ORDER BY updated ASC, id ASC'


def within(jql: str, ids: Iterable[int]) -> str:
    """Make JQL for those of the given issues that match.

    :param ids: numeric issue ids, at least one
    :raises JqlBroken: see :func:`condition`
    :raises ValueError: no ids: Jira refuses an empty list, and leaving it out would ask for all issues
    """
    listed = ",".join(str(int(id_)) for id_ in ids)
    if not listed:
        raise ValueError("within() needs at least one issue id")
    return f"id in ({listed}) AND {bounded(jql)}"


def _is(token: Token, keyword: str) -> bool:
    return token.kind == "word" and token.text.lower() == keyword
