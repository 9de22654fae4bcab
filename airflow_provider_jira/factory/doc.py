"""What an administrator reads on a DAG's page: what it reads and writes, when, and by which rules. Markdown.

Written for somebody who knows the connector and not its code. Everything here comes from the definition; nothing is
asked of Jira, ESM or Airflow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from airflow_provider_jira.model.definition import AttributeRule, Connector, RemovedRecords, ScheduledTask

TASKS = {
    "plan": "Checks the connections, the JQL, the template and its attributes, asks Jira which issues there are, and "
    "cuts them into partitions. Writes nothing.",
    "extract": "Reads the issues of one partition, turns each into a card, and keeps those that differ from what ESM "
    "has accepted before. Writes nothing.",
    "review": "Adds up what would be written and which cards have lost their issue. Stops the run if the read is not "
    "complete, or if too many cards would be marked as removed. Writes nothing.",
    "approve": "Asks for a decision if more cards would be marked as removed than the limit allows, and is done at "
    "once if not. Answer under *Required Actions*. **Reject** ends the run with nothing written.",
    "load": "Writes one share of the cards to ESM, batch by batch. Skipped when there is nothing to write.",
    "mark_removed": "Looks again at each card whose issue was not found, and marks it if the issue is really gone.",
    "commit": "Remembers what ESM has accepted, also when a task before it failed, and ends the run as failed in that "
    "case. The report of the run is in the last lines of its log and in its XCom.",
}

_BY_HAND = (
    "*Trigger* starts a run now. *Push everything* writes every card again; *Accept removals beyond the limit* "
    "takes the place of the approval. A failed run needs no repair: whatever ESM accepted is kept, and the next run "
    "does the rest."
)


def summary(task: ScheduledTask) -> str:
    """One line for the list of DAGs."""
    return task.description or f"Jira issues into ESM cards of template {task.target.template}"


def dag_doc(connector: Connector, task: ScheduledTask, file_name: str) -> str:
    """Everything about one scheduled task."""
    stamp = f"{connector.connector}__{task.id}"
    target, esm = task.target, f"connection {code(connector.esm_conn_id)}"
    rows = [
        ("Reads", f"the Jira issues of {code(task.jql)}, over connection {code(connector.jira_conn_id)}"),
        (
            "Writes",
            f"one card for each: template {code(target.template)}, folder {code(target.folder)}, over {esm}",
        ),
        ("Finds a card by", f"{code(target.key)} ({_source(task.attributes.get(target.key))})"),
        (
            "Its own cards",
            f"the ones with {code(target.task_id_attribute)} = {code(stamp)}; a card with this key becomes one",
        ),
        ("When", _when(task.schedule, connector.timezone)),
        ("What is written", _cache(task.cache.clear_hours)),
        ("Issue gone from Jira", _removed(task.removed_records)),
        ("Cards that ESM refuses", _refused(task.refused_records.max)),
        ("Defined in", f"{code(file_name)}, task {code(task.id)}"),
    ]
    attributes = [(code(attribute), _source(rule), _how(rule)) for attribute, rule in sorted(task.attributes.items())]
    return "\n".join(
        [
            f"## Jira issues → ESM {code(target.template)}",
            "",
            *([task.description, ""] if task.description else []),
            *_table(("", ""), rows),
            "",
            "### Attributes",
            "",
            *_table(("ESM attribute", "From Jira", "How"), attributes),
            "",
            "### Tasks",
            "",
            *(f"- **{name}**: {text}" for name, text in _tasks(task)),
            "",
            "### By hand",
            "",
            _BY_HAND,
        ]
    )


def broken_doc(name: str, file_name: str, problems: Sequence[str]) -> str:
    """What is wrong with a definition that cannot run."""
    return "\n".join(
        [
            f"## {name} cannot run",
            "",
            f"Its definition in {code(file_name)} is broken. The DAG runs again as soon as the file is right:",
            "",
            *(f"- {code(problem)}" for problem in problems),
        ]
    )


def code(text: str) -> str:
    """Quote a text as Markdown code that also holds inside a table."""
    flat = " ".join(text.split()).replace("|", "\\|")
    return f"`` {flat} ``" if "`" in flat else f"`{flat}`"


def _tasks(task: ScheduledTask) -> Iterable[tuple[str, str]]:
    asks = task.removed_records is not None and task.removed_records.on_exceeded == "approve"
    return ((name, text) for name, text in TASKS.items() if name != "approve" or asks)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _when(schedule: str | None, timezone: str) -> str:
    if schedule is None:
        return "only when started by hand"
    return f"{code(schedule)} ({timezone}), or when started by hand; never twice at a time"


def _cache(clear_hours: Sequence[int] | None) -> str:
    changed = "only cards whose issue has changed since ESM accepted it"
    if clear_hours is None:
        return f"{changed}; everything in the first run after a clear hour (setting `cache_clear_hours`, UTC)"
    if not clear_hours:
        return f"{changed}; everything only when asked for"
    hours = ", ".join(f"{hour:02}:00" for hour in clear_hours)
    return f"{changed}; everything in the first run after {hours} UTC"


def _removed(removed: RemovedRecords | None) -> str:
    if removed is None:
        return "its card is left as it is"
    limit = f"more than {removed.max_percent:g} % of the cards, or more than {removed.max_count} cards"
    then = (
        "an administrator is asked first" if removed.on_exceeded == "approve" else "the run fails with nothing written"
    )
    return (
        f"its card gets {code(removed.attribute)} = {code(removed.value)}, after a second look by id; {limit}: {then}"
    )


def _refused(most: int) -> str:
    fails = "any of them ends the run as failed" if not most else f"more than {most} of them end the run as failed"
    return f"are listed in the report and tried again in every run; {fails}"


def _source(rule: AttributeRule | None) -> str:
    if rule is None:
        return "not mapped"
    if rule.source:
        return ", else ".join(code(source) for source in rule.source)
    return f"always {code(str(rule.value))}"


def _how(rule: AttributeRule) -> str:
    notes = []
    if rule.as_:
        notes.append(f"as {rule.as_} text")
    if rule.format:
        notes.append(f"as {rule.format}")
    if rule.map:
        notes.append(f"{len(rule.map)} {'value' if len(rule.map) == 1 else 'values'} translated")
    if rule.default is not None:
        notes.append("with a default")
    if rule.source and rule.when_empty == "keep":
        notes.append("left as it is when empty")
    return ", ".join(notes)
