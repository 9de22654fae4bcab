"""Control of a sandbox server: what a test does to the world, and what it sees of it past the API."""

from __future__ import annotations

from typing import Any

import httpx


class Sandbox:
    """Control of one sandbox server."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        self.http = http

    def post(self, path: str, **body: Any) -> Any:
        return self.http.post(f"/_sandbox/{path}", json=body).raise_for_status().json()

    def get(self, path: str) -> Any:
        return self.http.get(f"/_sandbox/{path}").raise_for_status().json()

    def switch(self, **settings: Any) -> None:
        self.http.patch("/_sandbox/switches", json=settings).raise_for_status()

    def fault(self, **fault: Any) -> None:
        self.post("faults", **fault)

    def mend(self) -> None:
        self.http.delete("/_sandbox/faults").raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """What was asked since the last call."""
        rows = self.get("requests")["requests"]
        self.http.delete("/_sandbox/requests").raise_for_status()
        return list(rows)

    def writes(self) -> list[dict[str, Any]]:
        """The writing requests to ESM since the last call."""
        rows = self.requests()
        return [
            row
            for row in rows
            if row["method"] not in {"GET", "HEAD"} and not row["path"].endswith(("/login", "/search.ws"))
        ]

    def cards(self, template: str = "jira_issue", key: str = "jiraId") -> dict[str, dict[str, Any]]:
        """Every card by its key; two with one key would be the defect itself."""
        rows = self.get(f"truth/cards?template={template}")
        found = {row["values"][key][0]: row for row in rows}
        assert len(found) == len(rows), "two cards with one key"
        return found

    def issues(self) -> dict[str, dict[str, Any]]:
        """The issues that the task's JQL means, by id."""
        rows = self.get("truth/issues?project=SUP")
        return {str(row["id"]): row for row in rows if row["issuetype"] in {"Bug", "Task"}}
