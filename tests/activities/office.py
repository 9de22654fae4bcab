"""An installation with event tasks: a Jira, an ESM, a memory, and a clock that moves only when somebody waits.

:meth:`Office.handle` does what the event's DAG does: receive, perform as often as it is not yet, then complete or fail.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sides import Sandbox

from airflow_provider_jira import activities
from airflow_provider_jira.activities import Event, NotYet, Refused
from airflow_provider_jira.activities.line import places
from airflow_provider_jira.esm.errors import EsmError
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.errors import JiraError
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.model.marks import PROPERTY
from airflow_provider_jira.sync.state import MemoryState, State

CARD = {"template": "incident", "key": "incidentId"}
ACCOUNT = {"template": "account", "key": "accountId"}
TASKS: tuple[dict[str, Any], ...] = (
    {
        "id": "create",
        "activity": "create_issue",
        "card": CARD,
        "attributes": {
            "project": {"value": "SUP"},
            "issueType": {"value": "Bug"},
            "summary": "subject",
            "description": {"source": "description", "as": "markdown"},
        },
        "write_back": {"jiraKey": "key", "jiraUrl": "url"},
        "on_completed": {"set": {"jiraSync": "01 - Sent"}},
        "on_exception": {"set": {"jiraSync": "09 - Failed"}, "attribute": "provisioningException"},
    },
    {
        "id": "comment",
        "activity": "add_comment",
        "card": CARD,
        "issue": "jiraKey",
        "comment": "comments",
        "on_exception": {"attribute": "provisioningException"},
    },
    {
        "id": "resolve",
        "activity": "transition_issue",
        "card": CARD,
        "issue": "jiraKey",
        "to": {"source": "status", "map": {"07 - Solved": "Done"}},
        "via": ["In Progress", "In Review"],
        "resolution": {"source": "resolution", "map": {"Solved": "Done"}},
        "on_exception": {"attribute": "provisioningException"},
    },
    {
        "id": "update",
        "activity": "update_issue",
        "card": CARD,
        "issue": "jiraKey",
        "attributes": {"summary": "subject", "labels": "labels"},
        "on_exception": {"attribute": "provisioningException"},
    },
    {
        "id": "grant",
        "activity": "add_user_to_group",
        "card": ACCOUNT,
        "user": "accountId",
        "groups": "groups.groupId",
        "membership_failures": "membershipFailures",
        "on_exception": {"attribute": "provisioningException"},
    },
    {
        "id": "revoke",
        "activity": "remove_user_from_group",
        "card": ACCOUNT,
        "user": "accountId",
        "groups": "groups.groupId",
        "membership_failures": "membershipFailures",
        "on_exception": {"attribute": "provisioningException"},
    },
    {
        "id": "invite",
        "activity": "create_user",
        "card": ACCOUNT,
        "email": "email",
        "products": ["jira-software"],
        "on_exception": {"attribute": "provisioningException"},
    },
)


RETRIES = 2


class Clock:
    """Seconds since 1970; stands still unless it is moved."""

    def __init__(self) -> None:
        self.time = time.time()

    def __call__(self) -> float:
        return self.time


class Ended(msgspec.Struct):
    """How an event ended.

    :param how: ``completed``, ``refused``, or ``unknown``: held because nobody can know
    :param waited: the reasons of every wait
    :param killed: whether the process was killed on the way
    """

    how: str
    message: str = ""
    values: dict[str, str] = {}
    waited: list[str] = []
    notes: list[str] = []


class Office:
    """The installation.

    :param api: which of ESM's APIs is used
    """

    def __init__(self, jira: Sandbox, esm: Sandbox, clock: Clock, api: str, *tasks: dict[str, Any]) -> None:
        self.jira, self.esm, self.clock = jira, esm, clock
        self.state: State = MemoryState()
        self.jira_settings = JiraSettings(site=jira.url, email="robot@acme.example", token="sandbox-token")
        self.esm_settings = EsmSettings(base_url=esm.url, login="webapi", password="sandbox-password", api=api)
        self.connector = Connector.model_validate(
            {"connector": "acme", "jira_conn_id": "j", "esm_conn_id": "e", "event_tasks": [*TASKS, *tasks]}
        )

    def add(self, **task: Any) -> None:
        """Add a task to the definition."""
        written = [*TASKS, task]
        self.connector = Connector.model_validate(
            {"connector": "acme", "jira_conn_id": "j", "esm_conn_id": "e", "event_tasks": written}
        )

    def card(self, template: str = "incident", **values: Any) -> str:
        """Make a card."""
        given = {code: value if isinstance(value, list) else [value] for code, value in values.items()}
        return str(self.esm.post("world/card", template=template, values=given)["dataCardId"])

    def change(self, card: str, template: str = "incident", **values: Any) -> None:
        """Change a card as a person does."""
        given = {code: value if isinstance(value, list) else [value] for code, value in values.items()}
        self.esm.post("world/card", template=template, dataCardId=card, values=given)

    def says(self, card: str, template: str = "incident") -> dict[str, list[str]]:
        """Read what a card says."""
        rows = self.esm.get(f"truth/cards?template={template}")
        return next(row["values"] for row in rows if str(row["dataCardId"]) == card)

    def made_for(self, card: str) -> list[dict[str, Any]]:
        """The issues that carry the mark of a card, wherever they are."""
        return [
            row
            for row in self.jira.get("truth/issues")
            if (row.get("properties") or {}).get(PROPERTY, {}).get("card") == card
        ]

    def event(self, task: str, card: str | None, run: str = "run_1", **more: Any) -> Event:
        """An event as a process of its own sees it."""
        found = next(each for each in self.connector.event_tasks if each.id == task)
        return Event(
            connector=self.connector, task=found, run=run, card_id=card, jira=self.jira_settings,
            esm=self.esm_settings, state=self.state, now=self.clock, log=logging.getLogger("tests"), **more,
        )  # fmt: skip

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.time += seconds

    def handle(self, event: Event, *, patience: int = 40, wait: Callable[[float], None] | None = None) -> Ended:
        """Do what the event's DAG does.

        :param patience: how many waits there may be
        :param wait: lets time pass
        """
        waited: list[str] = []
        failures = 0
        try:
            activities.receive(event)
            while True:
                try:
                    result = activities.perform(event)
                    break
                except (JiraError, EsmError) as trouble:
                    # Airflow tries the task again, two times
                    failures += 1
                    if not trouble.retryable or failures > RETRIES:
                        raise
                except NotYet as later:
                    waited.append(later.why)
                    if len(waited) > patience:
                        raise
                    (wait or self.wait)(later.seconds)
            activities.complete(event, result)
        except Refused as refused:
            activities.fail(event, refused.code, refused.message, refused.failed)
            return Ended("unknown" if refused.code == "unknown" else "refused", refused.message, {}, waited)
        return Ended("completed", "", result["values"], waited, result["notes"])

    def standing(self) -> list[tuple[str, str]]:
        """Who is in line: run and standing."""
        return [(place.run, place.standing) for place in places(self.state).values()]


@contextlib.contextmanager
def lost_answers(side: Sandbox, method: str, path: str, times: int = 1) -> Iterator[None]:
    """Let the server do its work and lose the answer."""
    side.fault(match={"method": method, "path": path}, drop="after", times=times)
    try:
        yield
    finally:
        side.mend()
