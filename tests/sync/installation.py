"""A small installation in a world whose time stands still unless it is moved: one Jira, one ESM, three tasks.

``tickets`` reads issues whole, ``tickets_fresh`` is its companion, ``people`` brings in accounts and entitlements. The
clock of the machine that runs the tasks is apart from Jira's by as much as a world likes.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from conftest import Sandbox
from pipeline import Pipeline

from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.sync import MemoryState, Run, Staging

BATCH = 4
TYPES = ("Bug", "Task")
GROUP = re.compile("^(jira|sup)-", re.IGNORECASE)
MARK, RETURNED = "5 - Removed", "1 - Active"
MARKS = {"jira_issue": "recordStatus", "account": "accountStatus", "entitlement": "status"}
KEYS = {"jira_issue": "jiraId", "account": "accountId", "entitlement": "groupId"}
PEOPLE, TICKETS, FRESH = "people", "tickets", "tickets_fresh"
PAIR = (TICKETS, FRESH)


def target(template: str, folder: str) -> dict[str, str]:
    return {"template": template, "folder": folder, "key": KEYS[template], "task_id_attribute": "taskId"}


def removed(template: str) -> dict[str, Any]:
    return {"attribute": MARKS[template], "value": MARK, "returned_value": RETURNED}


def definition(overlap: str) -> Connector:
    """The connector ``acme`` with its three tasks."""
    never = {"clear_hours": []}
    people = {
        "id": PEOPLE,
        "mapping_type": "identity_and_access",
        "fetch_type": "full",
        "groups": {"include": GROUP.pattern},
        "project_roles": {"projects": ["SUP"]},
        "identity": {
            "target": target("account", "accounts"),
            "attributes": {"accountId": "accountId", "displayName": "displayName"},
            "memberships": "groups",
            "removed_records": removed("account"),
        },
        "access": {
            "target": target("entitlement", "entitlements"),
            "attributes": {"groupId": "groupId", "name": "name"},
            "removed_records": removed("entitlement"),
        },
        "cache": never,
    }
    tickets = {
        "id": TICKETS,
        "mapping_type": "generic",
        "fetch_type": "full",
        "jql": f"project = SUP AND issuetype in ({', '.join(TYPES)})",
        "target": target("jira_issue", "jira_issues"),
        "attributes": {
            "jiraId": "id",
            "jiraKey": "key",
            "subject": "summary",
            "status": "status.name",
            "assignee": {"source": "assignee.accountId", "reference": {"template": "account", "key": "accountId"}},
            "parent": {"source": "parent.id", "reference": {"template": "jira_issue", "key": "jiraId"}},
        },
        "removed_records": removed("jira_issue"),
        "cache": never,
    }
    fresh = {
        "id": FRESH,
        "mapping_type": "generic",
        "fetch_type": "incremental",
        "companion_of": TICKETS,
        "overlap": overlap,
        "cache": never,
    }
    settings = {
        "connector": "acme",
        "jira_conn_id": "jira_acme",
        "esm_conn_id": "esm_acme",
        "timezone": "Europe/Helsinki",
    }
    return Connector.model_validate({**settings, "scheduled_tasks": [people, tickets, fresh]})


class Clock:
    """Jira's time in seconds since 1970, which moves when it is told to."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Installation:
    """Jira, ESM, and the tasks between them with their memory.

    :param clock: Jira's clock
    :param ahead: seconds by which the workers' clock is ahead of Jira's
    :param overlap: of ``tickets_fresh``, as a definition says it
    """

    def __init__(
        self, jira: Sandbox, esm: Sandbox, api: str, root: Path, clock: Clock, ahead: float, overlap: str
    ) -> None:
        self.jira, self.esm, self.clock, self.ahead = jira, esm, clock, ahead
        self.connector = definition(overlap)
        self.root, self.state, self.runs = root, MemoryState(), 0
        self._jira = JiraSettings(site=jira.url, email="robot@acme.example", token="sandbox-token")
        self._esm = EsmSettings(
            base_url=esm.url,
            login="webapi",
            password="sandbox-password",
            api=api,  # type: ignore[arg-type]
            batch_cards=BATCH,
            concurrency=1,
        )

    def engine_time(self) -> datetime:
        """Read the workers' clock."""
        return datetime.fromtimestamp(self.clock.now + self.ahead, timezone.utc)

    def start(self, task: str, **changes: Any) -> Pipeline:
        """Begin a run."""
        self.runs += 1
        (wanted,) = [one for one in self.connector.scheduled_tasks if one.id == task]
        run = Run(
            connector=self.connector,
            task=wanted,
            run_id=f"manual__{self.runs}",
            attempt=1,
            jira=self._jira,
            esm=self._esm,
            state=self.state,
            staging=Staging(self.root),
            now=self.engine_time,
            log=logging.getLogger("airflow.task"),
            **changes,
        )
        return Pipeline(run)

    def cards(self, template: str) -> dict[str, dict[str, Any]]:
        """Every card by its key; two with one key would be the defect itself."""
        rows = self.esm.get(f"truth/cards?template={template}")
        found = {"".join(row["values"].get(KEYS[template], [])): row for row in rows}
        assert len(found) == len(rows), f"two cards of template {template} with one key"
        return found

    def everything(self) -> dict[tuple[str, str], Any]:
        """What every card says: values, and the ids of the cards it points at."""
        return {
            (template, key): (
                row["values"] | {"": [row["folderCode"], row["deleted"], row["hidden"]]},
                row.get("references", {}),
            )
            for template in KEYS
            for key, row in self.cards(template).items()
        }

    def pushed(self) -> Counter[tuple[str, str]]:
        """Which cards ESM was sent since the last call, and how often each."""
        sent: Counter[tuple[str, str]] = Counter()
        for row in self.esm.writes():
            if row["method"] == "DELETE":  # one attribute of one card is emptied
                template, _, card_id, _ = row["path"].split("/dc/")[1].split("/")
                keys = [key for key, card in self.cards(template).items() if card["dataCardId"] == card_id]
                sent.update((template, key) for key in keys)
            else:
                sent.update(_sent(row["path"], row["body"]))
        return sent


def _sent(path: str, body: Any) -> list[tuple[str, str]]:
    if isinstance(body, str):
        entities = body.split("<entity>")[1:]
        found = [(re.findall('template code="(\\w+)"', one)[0], one) for one in entities]
        return [(template, re.findall(f'"{KEYS[template]}"><value>([^<]*)<', one)[0]) for template, one in found]
    template = path.split("/dc/")[1].split("/", maxsplit=1)[0]
    cards = body if isinstance(body, list) else [body]
    return [(template, card["data"][KEYS[template]]["values"][0]["value"]) for card in cards]


def readable(story: list[str]) -> str:
    """Number the lines of a story."""
    return "\n".join(f"  {at:3} {line}" for at, line in enumerate(story))


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


Work = Callable[[], object]
