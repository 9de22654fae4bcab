"""The tasks of a scheduled run, one operator a step: ``plan -> extract -> review -> load -> mark_removed -> commit``,
with ``relate -> load_related`` after ``load`` where cards of one run point at each other.

Each is a call into :mod:`airflow_provider_jira.sync`. XComs carry references, ids, counts and codes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_jira.operators.base import StepOperator
from airflow_provider_jira.operators.handed import PLANNED, RELATED, REVIEWED, Handed

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_jira.sync import Run


class PlanOperator(StepOperator):
    """Proves that the run can work and finds out which records there are.

    XComs: ``return_value`` is the list of partitions, ``planned`` all that plan found.
    """

    def step(self, run: Run, handed: Handed, context: Context) -> list[dict[str, Any]]:  # noqa: ARG002
        """Plan."""
        from airflow_provider_jira import sync  # noqa: PLC0415 - not needed to parse a DAG file

        planned = sync.plan(run)
        context["ti"].xcom_push(PLANNED, planned)
        partitions: list[dict[str, Any]] = planned["partitions"]
        return partitions


class ExtractOperator(StepOperator):
    """Reads the records of one partition and stages those that differ from what ESM has.

    :param partition: one of plan's partitions; ``label`` names the task instance in the UI
    """

    template_fields: Sequence[str] = ("partition",)

    def __init__(self, *, partition: dict[str, Any], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.partition = partition

    def step(self, run: Run, handed: Handed, context: Context) -> dict[str, Any]:  # noqa: ARG002
        """Extract."""
        from airflow_provider_jira import sync  # noqa: PLC0415 - as above

        return sync.extract(run, self.partition)


class ReviewOperator(StepOperator):
    """Looks at the whole before anything is written.

    XComs: ``return_value`` is the list of shares, ``reviewed`` all that review found.
    """

    def step(self, run: Run, handed: Handed, context: Context) -> list[dict[str, Any]]:
        """Review."""
        from airflow_provider_jira import sync  # noqa: PLC0415 - as above

        planned = handed.planned()
        reviewed = sync.review(run, planned, handed.extracted(planned))
        context["ti"].xcom_push(REVIEWED, reviewed)
        shares: list[dict[str, Any]] = reviewed["shares"]
        return shares


class LoadOperator(StepOperator):
    """Writes one share of the differing records to ESM.

    :param share: one of review's shares; ``label`` names the task instance in the UI
    """

    template_fields: Sequence[str] = ("share",)

    def __init__(self, *, share: dict[str, Any], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.share = share

    def step(self, run: Run, handed: Handed, context: Context) -> dict[str, Any]:  # noqa: ARG002
        """Load."""
        from airflow_provider_jira import sync  # noqa: PLC0415 - as above

        return sync.load(run, self.share)


class RelateOperator(StepOperator):
    """Finds the cards that point at cards of the first wave.

    XComs: ``return_value`` is the list of shares of the second wave, ``related`` all that was found.
    """

    def step(self, run: Run, handed: Handed, context: Context) -> list[dict[str, Any]]:
        """Relate."""
        from airflow_provider_jira import sync  # noqa: PLC0415 - as above

        related = sync.relate(run, handed.planned(), handed.reviewed())
        context["ti"].xcom_push(RELATED, related)
        shares: list[dict[str, Any]] = related["shares"]
        return shares


class MarkRemovedOperator(StepOperator):
    """Gives the removed status to cards whose record is gone, after a second look."""

    def step(self, run: Run, handed: Handed, context: Context) -> dict[str, Any]:  # noqa: ARG002
        """Mark removed."""
        from airflow_provider_jira import sync  # noqa: PLC0415 - as above

        return sync.mark_removed(run, handed.planned(), handed.reviewed())


class CommitOperator(StepOperator):
    """Remembers what ESM accepted, whatever became of the other tasks, and ends the run as failed if one of them
    failed.

    XCom: ``return_value`` is the report, also when the task then fails.
    """

    def step(self, run: Run, handed: Handed, context: Context) -> dict[str, Any]:
        """Commit.

        :raises AirflowFailException: the run has failed; the report says why
        """
        from airflow_provider_jira import sync  # noqa: PLC0415 - as above

        left = handed.everything()
        report = sync.commit(
            run, left.planned, left.extracted, left.reviewed, left.loaded, left.removed, left.failed, left.related
        )
        if report["failure"]:
            context["ti"].xcom_push("return_value", report)
            raise AirflowFailException(report["failure"])
        return report
