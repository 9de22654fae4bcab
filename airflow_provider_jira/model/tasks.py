"""The kinds of scheduled tasks: issues, the companion of such a task, and people with their groups.

A task has *parts*: kinds of records, each with a target of its own. Issues are one part; people and groups are two,
accounts and entitlements, which one run brings in together because the one points at the other. Everything after the
definition works on parts and does not ask what kind of task they came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Optional

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from typing_extensions import Self

from airflow_provider_jira.model.attributes import (
    AttributeRule,
    Attributes,
    Comments,
    Model,
    RemovedRecords,
    Target,
)
from airflow_provider_jira.model.kinds import Code, Count, Duration, Hours, Id, Jql, Schedule, Tag, Text
from airflow_provider_jira.model.problems import Finding, broken_rules, wrong
from airflow_provider_jira.model.rules import part_findings
from airflow_provider_jira.model.selection import Groups, Roles, Users
from airflow_provider_jira.model.task_rules import generic_findings, people_findings

OVERLAP = timedelta(minutes=15)
"""How late Jira's search index is believed to be at most, unless a task says otherwise. Atlassian speaks of seconds,
and of minutes after bulk changes."""

LONGEST_OVERLAP = timedelta(days=7)


def _overlap(overlap: timedelta) -> timedelta:
    if overlap > LONGEST_OVERLAP:
        raise wrong(f"an overlap of {overlap.days} days would be read again in every run", "write 7d or less")
    return overlap


Overlap = Annotated[Duration, AfterValidator(_overlap)]
"""A duration of at most a week."""

PartName = Literal["issues", "accounts", "entitlements"]


@dataclass(frozen=True)
class Part:
    """One kind of records of a task, and where their cards go.

    :param name: ``issues`` ``accounts`` ``entitlements``
    :param path: where the definition says it: keys from the task down
    :param key_source: the source of a record that never changes, and that the cards are found by
    :param memberships: ESM attribute of an account that points at the entitlements it holds
    :param comments: where an issue's comments go
    """

    name: PartName
    path: tuple[str, ...]
    key_source: str
    target: Target
    attributes: Mapping[str, AttributeRule]
    removed_records: RemovedRecords | None = None
    memberships: str | None = None
    comments: Comments | None = None

    def esm_attributes(self) -> frozenset[str]:
        """Codes of all ESM attributes that the part touches: mapped, task id, memberships, comments, removed
        status."""
        removed = () if self.removed_records is None else (self.removed_records.attribute,)
        memberships = () if self.memberships is None else (self.memberships,)
        comments = () if self.comments is None else self.comments.attributes
        return frozenset((*self.attributes, self.target.task_id_attribute, *memberships, *comments, *removed))

    def points_at(self, template: str) -> bool:
        """Tell whether a mapped attribute points at cards of a template."""
        return any(rule.reference and rule.reference.template == template for rule in self.attributes.values())


class RefusedRecords(Model):
    """How many records ESM or the mapping may refuse before the run counts as failed."""

    max: Count = Field(default=0, description="More refused records than this end the run as failed")


class Cache(Model):
    """When the task cache counts as empty, so that the next run pushes everything."""

    clear_hours: Optional[Hours] = Field(
        default=None, description="UTC hours, 0 to 23; [] never; left out: Airflow's [jira_connector] cache_clear_hours"
    )


class ScheduledTask(Model):
    """What all tasks have that read Jira on a schedule and write ESM."""

    id: Id = Field(description="Id of the task; the DAG id is connector__task", examples=["support_tickets"])
    mapping_type: str
    fetch_type: str
    schedule: Optional[Schedule] = Field(
        default=None, description="Cron expression or preset in the connector's time zone; null: only by hand"
    )
    refused_records: RefusedRecords = RefusedRecords()
    cache: Cache = Cache()
    description: Optional[Text] = Field(default=None, description="What the task is for; shown in Airflow")
    tags: tuple[Tag, ...] = Field(default=(), description="Further tags of the DAG")
    owner: Optional[Text] = Field(default=None, description="Instead of the connector's default")
    retries: Optional[Annotated[int, Field(strict=True, ge=0, le=100)]] = Field(
        default=None, description="Instead of the connector's default"
    )

    @property
    def parts(self) -> tuple[Part, ...]:
        """The kinds of records that the task brings in, in the order in which their cards have to be written."""
        return ()

    @property
    def stamped(self) -> str:
        """Id of the task whose cards this task writes: its own, or that of the task whose companion it is."""
        return self.id

    @property
    def two_waves(self) -> bool:
        """Whether cards of one run point at other cards of the same run, which have to be written before."""
        return len(self.parts) > 1 or any(part.points_at(part.target.template) for part in self.parts)

    @property
    def asks(self) -> bool:
        """Whether an administrator is asked before a mass removal."""
        removed = (part.removed_records for part in self.parts)
        return any(each is not None and each.on_exceeded == "approve" for each in removed)

    def scope(self) -> str:
        """Say what decides which records the task reads, as a text that is another one when that changes."""
        return ""

    def findings(self) -> list[Finding]:
        """Hold the task's keys against each other, warnings included."""
        return [found.below(*part.path) for part in self.parts for found in part_findings(part)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if errors := [each for each in self.findings() if each.severity == "error"]:
            raise broken_rules(errors)
        return self


_MAPPING_TYPE = "generic: issues; identity: people; access: groups; identity_and_access: both, with memberships"
_FETCH_TYPE = "full: every run reads everything; incremental: what changed since the last run"


class GenericTask(ScheduledTask):
    """Issues to cards of one template."""

    mapping_type: Literal["generic"] = Field(description=_MAPPING_TYPE, examples=["generic"])
    fetch_type: Literal["full", "incremental"] = Field(description=_FETCH_TYPE, examples=["full"])
    jql: Jql = Field(description="Which issues", examples=["project = SUP"])
    target: Target = Field(
        description="Where the cards live", examples=["{template: …, folder: …, key: …, task_id_attribute: …}"]
    )
    attributes: Attributes = Field(
        description="ESM attribute: Jira source", examples=["{jiraId: id, subject: summary}"]
    )
    overlap: Optional[Overlap] = Field(
        default=None,
        description="How late Jira's search index may be; only for incremental; default 15m",
        examples=["15m"],
    )
    comments: Optional[Comments] = Field(
        default=None,
        description="Where the issues' comments go in ESM; left out: they stay in Jira",
        examples=["{attribute: comments}"],
    )
    removed_records: Optional[RemovedRecords] = Field(
        default=None, description="What cards get whose record is gone from Jira; left out: nothing is marked"
    )

    @property
    def parts(self) -> tuple[Part, ...]:
        """The issues."""
        return (Part("issues", (), "id", self.target, self.attributes, self.removed_records, comments=self.comments),)

    def scope(self) -> str:
        """The JQL."""
        return self.jql

    def findings(self) -> list[Finding]:
        """Hold the task's keys against each other, warnings included."""
        return [*super().findings(), *generic_findings(self)]


class Companion(ScheduledTask):
    """An incremental task as it is written beside the full task over the same records: it takes all that decides which
    records and which cards from there."""

    mapping_type: Literal["generic"] = Field(description=_MAPPING_TYPE, examples=["generic"])
    fetch_type: Literal["incremental"] = Field(description=_FETCH_TYPE, examples=["incremental"])
    companion_of: Id = Field(
        description="Id of the full task over the same records, whose JQL, mapping, comments, target and task id this "
        "one takes",
        examples=["support_tickets"],
    )
    overlap: Optional[Overlap] = Field(
        default=None, description="How late Jira's search index may be; default 15m", examples=["15m"]
    )


class CompanionTask(GenericTask):
    """A :class:`Companion` together with what it takes from its full task. Never written like this."""

    companion_of: Id

    @property
    def stamped(self) -> str:
        """Id of the full task, so that that one knows the cards as its own."""
        return self.companion_of

    @classmethod
    def of(cls, written: Companion, full: GenericTask) -> CompanionTask:
        """Put both together.

        :param written: as the definition says it
        :param full: the task that it names
        """
        own = {name: getattr(written, name) for name in Companion.model_fields}
        taken = {name: getattr(full, name) for name in ("jql", "target", "attributes", "comments")}
        return cls.model_construct(**own, **taken)


def _full(value: Any) -> Any:
    if value == "incremental":
        raise wrong(
            "fetch_type cannot be incremental here: Jira does not tell which people, groups or memberships changed",
            "write full",
        )
    return value


class Identity(Model):
    """How people become account cards."""

    target: Target = Field(description="Where the account cards live", examples=["{template: account, …}"])
    attributes: Attributes = Field(
        description="ESM attribute: accountId, displayName, emailAddress, active, accountType, timeZone or locale",
        examples=["{accountId: accountId, displayName: displayName}"],
    )
    memberships: Optional[Code] = Field(
        default=None,
        description="Multi-reference attribute of the account that points at the entitlements the person holds",
        examples=["groups"],
    )
    removed_records: Optional[RemovedRecords] = Field(
        default=None, description="What the card of a person gets who is gone; left out: nothing is marked"
    )


class Access(Model):
    """How groups and project roles become entitlement cards."""

    target: Target = Field(description="Where the entitlement cards live", examples=["{template: entitlement, …}"])
    attributes: Attributes = Field(
        description="ESM attribute: groupId, name, kind (group or project_role), projectKey, role or holderGroups",
        examples=["{groupId: groupId, name: name}"],
    )
    removed_records: Optional[RemovedRecords] = Field(
        default=None, description="What the card of a group gets that is gone; left out: nothing is marked"
    )


class PeopleTask(ScheduledTask):
    """People to account cards, groups and project roles to entitlement cards, memberships to references between."""

    mapping_type: Literal["identity_and_access", "identity", "access"] = Field(
        description=_MAPPING_TYPE, examples=["identity_and_access"]
    )
    fetch_type: Annotated[Literal["full"], BeforeValidator(_full)] = Field(description=_FETCH_TYPE, examples=["full"])
    users: Users = Field(default=Users(), description="Which people; left out: all of account type atlassian")
    groups: Groups = Field(default=Groups(), description="Which groups; left out: all")
    project_roles: Optional[Roles] = Field(
        default=None, description="Whose project roles are entitlements, too; left out: none"
    )
    identity: Optional[Identity] = Field(
        default=None, description="How people become accounts", examples=["{target: …, attributes: …}"]
    )
    access: Optional[Access] = Field(
        default=None, description="How groups become entitlements", examples=["{target: …, attributes: …}"]
    )

    @property
    def parts(self) -> tuple[Part, ...]:
        """Entitlements, then the accounts that point at them."""
        parts = []
        if self.access is not None:
            one = self.access
            parts.append(Part("entitlements", ("access",), "groupId", one.target, one.attributes, one.removed_records))
        if self.identity is not None:
            two = self.identity
            parts.append(
                Part(
                    "accounts",
                    ("identity",),
                    "accountId",
                    two.target,
                    two.attributes,
                    two.removed_records,
                    two.memberships,
                )
            )
        return tuple(parts)

    def scope(self) -> str:
        """The filters."""
        roles = "" if self.project_roles is None else self.project_roles.model_dump_json()
        return "\n".join((self.mapping_type, self.users.model_dump_json(), self.groups.model_dump_json(), roles))

    def findings(self) -> list[Finding]:
        """Hold the task's keys against each other, warnings included."""
        return [*super().findings(), *people_findings(self)]


PEOPLE_TYPES = ("identity_and_access", "identity", "access")


def task_model(written: Any) -> type[ScheduledTask]:
    """Tell by a task's own words which kind it is; where they do not tell, it is taken for a generic one.

    :param written: the task as the file holds it
    """
    if isinstance(written, ScheduledTask):
        return type(written)
    if isinstance(written, Mapping):
        if written.get("mapping_type") in PEOPLE_TYPES:
            return PeopleTask
        if "companion_of" in written:
            return Companion
    return GenericTask


def kind_of(written: Any) -> str:
    """Name the model of a task, for pydantic's choice between them."""
    return task_model(written).__name__
