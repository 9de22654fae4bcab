"""What an administrator reads on a DAG's page: what it reads and writes, when, and by which rules. Markdown.

Written for somebody who knows the connector and not its code. Everything here comes from the definition; nothing is
asked of Jira, ESM or Airflow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from airflow_provider_jira.model.definition import (
    AttributeRule,
    Comments,
    CompanionTask,
    Connector,
    GenericTask,
    Part,
    PeopleTask,
    RemovedRecords,
    ScheduledTask,
    dag_id,
)
from airflow_provider_jira.model.selection import Names
from airflow_provider_jira.model.tasks import OVERLAP

TASKS = {
    "plan": "Checks the connections, the filters, the templates and their attributes, asks Jira which records there "
    "are, and cuts them into partitions. Writes nothing.",
    "extract": "Reads the records of one partition, turns each into a card, and keeps those that differ from what ESM "
    "has accepted before. Writes nothing.",
    "review": "Adds up what would be written and which cards have lost their record. Stops the run if the read is not "
    "complete, or if too many cards would be marked as removed. Writes nothing.",
    "approve": "Asks for a decision if more cards would be marked as removed than the limit allows, and is done at "
    "once if not. Answer under *Required Actions*. **Reject** ends the run with nothing written.",
    "load": "Writes one share of the cards to ESM, batch by batch. Skipped when there is nothing to write.",
    "relate": "Finds the cards that point at cards which `load` has written.",
    "load_related": "Writes one share of those to ESM. Skipped when there is nothing to write.",
    "mark_removed": "Looks again at each card whose record was not found, and marks it if the record is really gone. "
    "An incremental run marks nothing.",
    "commit": "Remembers what ESM has accepted, also when a task before it failed, and ends the run as failed in that "
    "case. The report of the run is in the last lines of its log and in its XCom.",
}

_BY_HAND = "*Trigger* starts a run now. *Push everything* writes every card that is read again; "
_FULL = "*Accept removals beyond the limit* takes the place of the approval."
_INCREMENTAL = "*Read everything* reads all issues for once, and marks nothing removed."
_NO_REPAIR = "A failed run needs no repair: whatever ESM accepted is kept, and the next run does the rest."
_CARDS = {"issues": "Issues", "accounts": "People", "entitlements": "Groups"}


def summary(task: ScheduledTask) -> str:
    """One line for the list of DAGs."""
    templates = " and ".join(part.target.template for part in task.parts)
    return task.description or f"Jira {_what(task)} into ESM cards of template {templates}"


def dag_doc(connector: Connector, task: ScheduledTask, file_name: str) -> str:
    """Everything about one scheduled task."""
    rows = [
        ("Reads", f"{_reads(task)}, over connection {code(connector.jira_conn_id)}"),
        *_targets(connector, task),
        ("When", _when(task.schedule, connector.timezone)),
        ("What is written", _cache(task.cache.clear_hours)),
        *((f"{_gone(part)} gone from Jira", _removed(part.removed_records)) for part in task.parts),
        ("Cards that ESM refuses", _refused(task.refused_records.max)),
        ("Defined in", f"{code(file_name)}, task {code(task.id)}"),
    ]
    if isinstance(task, CompanionTask):
        rows.insert(
            1, ("Companion of", f"{code(dag_id(connector.connector, task.companion_of))}, whose cards it writes")
        )
    templates = " and ".join(code(part.target.template) for part in task.parts)
    choices = _INCREMENTAL if task.fetch_type == "incremental" else _FULL
    return "\n".join(
        [
            f"## Jira {_what(task)} → ESM {templates}",
            "",
            *([task.description, ""] if task.description else []),
            *table(("", ""), rows),
            "",
            *(line for part in task.parts for line in _attributes(task, part)),
            "### Tasks",
            "",
            *(f"- **{name}**: {text}" for name, text in _tasks(task)),
            "",
            "### By hand",
            "",
            f"{_BY_HAND}{choices} {_NO_REPAIR}",
        ]
    )


def _what(task: ScheduledTask) -> str:
    kinds = {"generic": "issues", "identity": "people", "access": "groups", "identity_and_access": "people and groups"}
    return kinds[task.mapping_type]


def _reads(task: ScheduledTask) -> str:
    if isinstance(task, GenericTask):
        issues = f"the Jira issues of {code(task.jql)}"
        if task.fetch_type == "full":
            return issues
        overlap = OVERLAP if task.overlap is None else task.overlap
        minutes = overlap.total_seconds() / 60
        return f"{issues} that have changed since the last run (and {minutes:g} minutes before it); all, the first time"
    if isinstance(task, PeopleTask):
        return _people(task)
    return "nothing"


def _people(task: PeopleTask) -> str:
    users, said = task.users, []
    if task.identity is not None:
        active = "" if users.include_inactive else "active "
        circle = f" who are in {' or '.join(code(name) for name in users.members_of)}" if users.members_of else ""
        said.append(f"{active}people of account type {' or '.join(users.account_types)}{circle}{_names(users)}")
    if task.access is not None:
        said.append(f"groups{_names(task.groups)}")
        if task.project_roles is not None:
            roles = task.project_roles
            said.append(f"roles of {', '.join(code(key) for key in roles.projects)}{_names(roles)}")
    return "; ".join(said)


def _names(names: Names) -> str:
    """Say a filter on names in words."""
    included = f" named like {' or '.join(code(each) for each in names.include)}" if names.include else ""
    excluded = f" but not like {' or '.join(code(each) for each in names.exclude)}" if names.exclude else ""
    return included + excluded


def _targets(connector: Connector, task: ScheduledTask) -> Iterable[tuple[str, str]]:
    stamp, esm = dag_id(connector.connector, task.stamped), f"connection {code(connector.esm_conn_id)}"
    for part in task.parts:
        target, of = part.target, "" if len(task.parts) == 1 else f"{_CARDS[part.name]}: "
        yield (
            "Writes",
            f"{of}one card for each: template {code(target.template)}, folder {code(target.folder)}, over {esm}",
        )
        yield "Finds a card by", f"{of}{code(target.key)} ({_source(part.attributes.get(target.key))})"
        yield (
            "Its own cards",
            f"{of}the ones with {code(target.task_id_attribute)} = {code(stamp)}; a card with this key becomes one",
        )


def _gone(part: Part) -> str:
    return {"issues": "Issue", "accounts": "Person", "entitlements": "Group"}[part.name]


def _attributes(task: ScheduledTask, part: Part) -> list[str]:
    rows = [(code(attribute), _source(rule), _how(rule)) for attribute, rule in sorted(part.attributes.items())]
    if part.memberships:
        rows.append((code(part.memberships), "the groups and roles that the person holds", "as references"))
    if part.comments is not None:
        rows += [(code(attribute), "comments", how) for attribute, how in _comments(part.comments)]
    title = "Attributes" if len(task.parts) == 1 else f"Attributes of {_CARDS[part.name].lower()}"
    return [f"### {title}", "", *table(("ESM attribute", "From Jira", "How"), rows), ""]


def _comments(comments: Comments) -> Iterable[tuple[str, str]]:
    """Say which worklog gets which comments."""
    left = "; restricted ones stay in Jira" if comments.restricted is None else ""
    yield comments.attribute, f"each once, as {comments.as_}{left}"
    if comments.restricted is not None:
        yield comments.restricted, f"the restricted ones, each once, as {comments.as_}"


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
    absent = {"approve": not task.asks, "relate": not task.two_waves, "load_related": not task.two_waves}
    return ((name, text) for name, text in TASKS.items() if not absent.get(name))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Write a Markdown table, a line each."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _when(schedule: str | None, timezone: str) -> str:
    if schedule is None:
        return "only when started by hand"
    return f"{code(schedule)} ({timezone}), or when started by hand; never twice at a time"


def _cache(clear_hours: Sequence[int] | None) -> str:
    changed = "only cards whose record has changed since ESM accepted it"
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
    fates = "" if len(removed.on) > 1 else f" (only if it is {removed.on[0].replace('_', ' ')})"
    back = "" if removed.returned_value is None else f"; {code(removed.returned_value)} when it is back"
    return (
        f"its card gets {code(removed.attribute)} = {code(removed.value)}{fates}, after a second look by id{back}; "
        f"{limit}: {then}"
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
    if rule.reference:
        notes.append(f"as reference to {code(rule.reference.template)} by {code(rule.reference.key)}")
    if rule.map:
        notes.append(f"{len(rule.map)} {'value' if len(rule.map) == 1 else 'values'} translated")
    if rule.default is not None:
        notes.append("with a default")
    if rule.source and rule.when_empty == "keep":
        notes.append("left as it is when empty")
    return ", ".join(notes)
