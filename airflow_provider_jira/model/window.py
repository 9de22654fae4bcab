"""What an incremental run asks for, and how far it has come: arithmetic on moments, without a clock of its own.

The watermark says up to where Jira has been read. It is the newest ``updated`` of what a run read, but never later than
Jira's own time when the run began to search. That makes one argument carry everything: an issue changed at T, and
searchable at the latest at T + overlap, is missed by a run whose watermark becomes W only if T + overlap is later than
the search began, so later than W; then T is later than W - overlap, which is where the next run begins. Neither the
clock of this machine nor ESM's takes part.

Jira reads dates in JQL in the caller's own time zone, to the minute
(https://support.atlassian.com/jira-software-cloud/docs/jql-fields/). When clocks are set back, an hour has two meanings
and nobody says which one Jira takes, so a bound never lies in such an hour: it is moved before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

_MINUTE = timedelta(minutes=1)
_FORMAT = "%Y-%m-%d %H:%M"
_FURTHEST_WEST = timedelta(hours=-12)
"""The offset in which local time is earliest: a bound written in it is right in every zone."""


def moment(text: str) -> datetime:
    """Read a moment as Jira writes it: ``2026-09-27T10:03:11.123+0200``, ``…Z`` or with a colon in the offset.

    :raises ValueError: it is none
    """
    # fromisoformat() of Python 3.10 knows neither Z nor an offset without colon.
    plain = text[:-1] + "+00:00" if text.endswith("Z") else text
    if len(plain) > 5 and plain[-5] in "+-" and plain[-3] != ":":
        plain = f"{plain[:-2]}:{plain[-2:]}"
    read = datetime.fromisoformat(plain)
    if read.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return read.astimezone(timezone.utc)


def lower_bound(watermark: datetime, overlap: timedelta, zone: tzinfo | None) -> str:
    """Say from where an incremental run reads, in words of JQL.

    :param watermark: up to where Jira has been read
    :param overlap: how late its search index may be
    :param zone: the caller's zone as Jira's profile gives it; ``None`` = not known, then a bound is given that is early
        enough in every zone
    :returns: local time to the minute, never later than watermark - overlap whatever Jira takes a repeated hour for
    """
    start = watermark - overlap
    if zone is None:
        return (start + _FURTHEST_WEST).strftime(_FORMAT)
    local = start.astimezone(zone).replace(second=0, microsecond=0)
    while _repeated(local):
        local = (local.astimezone(timezone.utc) - _MINUTE).astimezone(zone)
    return local.strftime(_FORMAT)


def _repeated(local: datetime) -> bool:
    """Tell whether a local time comes twice, or may have."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def advanced(watermark: datetime | None, newest: datetime | None, search_began: datetime) -> datetime | None:
    """Move the watermark after a run that has read everything it asked for.

    :param watermark: before the run; ``None`` = nothing read yet
    :param newest: newest ``updated`` of what was read; ``None`` = nothing was
    :param search_began: Jira's own time before the first page of the search was asked for
    :returns: the new one, never earlier than the old one
    """
    if newest is None:
        return watermark
    reached = min(newest, search_began)
    return reached if watermark is None else max(watermark, reached)
