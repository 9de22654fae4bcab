"""Writing to Jira: one activity each, and one event of a data card from its trigger to what is written back.

An activity is a function of a :class:`~.desk.Desk` and of plain arguments; it can be asked for again at any time, by
whomever, and does its work once (:mod:`.once`). :mod:`.event` puts one together with a card: in its turn
(:mod:`.line`), with the card's values (:mod:`.carry`), and back. There is no Airflow in here.
"""

from __future__ import annotations

from airflow_provider_jira.activities.event import Event, complete, fail, perform, receive
from airflow_provider_jira.activities.outcome import Done, NotYet, Refused, Unknown

__all__ = ["Done", "Event", "NotYet", "Refused", "Unknown", "complete", "fail", "perform", "receive"]
