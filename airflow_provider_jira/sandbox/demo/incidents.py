"""Incidents in the sandbox's ESM, made and changed as people do, past its APIs."""

from __future__ import annotations

from airflow_provider_jira.sandbox.demo.stage import Sandbox

_TEMPLATE = "incident"
SOMEBODY = "Eeva Esimerkki"
"""Who writes into worklogs here."""


def new_incident(esm: Sandbox, **values: str) -> str:
    """Make an incident, and return its card's id.

    :param values: attribute -> text; of a reference, the id of the card that it points at
    """
    given = {code: [text] for code, text in values.items()}
    return str(esm.post("/world/card", {"template": _TEMPLATE, "values": given})["dataCardId"])


def change_incident(esm: Sandbox, card: str, **values: str) -> None:
    """Change an incident.

    :param card: its card's id
    """
    given = {code: [text] for code, text in values.items()}
    esm.post("/world/card", {"template": _TEMPLATE, "dataCardId": card, "values": given})


def write_entry(esm: Sandbox, card: str, text: str) -> None:
    """Write into an incident's worklog."""
    entry = {"template": _TEMPLATE, "dataCardId": card, "attribute": "comments", "author": SOMEBODY, "text": text}
    esm.post("/world/entry", entry)


def some_incidents(esm: Sandbox) -> tuple[str, str, str]:
    """Make three to play with, each with something in its worklog: the first is being solved, the others are new."""
    first = new_incident(esm, subject="The coffee machine speaks Latin", status="02 - Solving", description="*Salve.*")
    second = new_incident(esm, subject="The lift stops between floors", status="01 - New", description="On Mondays.")
    third = new_incident(esm, subject="The scanner sends mail to everybody", status="01 - New")
    write_entry(esm, first, "Nobody here has learnt it.")
    for text in ("It has happened again.", "The customer takes the stairs now."):
        write_entry(esm, second, text)
    write_entry(esm, third, "Switched off for now.")
    return first, second, third
