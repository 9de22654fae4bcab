"""Which cards a run of an event task is about, where the task also starts by itself.

A run that was started from outside is about what its conf says. One that Airflow started for the trigger of ``poll`` is
about every card that the trigger told of since the run before. Such a card comes without an event of its own: a trigger
that starts anew tells of it again, and that must be the same event, not a second issue.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, conf
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_jira.model.event_conf import CARD, CARD_PATTERN

if TYPE_CHECKING:
    from airflow.sdk import Context

OF_CONF: dict[str, str] = {}
"""Stands for the card or the values that the run's conf gives."""


class CardsOperator(BaseOperator):
    """Lists what the run is about.

    XCom: ``data_card_id`` of each card; one empty entry for a run that its conf describes.
    """

    ui_color = "#e8f0fe"

    def execute(self, context: Context) -> list[dict[str, str]]:
        """List.

        :raises AirflowFailException: there are more than Airflow makes tasks for
        """
        events = [event for of_asset in context["triggering_asset_events"].values() for event in of_asset]
        if not events:
            return [OF_CONF]
        cards: dict[str, dict[str, str]] = {}
        for event in sorted(events, key=lambda event: event.timestamp):
            named = _cards(event.extra)
            if not named:
                self.log.warning("An event of the asset names no data card, and starts nothing")
            cards |= {card: {CARD: card} for card in named}
        most = conf.getint("core", "max_map_length", fallback=1024)
        if len(cards) > most:
            raise AirflowFailException(
                f"{len(cards)} cards began to match at about the same time, and [core] max_map_length lets one run "
                f"work on {most}. Raise it and clear this task: the run keeps its cards."
            )
        return list(cards.values())


def _cards(extra: Any) -> list[str]:
    """Read the cards' ids from an event that a trigger has made; anybody may make one by hand."""
    payload = extra.get("payload") if isinstance(extra, dict) else None
    cards = payload.get("data_card_ids") if isinstance(payload, dict) else None
    named = cards if isinstance(cards, list) else []
    return [card for card in named if isinstance(card, str) and re.fullmatch(CARD_PATTERN, card)]
