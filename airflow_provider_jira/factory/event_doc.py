"""What an administrator reads on the page of an event task's DAG: what starts it, what it does in Jira, what the card
gets, and the call that a workflow makes. Markdown, from the definition alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airflow_provider_jira.factory.doc import code, table
from airflow_provider_jira.model.definition import Connector, dag_id
from airflow_provider_jira.model.event_base import EventTask
from airflow_provider_jira.model.event_conf import CARD, EVENT, VALUES
from airflow_provider_jira.model.event_tasks import AddComment, CreateIssue, CreateUser, TransitionIssue
from airflow_provider_jira.model.value_rule import ValueRule

STEPS = {
    "cards": "Lists the cards that the run is about: the one it was started for, or those that began to match the "
    "filter of `poll`.",
    "receive": "Takes the event's place in its card's line, and sees that the card can be read and written.",
    "write": "Waits for the event's turn, reads the card, and does the work in Jira, once: a try that comes after one "
    "whose outcome is not known looks first.",
    "completed": "The exit *Completed*: writes the result back to the card, and the values of `on_completed`.",
    "exception": "The exit *Exception*: where a step failed for good, gives the card the values of `on_exception` and "
    "the reason, then fails with it. Later events of the same card wait until this run is cleared, or dismissed with "
    "`airflow jira-connector events`.",
}

ACTIVITIES = {
    "create_issue": "makes an issue",
    "update_issue": "sets fields of an issue",
    "add_comment": "comments on an issue",
    "transition_issue": "brings an issue to a status",
    "create_user": "invites a person to the site",
    "delete_user": "removes a person from the site",
    "create_group": "makes a group",
    "delete_group": "deletes a group",
    "add_user_to_group": "puts a person into groups",
    "remove_user_from_group": "takes a person out of groups",
}


def summary(task: EventTask) -> str:
    """One line for the list of DAGs."""
    of = f" for a card of template {task.card.template}" if task.card else ""
    return task.description or f"In Jira, {ACTIVITIES[task.activity]}{of}"


def dag_doc(connector: Connector, task: EventTask, file_name: str) -> str:
    """Everything about one event task."""
    name = dag_id(connector.connector, task.id)
    source = f"ESM {code(task.card.template)}" if task.card else "Values"
    rows = [
        ("In Jira", f"{ACTIVITIES[task.activity]}, over connection {code(connector.jira_conn_id)}"),
        ("Reads", _reads(connector, task)),
        ("Starts", _starts(task)),
        *_settings(task),
        ("Completed", _set(task.on_completed.set if task.on_completed else None)),
        ("Exception", _exception(task)),
        ("Defined in", f"{code(file_name)}, task {code(task.id)}"),
    ]
    steps = {key: text for key, text in STEPS.items() if key != "cards" or task.poll is not None}
    return "\n".join(
        [
            f"## {source} → Jira: {task.activity.replace('_', ' ')}",
            "",
            *([task.description, ""] if task.description else []),
            *table(("", ""), rows),
            "",
            "### Values",
            "",
            *table(("For", "From", "How"), list(_rules(task))),
            "",
            "### Tasks",
            "",
            *(f"- **{key}**: {text}" for key, text in steps.items()),
            "",
            "### From a workflow, or by hand",
            "",
            *_call(name, task),
        ]
    )


def _reads(connector: Connector, task: EventTask) -> str:
    if task.card is None:
        return f"the values in the run's conf ({code(VALUES)}), which stay in Airflow's database"
    card = f"the card that the run's conf names ({code(CARD)}), over connection {code(connector.esm_conn_id)}"
    given = f"; or values in the conf ({code(VALUES)}), which stay in Airflow's database"
    return card + (given if task.allow_values_in_conf else "")


def _starts(task: EventTask) -> str:
    called = "when a workflow calls Airflow's REST API, or by hand"
    if task.poll is None:
        return called
    seconds = f"{task.poll.every.total_seconds():g}"
    return f"by itself for each card that begins to match {code(task.poll.filter)}, asked every {seconds} s; {called}"


def _settings(task: EventTask) -> Iterator[tuple[str, str]]:
    if isinstance(task, CreateIssue) and task.mark:
        yield (
            "Finds it again",
            f"after a lost answer by its mark: {'a label' if task.mark == 'label' else code(task.mark)}",
        )
    if isinstance(task, TransitionIssue) and task.via:
        yield "Goes through", " → ".join(code(each) for each in task.via)
    if isinstance(task, AddComment) and task.visibility is not None:
        kind, name = ("group", task.visibility.group) if task.visibility.group else ("role", task.visibility.role)
        yield "Who may read it", f"{kind} {code(str(name))}"
    if isinstance(task, CreateUser):
        yield "Products", ", ".join(code(each) for each in task.products) or "none"
    if task.results():
        yield "Writes back", ", ".join(f"{code(attribute)} = {what}" for attribute, what in task.results().items())
    if failures := getattr(task, "membership_failures", None):
        yield "Groups that failed", f"go to {code(failures)}; who is a member already is no failure"


def _set(values: Mapping[str, Any] | None) -> str:
    if not values:
        return "the card gets nothing more"
    return "the card gets " + ", ".join(f"{code(name)} = {code(str(value))}" for name, value in values.items())


def _exception(task: EventTask) -> str:
    exit_ = task.on_exception
    reason = f"the reason goes to {code(exit_.attribute)}" if exit_ and exit_.attribute else "the log has the reason"
    return f"{_set(exit_.set if exit_ else None)}; {reason}; the run is failed"


def _rules(task: EventTask) -> Iterable[tuple[str, str, str]]:
    arguments = [(f"*{name.replace('_', ' ')}*", rule) for name, rule in task.arguments().items()]
    fields = [(code(name), rule) for name, rule in task.field_rules().items()]
    for name, rule in (*arguments, *fields):
        yield name, _source(rule), _how(rule)


def _source(rule: ValueRule) -> str:
    if rule.source:
        return ", else ".join(code(path) for path in rule.source)
    values = [rule.value] if isinstance(rule.value, str) else list(rule.value or ())
    return f"always {', '.join(code(value) for value in values)}"


def _how(rule: ValueRule) -> str:
    notes = []
    if rule.as_:
        notes.append(f"as {rule.as_} text")
    if rule.map:
        notes.append(f"{len(rule.map)} {'value' if len(rule.map) == 1 else 'values'} translated")
    if rule.default is not None:
        notes.append("with a default")
    if rule.source and rule.when_empty == "keep":
        notes.append("left as it is when empty")
    if rule.received:
        notes.append(
            f"not sent where {code(rule.received)} says that it came from Jira; of two changes {rule.conflict}'s stays"
        )
    return ", ".join(notes)


def _call(name: str, task: EventTask) -> Iterator[str]:
    conf = f'"{CARD}": "123456", "{EVENT}": "solved-1"' if task.card else f'"{EVENT}": "e-1", "{VALUES}": {{}}'
    yield "*Trigger* opens a form with the keys of the conf. A workflow calls"
    yield ""
    yield "```http"
    yield f"POST /api/v2/dags/{name}/dagRuns"
    yield ""
    # several lines: the page is narrow, and what is too long is cut off there
    yield '{"logical_date": null,'
    yield ' "dag_run_id": "123456.solved-1",'
    yield f' "conf": {{{conf}}}}}'
    yield "```"
    yield ""
    yield (
        f"A `dag_run_id` made of card and event lets Airflow answer 409 to a second call for the same. The outcome is "
        f"the run's `state`: `GET /api/v2/dags/{name}/dagRuns/123456.solved-1`."
    )
