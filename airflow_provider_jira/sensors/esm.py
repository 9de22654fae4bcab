"""The sensor on ESM: data cards that match a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow_provider_jira.sensors.polling import PollingSensor
from airflow_provider_jira.triggers.esm import EsmCardTrigger


class EsmCardSensor(PollingSensor):
    """Waits until data cards match a filter.

    XCom: ``data_card_ids``, the first hundred by id.

    :param template: code of the template (templated)
    :param filter: an EQL condition on its attributes (templated)
    :param at_least: how many cards there have to be
    :param esm_conn_id: id of a connection of type ``efecte_esm`` (templated)
    :param arguments: as for :class:`~airflow_provider_jira.sensors.polling.PollingSensor`
    """

    template_fields: Sequence[str] = ("template", "filter", "esm_conn_id")

    def __init__(
        self,
        *,
        template: str,
        filter: str,  # noqa: A002 - what definitions call it
        at_least: int = 1,
        esm_conn_id: str = "esm_default",
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self.template = template
        self.filter = filter
        self.at_least = at_least
        self.esm_conn_id = esm_conn_id

    def trigger(self, **waiting: Any) -> EsmCardTrigger:
        """Make the trigger that asks."""
        return EsmCardTrigger(
            esm_conn_id=self.esm_conn_id,
            template=self.template,
            filter=self.filter,
            at_least=self.at_least,
            **waiting,
        )
