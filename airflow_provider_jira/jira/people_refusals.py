"""What Jira means when it refuses to change people or groups, in sentences that name the mend.

One status stands for many reasons; :mod:`~airflow_provider_jira.jira.wording` tells them apart. What is not known stays
as Jira said it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from airflow_provider_jira.jira import wording
from airflow_provider_jira.jira.errors import JiraError, JiraRefused, JiraUncertain
from airflow_provider_jira.jira.wording import says

PRODUCTS = ("jira-core", "jira-software", "jira-servicedesk", "jira-product-discovery")
"""Products that the API's document names; Atlassian may add to them."""

E = TypeVar("E", bound=JiraError)

ELSEWHERE = (
    "Jira does not let this {what} be changed, because another system keeps it (an identity provider by SCIM, or the "
    "organization): change it there."
)


def why_not_created(refused: JiraRefused, products: Sequence[str]) -> JiraRefused | JiraUncertain:
    """Say which of the reasons that share one status it was, and what mends it.

    :param refused: what Jira said of a new account
    :param products: that it was to have
    :returns: an error with a sentence of its own; the same one where the reason is not known
    """
    if says(refused, wording.INVITED_AND_NOT_FOUND):
        uncertain = JiraUncertain(
            "Jira could not find the account that it was making; it may have sent the invitation all the same. Look "
            "under User management, and try again when the account is there."
        )
        return _about_the_same(refused, uncertain)
    unknown = [product for product in products if product not in PRODUCTS]
    # the sentences name each other's words, so what only one of them can say comes first
    if says(refused, wording.NO_LICENCE):
        return told(
            refused,
            "No licence is left for a product that the account was to have: free one or buy more at "
            "admin.atlassian.com, under Billing, or ask for fewer `products`.",
        )
    if says(refused, wording.ADDRESS_INVALID):
        return told(refused, "Jira does not take the e-mail address: correct it in the source of `email`.")
    if says(refused, wording.NO_ACCESS):
        return told(
            refused,
            "There is an account with this address already, without access to Jira: give it access at "
            "admin.atlassian.com, under Directory > Users, or put it into a group that has access.",
        )
    if unknown or says(refused, wording.PRODUCT_UNKNOWN):
        which = ", ".join(map(repr, unknown)) or "one of them"
        return told(
            refused,
            f"Jira does not know all of the `products` ({which}), or the site does not have them: choose among "
            f"{', '.join(PRODUCTS)}.",
        )
    return refused


def told(refused: JiraRefused, sentence: str) -> JiraRefused:
    """Say what a refusal means, with Jira's own words behind it.

    :param refused: what Jira said
    :param sentence: what it means, and what mends it
    """
    clearer = JiraRefused(f"{sentence} Jira says: {'; '.join(refused.messages)}" if refused.messages else sentence)
    clearer.messages, clearer.fields = refused.messages, refused.fields
    return _about_the_same(refused, clearer)


def _about_the_same(refused: JiraRefused, error: E) -> E:
    error.method, error.path, error.status, error.trace = refused.method, refused.path, refused.status, refused.trace
    return error
