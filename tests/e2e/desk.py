"""The desk: cards whose events go to Jira through a real Airflow, over both of ESM's APIs side by side.

Two connectors do the same, ``desk`` over REST and ``xdesk`` over the XML Web API.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from airflow_provider_jira.model.marks import PROPERTY
from airflow_provider_jira.sandbox.demo.rest import RestRefused
from airflow_provider_jira.sandbox.demo.stage import ESM_LOGIN, Stage, connection, set_stage

HERE = Path(__file__).parent
DAGS = ("desk__issue", "desk__comment", "desk__watched_issue", "desk__watched_group", "xdesk__issue", "wakes")

MOST_CALLS = 5
"""How often Airflow may fail to start a run."""


class Desk:
    """What the tests hold in their hands.

    :param stage: Jira, ESM and Airflow
    """

    def __init__(self, stage: Stage) -> None:
        self.jira, self.esm, self.airflow = stage.jira, stage.esm, stage.airflow

    @property
    def rest(self) -> Any:
        return self.airflow.rest

    def start(self, dag: str, conf: Mapping[str, Any], run: str) -> str:
        """Start a run as a workflow does, which calls again where Airflow fails: the run id makes that safe.

        SQLite, which keeps this Airflow's database, locks where much is written at the same moment.
        """
        failures = 0
        while True:
            try:
                return str(self.rest.trigger(dag, conf, run))
            except RestRefused as error:
                refused = error
            if failures and " got 409: " in str(refused):
                return run
            if failures == MOST_CALLS or " got 500: " not in str(refused):
                raise refused
            failures += 1

    def card(self, **values: str) -> str:
        """Make an incident."""
        given = {code: [value] for code, value in values.items()}
        return str(self.esm.post("/world/card", {"template": "incident", "values": given})["dataCardId"])

    def change(self, card: str, **values: str) -> None:
        """Change an incident as a person does."""
        given = {code: [value] for code, value in values.items()}
        self.esm.post("/world/card", {"template": "incident", "dataCardId": card, "values": given})

    def say(self, card: str, text: str) -> None:
        """Write into an incident's worklog."""
        entry = {"template": "incident", "dataCardId": card, "attribute": "comments", "text": text}
        self.esm.post("/world/entry", entry)

    def cards(self) -> dict[str, dict[str, list[str]]]:
        """What every incident says: card id -> attribute -> texts."""
        return {row["dataCardId"]: row["values"] for row in self.esm.get("/truth/cards", template="incident")}

    def made_for(self) -> dict[str, list[dict[str, Any]]]:
        """The issues that carry a card's mark: card id -> issues."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.jira.get("/truth/issues"):
            if mark := (row.get("properties") or {}).get(PROPERTY):
                found.setdefault(mark["card"], []).append(row)
        return found

    def events(self) -> str:
        """What ``airflow jira-connector events`` prints."""
        done = self.airflow.airflow("jira-connector", "events")
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextlib.contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """Set the stage with the desk's definitions, and start Airflow.

    :param folder: for everything on disk
    """
    with set_stage(folder, issues=10, people=20, groups=4) as stage:
        definitions, dags, plugins = (folder.resolve() / name for name in ("definitions", "dags", "plugins"))
        text = (HERE / "desk.yaml").read_text()
        (definitions / "acme.yaml").unlink()
        (definitions / "desk.yaml").write_text(text)
        xml = text.replace("connector: desk", "connector: xdesk").replace("esm_acme", "esm_xml")
        (definitions / "xdesk.yaml").write_text(xml.partition("  # two that watch")[0])
        shutil.copytree(HERE.parents[1] / "dags", dags, ignore=shutil.ignore_patterns("__pycache__", "definitions"))
        shutil.copy(HERE / "wakes.py", dags)
        plugins.mkdir()
        shutil.copy(HERE / "hurry.py", plugins)
        stage.airflow.environment.update(
            {
                "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
                "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
                "AIRFLOW_CONN_ESM_XML": connection("efecte_esm", stage.esm.url, ESM_LOGIN, api="webapi"),
            }
        )
        stage.airflow.start()
        for dag_id in DAGS:
            stage.airflow.rest.wait_for_dag(dag_id)
        yield Desk(stage)
