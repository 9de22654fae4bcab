"""The button "Jira issue" on a task that made, changed or looked at one issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.providers.common.compat.sdk import XCom
from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

ISSUE_URL = "issue_url"
"""XCom in which such a task leaves the address of the issue, ``https://acme.atlassian.net/browse/SUP-1``."""


class JiraIssueLink(BaseOperatorLink):
    """Leads to the issue that the task was about; absent where there is none (yet)."""

    name = "Jira issue"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002
        """Read the address that the task has left."""
        address = XCom.get_value(ti_key=ti_key, key=ISSUE_URL)
        return str(address) if address else ""


def browse(site: str, key: str) -> str:
    """Write the address of an issue for people.

    :param site: address of the site, without a slash at the end
    :param key: key of the issue
    """
    return f"{site}/browse/{key}"
