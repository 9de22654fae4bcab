"""An Airflow plugin that makes the outbox give up waiting sooner; copied into the tests' plugins folder.

How long a request may be under way is a fact about networks and Jira, so nobody can set it: five minutes. The tests'
Jira never carries a request out more than a few seconds late, so here the same proof needs no more than that. What is
proved, and how, stays what it is.
"""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from airflow_provider_jira.activities import once

once.LEASE, once.PATIENCE = 6.0, 20.0
once.Outbox.wait.__defaults__ = (once.PATIENCE,)


class Hurry(AirflowPlugin):
    """Nothing but what importing this module does."""

    name = "hurry"
