"""An event's process is killed at every point where it asks or remembers anything, and its work is done once.

A point is a request answered, a text of the memory written or deleted. After the kill Airflow tries the same run again.
Each case also loses the answers of Jira's writes, one after the other. How many runs there were, and how each ended, is
printed (``pytest -s``); one that holds because nobody can know is counted apart and says why.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from guillotine import Guillotine, dies
from office import Office

EVERY = int(os.environ.get("KILL_EVERY", "2"))
"""Every how many points there is a kill; 1 = at all of them."""

TALLY: Counter[str] = Counter()
HELD: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def told() -> Iterator[None]:
    """Tell how the runs of this module ended."""
    TALLY.clear()
    HELD.clear()
    yield
    runs = sum(TALLY.values())
    print(f"\nkilled or cut off {runs} runs, every {EVERY}. point: {dict(TALLY)}")  # noqa: T201 - what -s is for
    for reason in HELD:
        print(f"held: {reason}")  # noqa: T201


@pytest.fixture
def guillotine(monkeypatch: pytest.MonkeyPatch) -> Guillotine:
    return Guillotine(monkeypatch)


class Story:
    """One event: how it begins, and what must be so in the end, once."""

    def __init__(self, task: str, begin: Callable[[Office], str], holds: Callable[[Office, str], None]) -> None:
        self.task, self.begin, self.holds = task, begin, holds


def a_card(office: Office) -> str:
    return office.card(subject="Printer", description="It burns.")


def one_issue(office: Office, card: str) -> None:
    (issue,) = office.made_for(card)
    assert office.says(card)["jiraKey"] == [issue["key"]]
    assert office.says(card)["jiraSync"] == ["01 - Sent"]


def a_commented_card(office: Office) -> str:
    card = office.card(subject="Printer", jiraKey=an_issue(office))
    for text in ("first", "second"):
        office.esm.post("world/entry", template="incident", dataCardId=card, attribute="comments", text=text)
    return card


def an_issue(office: Office) -> str:
    return str(office.jira.post("world/issues", fields={"project": "SUP", "summary": "Printer"})["key"])


def two_comments(office: Office, card: str) -> None:
    (key,) = office.says(card)["jiraKey"]
    (issue,) = (row for row in office.jira.get("truth/issues") if row["key"] == key)
    texts = [comment["text"] for comment in issue["comments"]]
    assert [text.rpartition("\n")[2] for text in texts] == ["first", "second"]


def an_account(office: Office) -> str:
    person = office.jira.post("world/people", name="Ann Example")["id"]
    groups = [office.jira.post("world/groups", name=f"team-{person[-6:]}-{at}")["id"] for at in "ab"]
    cards = [office.card("entitlement", groupId=group, name=group) for group in groups]
    return office.card("account", accountId=person, displayName="Ann Example", groups=cards)


def two_memberships(office: Office, card: str) -> None:
    person = office.says(card, "account")["accountId"][0]
    wanted = [f"team-{person[-6:]}-{at}" for at in "ab"]
    names = {row["groupId"]: row["name"] for row in office.jira.get("truth/groups")}
    assert (
        sorted(names[group] for group, ids in office.jira.get("truth/memberships").items() if person in ids) == wanted
    )


STORIES = {
    "issue": Story("create", a_card, one_issue),
    "comments": Story("comment", a_commented_card, two_comments),
    "memberships": Story("grant", an_account, two_memberships),
}


@pytest.mark.parametrize("name", STORIES)
def test_killed_anywhere_it_is_done_once(office: Office, guillotine: Guillotine, name: str):
    story = STORIES[name]
    card = story.begin(office)
    guillotine.points = 0
    assert office.handle(office.event(story.task, card)).how == "completed"
    total = guillotine.points
    story.holds(office, card)
    for at in range(1, total + 1, EVERY):
        office.state.texts.clear()
        card = story.begin(office)
        event = office.event(story.task, card)
        with guillotine.falls(at):
            assert dies(lambda event=event: office.handle(event)), f"point {at} of {total} was never reached"
        finish(office, story, card, f"{name} killed at point {at} of {total}")


@pytest.mark.parametrize("lag", [0, 200])
@pytest.mark.parametrize("name", STORIES)
def test_killed_twice_it_is_done_once(office: Office, guillotine: Guillotine, name: str, lag: int):
    story = STORIES[name]
    office.jira.switch(index_lag=lag)
    for at in range(3, 60, 7):
        office.state.texts.clear()
        card = story.begin(office)
        died = 0
        for point in (at, at // 2 + 1):
            event = office.event(story.task, card)
            with guillotine.falls(point):
                died += dies(lambda event=event: office.handle(event))
        finish(office, story, card, f"{name} killed {died} times, at points {at} and {at // 2 + 1}, index {lag} s late")


@pytest.mark.parametrize("name", STORIES)
def test_whichever_answer_of_jira_is_lost_it_is_done_once(office: Office, name: str):
    story = STORIES[name]
    writes = {"issue": 1, "comments": 3, "memberships": 2}[name]
    for drop in ("after", "before"):
        for skip in range(writes):
            office.state.texts.clear()
            card = story.begin(office)
            office.jira.fault(
                match={
                    "path": r"/rest/api/3/(issue$|issue/\w+/(comment|properties)|group/user)",
                    "method": method(skip, name),
                },
                drop=drop,
                skip=0 if name == "comments" and skip == 2 else skip,
            )
            finish(office, story, card, f"{name}: answer {skip + 1} lost, {drop} the work")
            office.jira.mend()


def method(skip: int, name: str) -> str:
    """The list of comments is set by PUT; all else is made by POST."""
    return "PUT" if name == "comments" and skip == 2 else "POST"


def finish(office: Office, story: Story, card: str, context: str) -> None:
    """Try the run again, as Airflow does, and see that all is as it should be."""
    ended = office.handle(office.event(story.task, card))
    TALLY[ended.how] += 1
    if ended.how == "unknown":
        HELD.append(f"{context}: {ended.message}")
        assert len(office.made_for(card)) <= 1, context
        return
    assert ended.how == "completed", f"{context}: {ended.message}"
    try:
        story.holds(office, card)
    except (AssertionError, ValueError) as error:
        raise AssertionError(context) from error
    assert office.standing() == [], context
    assert office.state.texts == {}, context
