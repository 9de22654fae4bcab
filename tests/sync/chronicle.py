"""What the design promises of a world, said by hand and without the connector's own code.

Of every issue the chronicle keeps what it was after each change, and when Jira's search index has that. From it follows
what a card may say after a green run. What everything must be in the end is told by Jira's truth alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from installation import GROUP, KEYS, MARK, MARKS, TYPES, Installation


@dataclass(frozen=True)
class Entry:
    """An issue as it was for a while.

    :param due: when the search index has it at the latest
    :param number: how many changes were noted before
    :param inside: whether the tasks read it
    :param silent: nothing told of the change: ``updated`` did not move
    :param says: its key, summary and status
    """

    due: float
    number: int
    inside: bool
    silent: bool
    says: tuple[str, ...]


class Chronicle:
    """Every issue's past.

    :param world: whose issues
    """

    def __init__(self, world: Installation) -> None:
        self._world = world
        self.past: dict[str, list[Entry]] = {}
        self.noted = 1
        for id_, row in self.issues().items():
            if _inside(row):
                self.past[id_] = [Entry(0, 0, _inside(row), silent=False, says=_says(row))]

    def issues(self) -> dict[str, dict[str, Any]]:
        """All issues by id, as Jira's truth tells of them."""
        rows = self._world.jira.get("truth/issues")
        return {row["id"]: {**row, "type_is_read": row["issuetype"] in TYPES} for row in rows}

    def note(self, id_: str, lag: float, *, silent: bool = False) -> None:
        """Write down what an issue has become just now."""
        row = self.issues().get(id_)
        self.noted += 1
        if row is None:
            del self.past[id_]
            return
        entry = Entry(self._world.clock.now + lag, self.noted, _inside(row), silent, _says(row))
        self.past.setdefault(id_, []).append(entry)

    def missed(self, began: float, noted: int, mode: str) -> list[str]:
        """Tell what a green run has missed that searched at a moment.

        :param began: Jira's time then
        :param noted: how much was noted by then: two things can happen at one time
        :param mode: an ``incremental`` run cannot know of silent changes
        """
        cards = self._world.cards("jira_issue")
        found = []
        for id_, past in self.past.items():
            had = [at for at, entry in enumerate(past) if entry.due <= began and entry.number <= noted]
            at = max(had, default=None)
            if at is None or not all(entry.inside for entry in past[at:]):
                continue
            if mode == "incremental" and past[at].silent:
                continue
            values = cards.get(id_, {"values": {}})["values"]
            says = tuple("".join(values.get(code, [])) for code in ("jiraKey", "subject", "status"))
            if says not in [entry.says for entry in past[at:]]:
                found.append(f"issue {id_}: the card says {says}, the issue since then {[e.says for e in past[at:]]}")
        return found


def _inside(row: dict[str, Any]) -> bool:
    return row["project"] == "SUP" and row["type_is_read"] and not row["hidden"]


def _says(row: dict[str, Any]) -> tuple[str, ...]:
    return row["key"], row["summary"], row["status"]


def wrong_at_last(world: Installation, chronicle: Chronicle) -> list[str]:
    """Tell what is wrong after the last full runs, when nothing has changed since."""
    cards = {template: world.cards(template) for template in KEYS}
    ids = {template: {key: row["dataCardId"] for key, row in rows.items()} for template, rows in cards.items()}
    issues = chronicle.issues()
    wanted: dict[str, dict[str, dict[str, list[str]]]] = {
        "jira_issue": {
            id_: {
                "jiraKey": [row["key"]],
                "subject": [row["summary"]],
                "status": [row["status"]],
                "assignee": _pointing(ids["account"], row["assignee"] and row["assignee"]["accountId"]),
                "parent": _pointing(ids["jira_issue"], row["parent"] if row["parent"] in issues else None),
                "taskId": ["acme__tickets"],
            }
            for id_, row in issues.items()
            if _inside(row)
        },
        **_people(world, ids["entitlement"]),
    }
    held = {row["accountId"] for row in world.jira.get("truth/people") if row["state"] == "forgotten"}
    found = []
    for template, rows in wanted.items():
        for key in sorted({*rows, *cards[template]}):
            card = cards[template].get(key)
            if card is None:
                found.append(f"{template} {key} has no card")
                continue
            marked = card["values"].get(MARKS[template]) == [MARK]
            if key not in rows:
                if not marked and not (template == "account" and key in held):
                    found.append(f"{template} {key} is gone, and its card is not marked")
                continue
            if marked:
                found.append(f"{template} {key} is there, and its card is marked")
            pointed = card.get("references", {})
            for code, values in rows[key].items():
                there = pointed.get(code, []) if code in {"assignee", "parent", "groups"} else card["values"].get(code)
                if sorted(there or []) != sorted(values):
                    found.append(f"{template} {key}: {code} is {there}, and should be {values}")
    return found


def _pointing(ids: dict[str, str], key: str | None) -> list[str]:
    return [ids[key]] if key in ids else []


def _people(world: Installation, ids: dict[str, str]) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Say which accounts and entitlements there have to be; an entitlement that has no card yet shows as wrong."""
    get = world.jira.get
    groups = {row["groupId"]: row["name"] for row in get("truth/groups") if GROUP.search(row["name"])}
    members: dict[str, list[str]] = get("truth/memberships")
    roles = [row for row in get("truth/roles") if row["projectKey"] == "SUP"]
    holders = {f"role:{row['projectId']}:{row['roleId']}": row for row in roles}
    people = {
        row["accountId"]: row
        for row in get("truth/people")
        if row["accountType"] == "atlassian" and row["state"] == "here"
    }
    stamp = {"taskId": ["acme__people"]}
    entitlements = {id_: {"name": [name], **stamp} for id_, name in groups.items()}
    entitlements |= {key: {"name": [f"{row['projectKey']}: {row['name']}"], **stamp} for key, row in holders.items()}

    def held(person: str) -> list[str]:
        mine = [id_ for id_ in groups if person in members.get(id_, [])]
        mine += [
            key
            for key, row in holders.items()
            if person in row["users"] or any(person in members.get(group, []) for group in row["groups"])
        ]
        return [ids.get(key, f"no card of {key}") for key in mine]

    accounts = {id_: {"displayName": [row["displayName"]], "groups": held(id_), **stamp} for id_, row in people.items()}
    return {"entitlement": entitlements, "account": accounts}
