"""How an activity can end: done, refused, not yet, or nobody can know.

* :class:`Done`: Jira is as asked for, by this call or already before it.
* :class:`Refused`: it cannot be done, and trying again cannot help until somebody mends what the message names.
* :class:`NotYet`: ask again later; nothing is lost by waiting, and something might be done twice without.
* :class:`Unknown`: whether it was done cannot be found out. A refusal of its own kind: it is never done again by
  itself, because that might make a second issue.

Everything else (no network, ESM down) is an exception of the client in question, and Airflow's retries are for that.
"""

from __future__ import annotations

import msgspec


class Done(msgspec.Struct, frozen=True):
    """What an activity brought about.

    :param values: what can be written back, by name: ``id`` ``key`` ``url`` of an issue, ``accountId``, ``groupId``,
        ``name``, ``status``. Ids and names of Jira's own things, never what people wrote
    :param notes: sentences for an administrator about what was left alone ("already a member")
    :param already: whether nothing had to be done
    """

    values: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    already: bool = False


class Refused(Exception):
    """It cannot be done.

    :param code: short stable word for reports: ``card_missing`` ``field_wrong`` ``jira_refused`` ``no_permission``
        ``no_transition`` ``issue_gone`` ``conflict`` ``esm_refused`` …
    :param message: what, and what would mend it; without values of the card
    :param failed: what of several things failed: group ids
    """

    def __init__(self, code: str, message: str, *, failed: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.failed = failed


class Unknown(Refused):
    """Whether Jira did it cannot be found out.

    :param message: what was looked at, and what an administrator can look at
    """

    def __init__(self, message: str) -> None:
        super().__init__("unknown", message)


class NotYet(Exception):
    """Ask again later.

    :param seconds: how long to wait before that
    :param why: what is waited for
    """

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(f"{why}; next look in {seconds:.0f} s")
        self.seconds = seconds
        self.why = why
