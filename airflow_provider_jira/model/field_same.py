"""Whether a Jira field says already what would be written to it.

What is written and what is read have different forms (Jira reference, 5.6): an option is written by its id and read
with its name and address, a text area is normalised on the way, a list comes back in Jira's order, a time in the
site's zone. A wrong "no" costs one needless edit, which tells everybody who watches the issue; a wrong "yes" loses a
change. So only what is certainly the same counts as the same.
"""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.window import moment


def holds(wanted: Any, now: Any) -> bool:
    """Tell whether a field holds a value.

    :param wanted: in the form in which it would be written; ``None`` clears
    :param now: in the form in which Jira shows it; ``None`` where it shows none
    """
    if _empty(wanted) or _empty(now):
        return _empty(wanted) and _empty(now)
    if adf.is_document(wanted):
        return adf.is_document(now) and adf.render(wanted, "markdown") == adf.render(now, "markdown")
    if isinstance(wanted, dict):
        return isinstance(now, dict) and all(key in now and holds(value, now[key]) for key, value in wanted.items())
    if isinstance(wanted, (list, tuple)):
        return isinstance(now, list) and _same_members(list(wanted), now)
    if isinstance(wanted, str) and isinstance(now, str):
        return wanted.strip() == now.strip() or _same_moment(wanted, now)
    return bool(wanted == now)


def _empty(value: Any) -> bool:
    if adf.is_document(value):
        return not adf.render(value, "plain").strip()
    return value is None or (isinstance(value, (str, list, tuple, dict)) and not value)


def _same_members(wanted: list[Any], now: list[Any]) -> bool:
    left = list(now)
    for value in wanted:
        found = next((at for at, each in enumerate(left) if holds(value, each)), None)
        if found is None:
            return False
        del left[found]
    return not left


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*([+-]\d\d:?\d\d|Z)")


def _same_moment(one: str, other: str) -> bool:
    if not (_MOMENT.fullmatch(one) and _MOMENT.fullmatch(other)):
        return False
    try:
        return moment(one) == moment(other)
    except ValueError:  # looks like a moment, and is none
        return False
