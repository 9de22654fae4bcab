"""The workflows: from which status to which there is a transition, and what stands on its screen.

From ``Open`` to ``Done`` it takes three steps; only project ``OPS`` has a global transition besides, which leads to
``Done`` from anywhere. No transition is called like the status that it leads to. Only the transitions to a done status
have a screen of their own, and only who may resolve issues has these transitions.
"""

from __future__ import annotations

import msgspec

from airflow_provider_jira.sandbox.jira.catalog import STATUSES
from airflow_provider_jira.sandbox.jira.screens import Slot
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches


class Transition(msgspec.Struct, frozen=True):
    """One transition.

    :param origins: statuses that it begins at; none: all
    :param to: the status that it leads to
    :param project: key of the only project that has it
    """

    id: str
    name: str
    origins: tuple[str, ...]
    to: str
    project: str | None = None

    @property
    def done(self) -> bool:
        """Whether it leads to a done status."""
        return STATUSES[self.to][1] == "done"


TRANSITIONS = (
    Transition("11", "Start work", ("Open",), "In Progress"),
    Transition("21", "Ask for review", ("In Progress",), "In Review"),
    Transition("31", "Approve", ("In Review",), "Done"),
    Transition("41", "Send back", ("In Review",), "In Progress"),
    Transition("51", "Reopen", ("Done", "Rejected"), "Open"),
    Transition("61", "Ask the customer", ("In Progress",), "Waiting for customer"),
    Transition("71", "Go on", ("Waiting for customer",), "In Progress"),
    Transition("81", "Decline", ("Open",), "Rejected"),
    Transition("91", "Close at once", (), "Done", project="OPS"),
)


def leaving(status: str, project: str) -> list[Transition]:
    """Return the transitions that begin at a status in a project, named by its key."""
    return [one for one in TRANSITIONS if (not one.origins or status in one.origins) and one.project in {None, project}]


def screen(transition: Transition, switches: JiraSwitches) -> dict[str, Slot]:
    """Return the fields on a transition's screen; none: it has no screen."""
    slots: dict[str, Slot] = {}
    if transition.done and switches.resolution == "screen":
        slots["resolution"] = Slot("resolution", required=True)
    if transition.done:
        slots.update({id_: Slot(id_) for id_ in ("comment", "fixVersions")})
    for id_ in switches.required_on_transition.get(transition.id, ()):
        slots[id_] = Slot(id_, required=True)
    return slots
