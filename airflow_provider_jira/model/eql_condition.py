"""The condition that a ``poll`` waits for: EQL as an administrator writes it into a filter.

Only what would break out of the place where the condition is put is found here: it is set in parentheses beside the
clause that names the template, so quotes and parentheses have to be in order. What attributes and operators mean only
ESM can say.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from airflow_provider_jira.model.problems import wrong

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ATTRIBUTE = re.compile(r"\$([^$'\"\s]+)\$")
_WHOLE_QUERY = re.compile(r"\s*select\b", re.IGNORECASE)
_ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)

_MEND = "write a condition such as $status$ = '02 - Solving' and $jiraKey$ is null"


def attributes_in(condition: str) -> frozenset[str]:
    """Codes of the attributes that a condition names between ``$`` signs."""
    return frozenset(_ATTRIBUTE.findall(condition))


def _checked(condition: str) -> str:
    if not condition.strip():
        raise wrong("the filter is empty, so every card of the template would match", _MEND)
    if _WHOLE_QUERY.match(condition):
        raise wrong("the filter is a whole query", "write only what stands after where, without the template")
    outside = _QUOTED.sub(" ", condition)
    if "'" in outside or '"' in outside:
        raise wrong("a quote in the filter is not closed", _MEND)
    depth = 0
    for each in outside:
        depth += {"(": 1, ")": -1}.get(each, 0)
        if depth < 0:
            raise wrong("a parenthesis in the filter is closed but not opened", _MEND)
    if depth:
        raise wrong("a parenthesis in the filter is not closed", _MEND)
    if _ORDER.search(outside):
        raise wrong("the filter has an order", "remove order by: cards come in the order of their ids")
    return condition.strip()


Condition = Annotated[str, AfterValidator(_checked), Field(json_schema_extra={"pattern": r"\S"})]
"""An EQL condition, quotes and parentheses in order."""
