"""Everything that one sandbox ESM consists of, and what a request may see of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from airflow_provider_jira.sandbox.esm.cards import Cards
from airflow_provider_jira.sandbox.esm.dates import iso_at
from airflow_provider_jira.sandbox.esm.eql import Condition, properties
from airflow_provider_jira.sandbox.esm.eql_sql import Compiler, Sql
from airflow_provider_jira.sandbox.esm.switches import Switches
from airflow_provider_jira.sandbox.esm.templates import FOLDERS, TEMPLATES, AttributeDef, TemplateDef
from airflow_provider_jira.sandbox.esm.tokens import Tokens
from airflow_provider_jira.sandbox.esm.users import USERS, User


class World:
    """The state that the APIs and the controls share.

    :param path: SQLite file for the cards, or ``:memory:``
    :param switches: behaviours to begin with
    :param clock: seconds since the epoch
    """

    def __init__(
        self, path: str = ":memory:", switches: Switches | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.cards = Cards(path)
        self.switches = switches or Switches()
        self.templates: dict[str, TemplateDef] = {template.code: template for template in TEMPLATES}
        self.folders: dict[str, str] = dict(FOLDERS)
        self.users: dict[str, User] = {user.login: user for user in USERS}
        self.tokens = Tokens(self.now)
        self._clock = clock
        self._ahead = 0.0

    def now(self) -> float:
        """Return the sandbox's time, seconds since the epoch."""
        return self._clock() + self._ahead

    def timestamp(self) -> str:
        return iso_at(self.now())

    def advance(self, seconds: float) -> None:
        """Put the clock forward."""
        self._ahead += seconds

    def signature(self, user: User) -> str:
        """Return the name that signs what a user writes into a worklog."""
        return user.name or user.login if self.switches.worklog_author == "name" else user.login

    def template(self, code: str, user: User) -> TemplateDef | None:
        """Return a template, unless there is none or the user may not see it."""
        return None if code in user.hidden_templates else self.templates.get(code)

    def condition(self, user: User, template: TemplateDef, condition: Condition | None) -> Sql:
        """Return SQL for the cards of a template that the user may see and that meet the condition.

        :raises EqlError: the condition names something that does not exist
        """
        attributes = {
            attribute.code: attribute if user.sees(template.code, attribute.code) else None
            for attribute in template.attributes
        }
        sql, parameters = self.visible(user, condition)
        parts, values = [sql, "card.template = ?"], [*parameters, template.code]
        if condition is not None:
            sql, parameters = self.compiler(attributes).condition(condition)
            parts.append(f"({sql})")
            values += parameters
        return " AND ".join(parts), values

    def visible(self, user: User, condition: Condition | None) -> Sql:
        """Return SQL for the cards that the user may see, trash and hidden ones as the switches say."""
        named = properties(condition)
        parts, values = ["1"], list[object]()
        if unreadable := user.unreadable_folders():
            parts.append(f"card.folder NOT IN ({', '.join('?' * len(unreadable))})")
            values += unreadable
        for column, switch in (("deleted", self.switches.trash_in_list), ("hidden", self.switches.hidden_in_list)):
            if switch == "never" or (switch == "named" and column not in named):
                parts.append(f"NOT card.{column}")
        return " AND ".join(parts), values

    def compiler(self, attributes: Mapping[str, AttributeDef | None]) -> Compiler:
        return Compiler(
            self.cards, attributes, self.switches.timezone, self.now(), self.switches.eql_not_equal_matches_empty
        )
