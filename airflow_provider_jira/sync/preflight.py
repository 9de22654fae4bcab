"""Proof before work: everything that can be seen to be wrong is said before the first card is written.

Whatever is wrong is said at once, all of it, in sentences that name the thing and the mend: a run that stops at the
first of five mistakes costs an administrator five runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_jira.esm.store import CardStore, Template
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.records import Field
from airflow_provider_jira.model.card import Day, Instant, Static, Value
from airflow_provider_jira.model.mapping import Mapping, MappingProblems
from airflow_provider_jira.sync.run import Run, Stop

_NOT_WRITABLE = {
    "reference": "is a reference to another card",
    "external-reference": "holds files or links",
    "worklog": "is a worklog",
}


@dataclass(frozen=True)
class Checked:
    """What a checked run knows.

    :param account: Jira account id of the caller
    :param fields: the site's fields
    :param mapping: the compiled mapping
    :param template: the target template
    """

    account: str
    fields: tuple[Field, ...]
    mapping: Mapping
    template: Template


async def check(run: Run, jira: JiraClient, store: CardStore) -> Checked:
    """Prove who the run is on both sides, and that its definition fits both.

    :raises Stop: the definition does not fit; the text lists every misfit
    :raises JiraError: Jira cannot be used (host, token, JQL)
    :raises EsmError: ESM cannot be used (host, login, template)
    """
    identity = await jira.identify()
    await jira.check_jql(run.task.jql)
    fields = await jira.fields()
    await store.prove_identity()
    template = await store.describe(run.task.target.template, sorted(run.task.esm_attributes()))
    problems = template_problems(run, template)
    try:
        mapping = compile_mapping(run, fields)
    except MappingProblems as misfit:
        raise Stop(_listed(run, [*misfit.problems, *problems])) from None
    problems += value_problems(run, mapping, template)
    if problems:
        raise Stop(_listed(run, problems))
    return Checked(identity.account_id, fields, mapping, template)


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


def compile_mapping(run: Run, fields: tuple[Field, ...]) -> Mapping:
    """Compile the task's mapping against the site's fields."""
    return Mapping.compile(run.task, fields, run.task_id, run.connector.timezone)


def template_problems(run: Run, template: Template) -> list[str]:
    """Hold the definition's attributes and folder against the template."""
    target = run.task.target
    problems = [
        f"template {template.code!r} has no attribute {code!r}: correct the name in the definition, or add it in ESM"
        for code in sorted(run.task.esm_attributes())
        if code not in template.attributes
    ]
    if template.folders is not None and target.folder not in template.folders:
        allowed = ", ".join(sorted(template.folders)) or "none"
        problems.append(
            f"folder {target.folder!r} does not exist or does not take cards of template {template.code!r}; "
            f"folders that do: {allowed}"
        )
    for code in sorted(run.task.esm_attributes()):
        attribute = template.attributes.get(code)
        if attribute is not None and attribute.type in _NOT_WRITABLE:
            problems.append(f"attribute {code!r} {_NOT_WRITABLE[attribute.type]}, which `attributes` cannot write")
    return problems


def value_problems(run: Run, mapping: Mapping, template: Template) -> list[str]:
    """Hold every value that only the definition can give against the attribute's type and static values."""
    constants = {code: set(values) for code, values in mapping.constants().items()}
    removed = run.task.removed_records
    if removed is not None:
        constants.setdefault(removed.attribute, set()).add(removed.value)
    problems = []
    for code, values in sorted(constants.items()):
        attribute = template.attributes.get(code)
        if attribute is None:
            continue
        for value in sorted(values, key=str):
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
    for code, rule in sorted(run.task.attributes.items()):
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


def _listed(run: Run, problems: list[str]) -> str:
    head = f"Task {run.task_id} does not fit its systems; nothing was written:"
    return "\n".join([head, *(f"- {problem}" for problem in problems)])
