"""What the language of definitions will say, and this version does not yet.

These names are refused like unknown ones, but with a text that tells their author that the spelling is right and only
the version is not.
"""

from __future__ import annotations

LATER_KEYS: dict[str, frozenset[str]] = {
    "Connector": frozenset({"event_tasks"}),
    "ScheduledTask": frozenset(
        {"access", "comments", "companion_of", "groups", "identity", "on_failure", "overlap", "project_roles", "users"}
    ),
    "AttributeRule": frozenset({"reference"}),
}
"""Name of the model -> keys that it will have."""

LATER_VALUES: dict[str, frozenset[str]] = {
    "mapping_type": frozenset({"access", "identity", "identity_and_access"}),
    "fetch_type": frozenset({"incremental"}),
}
"""Key -> words that it will take."""
