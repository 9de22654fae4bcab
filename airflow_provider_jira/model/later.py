"""What the language of definitions will say, and this version does not yet.

These names are refused like unknown ones, but with a text that tells their author that the spelling is right and only
the version is not.
"""

from __future__ import annotations

LATER_KEYS: dict[str, frozenset[str]] = {
    "GenericTask": frozenset({"on_failure"}),
    "Companion": frozenset({"on_failure"}),
    "PeopleTask": frozenset({"on_failure"}),
}
"""Name of the model -> keys that it will have."""
