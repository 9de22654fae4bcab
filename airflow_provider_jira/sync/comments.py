"""Comments on their way from Jira to the worklogs of cards: which are new, and what an entry says.

A comment is looked at by its id first: those on the list of settled ones are passed over unread. Of the others all is
read, properties included. What was made from an ESM entry carries our property and is not brought back; what not
everybody may see goes to a worklog of its own, or stays in Jira. An entry begins with the line that names the comment,
which is how it is known again (:mod:`~airflow_provider_jira.model.marks`). That a comment was edited or deleted later
is no news: what was said has been said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.records import Comment
from airflow_provider_jira.jira.side_by_side import SideBySide
from airflow_provider_jira.model import adf, marks
from airflow_provider_jira.model.definition import Comments
from airflow_provider_jira.sync.records import Record, Said

FIELD = "comment"
"""Id of the issue field that shows comments, or the first of them."""

SETTLED = "settled_before"
"""Name under which a plan stages the ids of settled comments."""

LISTS_AT_A_TIME = 4
_INTERNAL = "sd.public.comment"
"""Property by which service projects say that customers must not see a comment."""


@dataclass
class Heard:
    """What was found among the comments of some issues.

    :param said: issue id -> its comments that may be new to ESM, the oldest first
    :param own: ids of comments that came from ESM
    :param restricted: how many stay in Jira, because not everybody may see them
    """

    said: dict[int, list[Said]] = field(default_factory=dict)
    own: list[int] = field(default_factory=list)
    restricted: int = 0


async def hear(jira: JiraClient, issues: Sequence[Record], rule: Comments, settled: Collection[int]) -> Heard:
    """Find the comments that ESM may not have.

    :param issues: read with the field :data:`FIELD`
    :param rule: where comments go
    :param settled: ids of comments that need not be looked at again
    :raises JiraError: Jira cannot be used
    """
    shown = {issue.id: _shown(issue.fields.get(FIELD)) for issue in issues}
    more = SideBySide(LISTS_AT_A_TIME)
    try:
        cut = [issue for issue, ids in shown.items() if ids is None]
        shown.update({issue: ids async for issue, ids in more.each(cut, jira.comments.ids)})
    finally:
        await more.close()
    fresh = {issue: [id_ for id_ in ids or () if id_ not in settled] for issue, ids in shown.items()}
    read = await jira.comments.with_properties([id_ for ids in fresh.values() for id_ in ids])
    return _heard(fresh, {comment.id: comment for comment in read}, rule)


def _shown(page: Any) -> tuple[int, ...] | None:
    """Read the ids of an issue's comments from its field; ``None`` where the field does not show all."""
    if not isinstance(page, dict) or not isinstance(page.get("total"), int):
        return None
    ids = tuple(int(comment["id"]) for comment in page.get("comments") or ())
    return ids if len(ids) >= page["total"] else None


def _heard(fresh: dict[int, list[int]], comments: dict[int, Comment], rule: Comments) -> Heard:
    heard = Heard()
    for issue, ids in fresh.items():
        for comment in sorted((comments[id_] for id_ in ids if id_ in comments), key=lambda one: one.id):
            if marks.PROPERTY in comment.properties:
                heard.own.append(comment.id)
            elif is_restricted(comment) and rule.restricted is None:
                heard.restricted += 1
            else:
                attribute = rule.restricted if rule.restricted and is_restricted(comment) else rule.attribute
                heard.said.setdefault(issue, []).append(Said(comment.id, attribute, entry(comment, rule.as_)))
    return heard


def is_restricted(comment: Comment) -> bool:
    """Tell whether there is anybody who may see the issue and not the comment."""
    internal = comment.properties.get(_INTERNAL)
    return (
        comment.visibility is not None
        or comment.public is False
        or (isinstance(internal, dict) and internal.get("internal") is True)
    )


def entry(comment: Comment, form: Literal["plain", "markdown"]) -> str:
    """Write the entry that a comment becomes.

    :param form: what its rich text is turned into
    """
    body = comment.body
    text = adf.render(body, form) if adf.is_document(body) else str(body or "")
    return f"{marks.comment_line(comment.id, comment.author_name)}\n{text}".rstrip()
