"""What both APIs say when an entry, a card or a condition is not to be had: one sentence each, with the mend."""

from __future__ import annotations

import httpx

from airflow_provider_jira.esm.errors import EsmError, EsmRefused, EsmUncertain, UnknownCard


def no_card(template: str, card_id: str) -> UnknownCard:
    """Make the error for a card that is not there.

    :param card_id: what was given as its id
    """
    shown = card_id if card_id.isdecimal() else "of the id given"
    return UnknownCard(
        f"ESM has no data card {shown} in template {template!r}, or hides it from this user: give the id of a card "
        "that is there"
    )


def uncertain(template: str, card_id: str, attribute: str, error: EsmError) -> EsmUncertain:
    """Make the error for an entry of which nobody knows whether it was added.

    :param error: what came instead of an answer
    """
    return EsmUncertain(
        f"an entry for attribute {attribute!r} of data card {card_id} (template {template!r}) was sent, and no answer "
        "says whether ESM added it: look into the card before it is sent again",
        method=error.method, path=error.path, status=error.status, detail=error.detail,
    )  # fmt: skip


def entry_refused(
    template: str, card_id: str, attribute: str, told: str, answer: httpx.Response | None = None
) -> EsmRefused:
    """Make the error for an entry that ESM did not take.

    :param told: why, without the entry's text
    """
    sentence = f"ESM did not add an entry to attribute {attribute!r} of data card {card_id} (template {template!r})"
    if answer is None:
        return EsmRefused(f"{sentence}: {told}")
    return EsmRefused(
        f"{sentence}: {told}",
        method=answer.request.method, path=answer.request.url.path, status=answer.status_code, detail=answer.text,
    )  # fmt: skip


def not_a_condition(named: str, template: str, error: EsmError) -> EsmRefused:
    """Make the error for a condition that ESM does not take; it is an admin's own, so ESM's words about it are shown.

    :param named: what it is called in the definition
    :param error: what ESM said
    """
    return EsmRefused(
        f"`{named}` is no condition that ESM takes for template {template!r}: {error.message}; correct it, and try it "
        "in ESM's EQL editor",
        method=error.method, path=error.path, status=error.status, detail=error.detail,
    )  # fmt: skip
