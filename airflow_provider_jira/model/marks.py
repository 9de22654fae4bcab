"""How what this connector wrote is known again on both sides, so that nothing is written twice and nothing echoes.

* An issue carries an issue property, written in the same request as the issue itself, that says which card and which
  event it was made for; and a label, because a property cannot be searched without an app (Jira reference, 5.7).
* A comment in Jira carries a comment property that says which entry of which card it was made from.
* An entry of an ESM worklog has nothing but author, text and date, so its first line names the Jira comment.
"""

from __future__ import annotations

import re

PROPERTY = "airflow-provider-jira"
"""Key of the issue property and of the comment property. Their value is an object; ``{"mark": "…"}`` at least."""

_LINE = re.compile(r"\[Jira comment (\d+)\b[^\]]*\]")


def label(card_id: str) -> str:
    """Name the label that issues get which are made for a card.

    :param card_id: ESM's id of the card, digits; or any word without spaces that stands for what is not a card
    """
    return f"esm-{card_id}"


def comment_line(comment: int, author: str) -> str:
    """Write the line that an entry of an ESM worklog begins with.

    :param comment: Jira's id of the comment
    :param author: who wrote it in Jira, by display name
    """
    name = " ".join(re.sub(r"[\[\]]", " ", author).split())
    return f"[Jira comment {comment} · {name}]" if name else f"[Jira comment {comment}]"


def comment_of(text: str) -> int | None:
    """Read which Jira comment an entry of an ESM worklog was made from.

    :param text: the entry's text
    :returns: Jira's id of the comment, or ``None`` where the entry was written in ESM
    """
    found = _LINE.match(text.lstrip())
    return int(found.group(1)) if found else None
