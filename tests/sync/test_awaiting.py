"""Work with a large result is waited for without a text of it being made."""

from __future__ import annotations

import signal

import pytest

from airflow_provider_jira.sync.awaiting import result_of


class Large:
    """A result that counts the texts that are made of it."""

    texts = 0

    def __repr__(self) -> str:
        self.texts += 1
        return "all of it"


async def make() -> Large:
    return Large()


def test_no_text_is_made_of_a_result_where_ctrl_c_is_handled() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert result_of(make()).texts == 0
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_the_work_raises_is_raised() -> None:
    async def fail() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        result_of(fail())
