"""What every way of reading Jira offers to the steps.

``sweep`` tells which records there are, ``records`` reads them whole, ``judge`` looks again at those that a sweep did
not contain. The steps know nothing else of Jira.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.records import Field
from airflow_provider_jira.model.mapping import Mapping as CardMapping
from airflow_provider_jira.sync.records import Record


class Candidate(msgspec.Struct, frozen=True, array_like=True):
    """A card of this task whose record was not read.

    :param record: record id, 0 where neither key nor cache tells it
    :param part: which of the task's parts it belongs to
    """

    record: int
    key: str
    card_id: str
    part: int


@dataclass(frozen=True)
class Since:
    """What an incremental run begins from.

    :param watermark: up to where Jira has been read
    :param again: records that are read by id wherever they are: the ledger's, and those that nobody is sure of
    """

    watermark: datetime
    again: frozenset[int]


@dataclass
class Sweep:
    """Which records there are.

    :param ids: record ids, each once
    :param records: record id -> the record, where the sweep has read it whole already
    :param held: ids of records that are there and must be left as they are in ESM: Jira does not know them just now
    :param approximate: Jira's own estimate of their number, where it gives one
    :param warnings: Jira's own warnings that something may be missing
    :param dropped: of the records to be read again, those that the task no longer reads
    :param began: Jira's own time before the search
    :param notes: sentences for the report
    """

    ids: set[int] = field(default_factory=set)
    records: dict[int, Record] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    approximate: int | None = None
    warnings: list[str] = field(default_factory=list)
    dropped: tuple[int, ...] = ()
    began: datetime | None = None
    notes: list[str] = field(default_factory=list)


class Reading(ABC):
    """One way of reading Jira. Every method raises ``JiraError`` when Jira cannot be used."""

    @abstractmethod
    async def prove(self, jira: JiraClient) -> None:
        """Prove that the account may read what the task reads.

        :raises Stop: it may not
        """

    @abstractmethod
    async def fields(self, jira: JiraClient) -> tuple[Field, ...]:
        """List the fields that only the site can tell of, to be staged for the later steps."""

    @abstractmethod
    def mappings(self, fields: tuple[Field, ...]) -> list[CardMapping]:
        """Compile the mapping of each part.

        :raises MappingProblems: with every misfit of all parts
        """

    @abstractmethod
    async def sweep(self, jira: JiraClient, since: Since | None) -> Sweep:
        """Find out which records there are.

        :param since: of an incremental run; ``None`` = all
        """

    @abstractmethod
    def records(
        self, jira: JiraClient, ids: Sequence[int], swept: Mapping[int, Record], fields: Sequence[str]
    ) -> AsyncIterator[Sequence[Record]]:
        """Read records whole.

        :param ids: which
        :param swept: those that the sweep has read already
        :param fields: field ids to read
        """

    @abstractmethod
    def number(self, part: int, key: str) -> int:
        """Tell a record's number by the key of its card, 0 where the key does not tell."""

    @abstractmethod
    async def judge(self, jira: JiraClient, candidates: Sequence[Candidate], projects: Mapping[int, int]) -> list[str]:
        """Look again at records that a complete read did not contain.

        :param candidates: a batch of them
        :param projects: record id -> id of the project it was last seen in
        :returns: one verdict each: ``gone`` ``out_of_scope`` ``kept_matching`` ``kept_unreadable`` ``kept_unconfirmed``
        """

    @abstractmethod
    def label(self, records: Sequence[int], at: int, count: int) -> str:
        """Name a partition for the Airflow UI.

        :param records: its record ids, ascending
        :param at: its number, from 0
        :param count: how many there are
        """
