"""What Jira says of the fields that can be set on an issue: on its create screen, its edit screen, or the screen of a
transition.

The metadata is Jira's own answer to "what may stand here" and the only place that knows which fields a project
requires, which values a list has, and what kind of value a custom field takes (Jira reference, 5.3, 5.5, 5.6).
"""

from __future__ import annotations

from typing import Any

import msgspec


class ScreenField(msgspec.Struct, frozen=True):
    """One field of a screen.

    :param id: field id: ``summary``, ``customfield_10010``
    :param name: display name, in the language of the connection's account
    :param required: whether it must have a value
    :param has_default: whether Jira fills it when nothing is given
    :param type: ``schema.type``: ``string`` ``number`` ``date`` ``datetime`` ``array`` ``option`` ``user`` …
    :param items: ``schema.items``: of an ``array``, the type of its elements
    :param system: ``schema.system``, of a system field: ``summary``, ``labels``, ``issuetype``
    :param custom: ``schema.custom``, of a custom field: its kind, ``com.atlassian.jira…:textarea``
    :param operations: ``set`` ``add`` ``remove`` ``edit``
    :param allowed: ``allowedValues`` as Jira gives them; ``None`` where it gives none (any value may be tried)
    """

    id: str
    name: str
    required: bool = False
    has_default: bool = False
    type: str | None = None
    items: str | None = None
    system: str | None = None
    custom: str | None = None
    operations: tuple[str, ...] = ()
    allowed: tuple[dict[str, Any], ...] | None = None
