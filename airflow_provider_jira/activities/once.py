"""The outbox: what makes a write that Jira would do twice happen once.

Jira has no idempotency key (Jira reference, 5.7). So before the request an entry is kept that says what is about to be
sent, under which mark, and since when; the mark travels inside the request itself. Whoever finds such an entry without
a result (after a lost answer, a killed process, a second trigger) does not send: it looks for the mark, as long as the
first request could still be under way, and only where it is proved that Jira did not do it is it sent anew.

An entry holds ids, keys and times, nothing that people wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from airflow_provider_jira.activities.outcome import NotYet, Refused
from airflow_provider_jira.sync.state import State

ROOT = "jira_connector/out/"

LEASE = 60.0
"""Seconds after which a sender that has not sent yet must not send any more: somebody may be looking already."""

MOST_SENDS = 4
"""How many times an event is sent whose answers are all lost. Jira is in trouble then, and a person has to look."""

PATIENCE = 300.0
"""Seconds for which a request may still be under way, and its effect not yet in the search index: the lease, the
client's time-out of a minute, and three more for proxies and for the index, of which Atlassian says seconds, possibly
minutes (https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile)."""


class Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the outbox.

    :param mark: what the request carries
    :param about: whose event, for people: DAG id, event, card
    :param since: when it was about to be sent, seconds since 1970
    :param times: how many times it was sent or about to be
    :param place: project key, or issue id, that it was sent to
    :param above: of a new issue: the highest issue number of the project before
    :param tagged: of a new issue: whether a search can find it
    :param result: what came of it; empty while that is not known
    """

    mark: str
    about: str
    since: float
    times: int = 1
    place: str = ""
    above: int = 0
    tagged: bool = False
    result: dict[str, str] = {}


class Outbox:
    """The entry of one event.

    :param state: where entries are kept
    :param key: what makes the event the same event, whoever handles it and however often
    :param now: seconds since 1970
    """

    def __init__(self, state: State, key: str, *, now: Callable[[], float]) -> None:
        self._state = state
        self._now = now
        self.about = key
        self.mark = hashlib.sha256(key.encode()).hexdigest()[:24]
        self._name = ROOT + self.mark

    def read(self) -> Sent | None:
        """Read the entry, ``None`` where nothing was ever about to be sent."""
        text = self._state.get(self._name)
        return None if text is None else msgspec.json.decode(text, type=Sent)

    def announce(self, *, place: str, above: int = 0, tagged: bool = False) -> Sent:
        """Note that the request is about to be sent.

        :param place: project key, or issue id
        :param above: the highest issue number of the project
        :param tagged: whether a search can find the issue
        :raises Refused: it was sent as often as it is sent
        """
        before = self.read()
        if before is not None and before.times >= MOST_SENDS:
            self.forget()  # nothing came of it: who sends again does so only on that proof
            raise Refused(
                "jira_silent",
                f"Jira was asked {before.times} times and never said what became of it, and each time it was proved "
                "that nothing had. See https://status.atlassian.com, and clear the run when Jira is well again.",
            )
        times = 1 if before is None else before.times + 1
        sent = Sent(self.mark, self.about, self._now(), times, place, above, tagged)
        self._write(sent)
        return sent

    def still_mine(self, sent: Sent) -> None:
        """See right before the request that nobody looks for it yet.

        :raises NotYet: this process was held up for so long that somebody may
        """
        if self._now() - sent.since > LEASE or self.read() != sent:
            raise NotYet(PATIENCE, "This process was held up before it could send, and may no longer")

    def finish(self, result: dict[str, str]) -> None:
        """Note what came of it.

        :param result: ids and keys; not empty
        """
        # without an entry it was a search that found it
        known = self.read() or Sent(self.mark, self.about, self._now(), 0, tagged=True)
        self._write(msgspec.structs.replace(known, result=result))

    def forget(self) -> None:
        """Drop the entry: Jira certainly did nothing, or what it did is known elsewhere for good."""
        self._state.delete(self._name)

    def wait(self, sent: Sent, what: str, patience: float = PATIENCE) -> None:
        """Wait while the request may still be under way.

        :param sent: the entry without a result
        :param what: names what is looked for
        :param patience: seconds after which it cannot be any more
        :raises NotYet: it may; the pauses grow with the time that has passed
        """
        passed = max(0.0, self._now() - sent.since)
        if passed < patience:
            pause = min(max(2.0, passed), 60.0, patience - passed + 1.0)
            raise NotYet(pause, f"An earlier try may have made {what}, and it is not to be seen yet")

    def _write(self, sent: Sent) -> None:
        self._state.set(self._name, msgspec.json.encode(sent).decode())
