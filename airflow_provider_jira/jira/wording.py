"""Jira's words where only they tell one refusal from another.

The status is the same 400 for what is already so, for what is not allowed and for what is wrong, and no code comes with
it. The texts were seen on real sites by others, in no document of Atlassian's, and can change: what is not known here
is quoted as it came, and stays a refusal. Whoever meets a new text adds it here.
"""

from __future__ import annotations

import re

from airflow_provider_jira.jira.errors import JiraRefused

ALREADY_A_MEMBER = re.compile(r"already (a )?member|already (in|belongs to) (the |this )?group")
NOT_A_MEMBER = re.compile(r"not (a )?member( of)?\b|(not|n't) (in|belong to) (the |this )?group")
NAME_TAKEN = re.compile(r"(already exists|already (in use|used|taken)|name (is )?(in use|taken))")
MANAGED_ELSEWHERE = re.compile(
    r"managed externally|externally managed|external(ly)? (directory|sync)|\bscim\b|read.only"
)
CANNOT_BE_REMOVED = re.compile(r"(cannot|can't|could not|may not) be (removed|deleted)")

PRODUCT_UNKNOWN = re.compile(r"\bproducts?\b|application keys?")
NO_LICENCE = re.compile(r"licen[cs]e|user limit|limit of users|number of users|\bseats?\b")
NO_ACCESS = re.compile(
    r"(already )?exists?\b.*\b(no|not|without)\b.*\baccess|(no|not|without)\b.*\baccess\b.*\bexists|already exists"
)
ADDRESS_INVALID = re.compile(
    r"(e-?mail|address)\b.*\b(not (a )?valid|invalid|required|malformed)|\binvalid\b.*\be-?mail"
)
INVITED_AND_NOT_FOUND = re.compile(r"failed to add user\b.*\bnot found")
"""Said of an address that had no account: Jira sent the invitation, and failed when it looked for whom it had invited
(https://github.com/lesstif/php-JiraCloud-RESTAPI/issues/99)."""


def says(refused: JiraRefused, wording: re.Pattern[str]) -> bool:
    """Tell whether Jira used certain words.

    :param refused: what Jira said
    :param wording: in small letters
    """
    return any(wording.search(message.lower()) for message in refused.messages)
