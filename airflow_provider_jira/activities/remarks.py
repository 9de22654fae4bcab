"""What a card has to say on its issue: the entries of a worklog, or a text.

ESM gives entries of a worklog no id, and its two APIs show different things of them, so what makes an entry the same
entry is its text, and which time it is that this text was written. What came from Jira is left out.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from airflow_provider_jira.activities.add_comment import Remark
from airflow_provider_jira.activities.case import Case
from airflow_provider_jira.activities.the_card import read_entries
from airflow_provider_jira.model import adf
from airflow_provider_jira.model.card import Entry
from airflow_provider_jira.model.event_tasks import AddComment
from airflow_provider_jira.model.marks import comment_of
from airflow_provider_jira.model.value_rule import ValueRule


async def remarks_of_entries(case: Case, task: AddComment) -> list[Remark]:
    """Make a remark of every entry that did not come from Jira, the oldest first.

    :param task: says where the entries are, and what they are written in
    """
    return [
        Remark(f"{case.about['connector']}\n{case.card_id or case.key}\n{entry.text}\n{nth}", body)
        for entry, nth in _numbered(await _entries(case, task))
        if (body := _body(entry, task)) is not None
    ]


def remarks_of_texts(case: Case, rule: ValueRule) -> list[Remark]:
    """Make a remark of every text that a rule gives; it is the event's own, said once for it.

    :param rule: where the texts are, and what they are written in
    """
    return [
        Remark(f"{case.key}\n{text}", adf.shortened(body))
        for text in case.many(rule)
        if (body := _document(text, rule))["content"]
    ]


async def _entries(case: Case, task: AddComment) -> tuple[Entry, ...]:
    source = task.comment.source
    if task.card is not None and case.card_id is not None and len(source) == 1 and "." not in source[0]:
        found = await read_entries(case.store, task.card, case.card_id, source[0])
    else:
        found = tuple(Entry("", text, "") for text in case.many(task.comment))
    # what came from Jira is there already
    return tuple(entry for entry in found if entry.text.strip() and comment_of(entry.text) is None)


def _numbered(entries: tuple[Entry, ...]) -> list[tuple[Entry, int]]:
    """Number entries of the same text, so that saying the same thing twice is two things."""
    seen: Counter[str] = Counter()
    numbered = []
    for entry in entries:
        seen[entry.text] += 1
        numbered.append((entry, seen[entry.text]))
    return numbered


def _body(entry: Entry, task: AddComment) -> dict[str, Any] | None:
    body = _document(entry.text, task.comment)
    if not body["content"]:
        return None  # a text can be nothing but markup, and Jira takes no comment that says nothing
    if entry.author.strip():
        author = {"type": "text", "text": f"{entry.author.strip()}:", "marks": [{"type": "strong"}]}
        body["content"].insert(0, {"type": "paragraph", "content": [author]})
    return adf.shortened(body)


def _document(text: str, rule: ValueRule) -> dict[str, Any]:
    return adf.from_markdown(text) if rule.as_ == "markdown" else adf.from_plain(text)
