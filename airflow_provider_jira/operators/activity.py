"""What the operators have in common that do one thing in Jira and need no definition: usable in any DAG.

Each does its work once, however often its task is tried: what makes it the same work is the task in its run, or what
``once`` says, where several runs may be about the same thing. What people wrote (texts, names of fields' values, e-mail
addresses) is rendered while the task runs and not before, so that it does not stand among the rendered templates that
Airflow keeps and shows.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import XComArg

from airflow_provider_jira.links.issue import ISSUE_URL
from airflow_provider_jira.operators.waiting import WaitingOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_jira.activities import Done
    from airflow_provider_jira.activities.desk import Desk

FAILED = "failed"
"""XCom of a task that could do only a part: ids of the groups that failed."""


class JiraActivityOperator(WaitingOperator):
    """Does one thing in Jira, once.

    XCom: ids and keys of what it is about, and ``already``: whether there was nothing to do.

    :param jira_conn_id: id of a connection of type ``jira_cloud`` (templated)
    :param once: what makes it the same work in another run, such as ``card-{{ params.card }}``; left out, every run is
        work of its own (templated)
    """

    template_fields: Sequence[str] = ("jira_conn_id", "once")
    rendered_late: ClassVar[Sequence[str]] = ()
    """Templated too, and not kept by Airflow."""

    def __init__(self, *, jira_conn_id: str = "jira_default", once: str | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.jira_conn_id = jira_conn_id
        self.once = once

    def _needs(self, value: Any) -> None:
        """See what a value that is rendered late depends on: Airflow looks at ``template_fields`` only."""
        XComArg.apply_upstream_relationship(self, value)

    @abstractmethod
    async def act(self, desk: Desk, key: str) -> Done:
        """Do it.

        :param desk: Jira, and a memory
        :param key: what makes it the same work
        """

    def step(self, context: Context) -> dict[str, Any]:
        """Do it.

        :returns: ids, keys, and whether it was so already
        """
        for name in self.rendered_late:
            setattr(self, name, self.render_template(getattr(self, name), context))
        done = asyncio.run(self._acted(context))
        for note in done.notes:
            self.log.info("%s", note)
        if address := done.values.get("url"):
            context["ti"].xcom_push(ISSUE_URL, address)
        return {**done.values, "already": done.already}

    def tell(self, context: Context, error: Exception) -> None:
        """Leave word of what failed, where a part did."""
        if failed := getattr(error, "failed", ()):
            context["ti"].xcom_push(FAILED, list(failed))

    async def _acted(self, context: Context) -> Done:
        from airflow_provider_jira.activities.desk import open_desk  # noqa: PLC0415 - not needed to parse a DAG file
        from airflow_provider_jira.hooks.jira import JiraCloudHook  # noqa: PLC0415
        from airflow_provider_jira.hooks.state import VariableState  # noqa: PLC0415

        async with open_desk(JiraCloudHook(self.jira_conn_id).settings(), VariableState()) as desk:
            return await self.act(desk, self._key(context))

    def _key(self, context: Context) -> str:
        ti = context["ti"]
        if self.once:
            return "\n".join((ti.dag_id, ti.task_id, "once", self.once))
        return "\n".join((ti.dag_id, ti.task_id, str(ti.map_index), context["run_id"]))
