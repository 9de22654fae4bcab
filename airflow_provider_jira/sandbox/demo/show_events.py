"""What the demo shows of events: the runs, the cards before and after them, and what was said on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from airflow_provider_jira.sandbox.demo.event_runs import BY_ITSELF, Ended

_COLOURS = {"success": "green", "failed": "red"}

Row = Mapping[str, Any]


def runs_table(title: str, runs: Sequence[Ended]) -> Table:
    """Draw runs: which, how they ended, and what they did."""
    table = Table("run of", "run id", "about", "ended", "what it did", title=title, title_justify="left")
    table.title_style = "bold"
    for ended in runs:
        run = ended.run
        run_id = "(Airflow's own)" if run.run_id.startswith(BY_ITSELF) else run.run_id
        state = Text(ended.state, style=_COLOURS.get(ended.state, ""))
        table.add_row(run.dag_id.partition("__")[2], run_id, run.about, state, ended.did)
    return table


def cards_table(
    title: str, cards: Mapping[str, str], before: Mapping[str, Row], after: Mapping[str, Row], codes: Sequence[str]
) -> Table:
    """Draw what cards say, one column a card; where it has changed, both values.

    :param cards: card id -> what to call it
    :param before: card id -> the card
    :param after: the same, later
    :param codes: attributes to show
    """
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("attribute")
    for card, name in cards.items():
        table.add_column(f"card {card}\n{name}", header_style="", max_width=42)
    for code in codes:
        table.add_row(code, *(_change(before.get(card), after[card], code) for card in cards))
    return table


def _change(before: Row | None, after: Row, code: str) -> Text:
    was = _texts(before, code) if before is not None else ""
    now = _texts(after, code)
    if was == now:
        return Text(now, style="dim")
    return Text.assemble((f"{was or '(empty)'} → ", "dim"), (now or "(empty)", "bold"))


def _texts(card: Row, code: str) -> str:
    return ", ".join(card["values"].get(code, ()))


def talk_table(title: str, card: Row, issue: Row) -> Table:
    """Draw what was said about an incident: its card's worklog, and its issue's comments."""
    table = Table(
        f"worklog of card {card['dataCardId']}", f"comments of {issue['key']}", title=title, title_justify="left"
    )
    table.title_style = "bold"
    entries = [f"{each['author']}: {each['text']}" for each in card.get("worklogs", {}).get("comments", ())]
    comments = [f"{each['author']['displayName']}: {each['text']}" for each in issue["comments"]]
    for at in range(max(len(entries), len(comments))):
        table.add_row(*(Text(side[at] if at < len(side) else "") for side in (entries, comments)))
    return table
