"""Proof before work: everything that can be seen to be wrong is said before the first card is written.

Whatever is wrong is said at once, all of it, in sentences that name the thing and the mend: a run that stops at the
first of five mistakes costs an administrator five runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_jira.esm.errors import UnknownTemplate
from airflow_provider_jira.esm.store import Attribute, CardStore, Template
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.records import Field
from airflow_provider_jira.model.card import Day, Instant, Static, Value
from airflow_provider_jira.model.definition import Part
from airflow_provider_jira.model.mapping import Mapping, MappingProblems
from airflow_provider_jira.sync.reading import Reading
from airflow_provider_jira.sync.run import Run, Stop

_NOT_WRITABLE = {
    "external-reference": "holds files or links",
    "worklog": "is a worklog",
}


@dataclass(frozen=True)
class Checked:
    """What a checked run knows.

    :param account: Jira account id of the caller
    :param fields: the site's fields
    """

    account: str
    fields: tuple[Field, ...]


async def check(run: Run, reading: Reading, jira: JiraClient, store: CardStore) -> Checked:
    """Prove who the run is on both sides, and that its definition fits both.

    :raises Stop: the definition does not fit; the text lists every misfit
    :raises JiraError: Jira cannot be used (host, token, JQL)
    :raises EsmError: ESM cannot be used (host, login, template)
    """
    identity = await jira.identify()
    await reading.prove(jira)
    fields = await reading.fields(jira)
    await store.prove_identity()
    templates = [await store.describe(part.target.template, sorted(part.esm_attributes())) for part in run.parts]
    problems = [
        _at(part, problem)
        for part, template in zip(run.parts, templates, strict=True)
        for problem in template_problems(part, template, run.parts[0].target.template)
    ]
    try:
        mappings = reading.mappings(fields)
    except MappingProblems as misfit:
        raise Stop(_listed(run, [*misfit.problems, *problems])) from None
    for part, template, mapping in zip(run.parts, templates, mappings, strict=True):
        problems += [_at(part, problem) for problem in value_problems(part, mapping, template)]
    problems += await reference_problems(run, store)
    if problems:
        raise Stop(_listed(run, problems))
    return Checked(identity.account_id, fields)


async def prove_same_account(jira: JiraClient, account: str) -> None:
    """Prove that a later step is who the plan was: what another account cannot see looks like what is gone.

    :param account: account id that the plan noted
    :raises Stop: the connection's account has changed since
    """
    if (await jira.identify()).account_id != account:
        raise Stop(
            "The Jira connection has another account than when this run was planned, which may see other issues. "
            "Nothing more was done. Start a new run."
        )


def template_problems(part: Part, template: Template, entitlements: str) -> list[str]:
    """Hold a part's attributes and folder against its template.

    :param entitlements: template of the cards that memberships point at
    """
    target, touched = part.target, sorted(part.esm_attributes())
    problems = [
        f"template {template.code!r} has no attribute {code!r}: correct the name in the definition, or add it in ESM"
        for code in touched
        if code not in template.attributes
    ]
    if template.folders is not None and target.folder not in template.folders:
        allowed = ", ".join(sorted(template.folders)) or "none"
        problems.append(
            f"folder {target.folder!r} does not exist or does not take cards of template {template.code!r}; "
            f"folders that do: {allowed}"
        )
    pointing = {code: rule.reference.template for code, rule in part.attributes.items() if rule.reference}
    for code in touched:
        attribute = template.attributes.get(code)
        if attribute is None or attribute.type is None:
            continue
        if part.comments is not None and code in part.comments.attributes:
            if attribute.type != "worklog":
                problems.append(f"attribute {code!r} is of type {attribute.type}: `comments` needs a worklog")
        elif attribute.type in _NOT_WRITABLE:
            problems.append(f"attribute {code!r} {_NOT_WRITABLE[attribute.type]}, which `attributes` cannot write")
        elif code == part.memberships:
            problems += _memberships_problems(attribute, entitlements)
        elif attribute.type == "reference" or code in pointing:
            problems += _reference_problems(attribute, pointing.get(code))
    return problems


def _reference_problems(attribute: Attribute, template: str | None) -> list[str]:
    code = attribute.code
    if template is None:
        return [
            f"attribute {code!r} is a reference to another card: add `reference: {{template: …, key: …}}` to its rule"
        ]
    if attribute.type != "reference":
        return [f"attribute {code!r} is of type {attribute.type}, not a reference: remove `reference` from its rule"]
    if attribute.targets and template not in attribute.targets:
        allowed = ", ".join(attribute.targets)
        return [f"attribute {code!r} cannot point at cards of template {template!r}, only of {allowed}"]
    return []


def _memberships_problems(attribute: Attribute, template: str) -> list[str]:
    if attribute.type != "reference":
        return [f"attribute {attribute.code!r} is of type {attribute.type}: `memberships` needs a reference attribute"]
    if attribute.multi_value is False:
        return [f"attribute {attribute.code!r} holds one reference: `memberships` needs one that holds several"]
    return _reference_problems(attribute, template)


async def reference_problems(run: Run, store: CardStore) -> list[str]:
    """See that what references are looked up by exists in ESM."""
    pointed = {
        (rule.reference.template, rule.reference.key): code
        for part in run.parts
        for code, rule in part.attributes.items()
        if rule.reference is not None
    }
    problems = []
    for (template, key), code in sorted(pointed.items()):
        try:
            described = await store.describe(template, [key])
        except UnknownTemplate:
            problems.append(
                f"attribute {code!r} points at template {template!r}, which ESM does not have or show: correct "
                "`reference`, or give the WebAPI user permission to read it"
            )
            continue
        if key not in described.attributes:
            problems.append(
                f"attribute {code!r} points at cards of template {template!r} by {key!r}, which is no attribute of it: "
                "correct `reference`"
            )
    return problems


def value_problems(part: Part, mapping: Mapping, template: Template) -> list[str]:
    """Hold every value that only the definition can give against the attribute's type and static values."""
    constants = {code: set(values) for code, values in mapping.constants().items()}
    removed = part.removed_records
    if removed is not None:
        values = {removed.value} if removed.returned_value is None else {removed.value, removed.returned_value}
        constants.setdefault(removed.attribute, set()).update(values)
    problems = []
    for code, values_of in sorted(constants.items()):
        attribute = template.attributes.get(code)
        if attribute is None:
            continue
        for value in sorted(values_of, key=str):
            if (
                attribute.type == "static-value"
                and attribute.static_values
                and not _is_static(value, attribute.static_values)
            ):
                known = ", ".join(repr(text) for text in list(attribute.static_values)[:10])
                problems.append(f"attribute {code!r} has no static value {_shown(value)}; it has: {known}")
            elif attribute.type == "number" and not _is_number(value):
                problems.append(f"attribute {code!r} holds numbers, {_shown(value)} is none")
            elif attribute.type == "date" and not isinstance(value, (Day, Instant)):
                problems.append(f"attribute {code!r} holds dates, {_shown(value)} is none")
    for code, rule in sorted(part.attributes.items()):
        attribute = template.attributes.get(code)
        if attribute is not None and attribute.type == "date" and rule.source and rule.format is None:
            problems.append(f"attribute {code!r} holds dates: add `format: date` or `format: datetime` to its rule")
    return problems


def _is_static(value: Value, static_values: dict[str, str | None]) -> bool:
    if isinstance(value, Static):
        return value.code in static_values.values()
    return str(value) in static_values


def _is_number(value: Value) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _shown(value: Value) -> str:
    if isinstance(value, Static):
        return f"with code {value.code!r}"
    return repr(value.iso if isinstance(value, (Day, Instant)) else value)


def _at(part: Part, problem: str) -> str:
    return f"{'.'.join(part.path)}: {problem}" if part.path else problem


def _listed(run: Run, problems: list[str]) -> str:
    head = f"Task {run.name} does not fit its systems; nothing was written:"
    return "\n".join([head, *(f"- {problem}" for problem in problems)])
