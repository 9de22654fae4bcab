"""A value that a Jira field cannot hold."""

from __future__ import annotations


class Misfit(ValueError):
    """A value that a field cannot hold.

    :ivar code: short stable word for reports
    :ivar found: what the field takes instead, as the rest of a sentence about the field; the value is not in it
    """

    def __init__(self, code: str, found: str) -> None:
        """Say why.

        :param code: see above
        :param found: see above
        """
        super().__init__(found)
        self.code = code
        self.found = found
