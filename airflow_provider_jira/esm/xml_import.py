"""One import through the Web API, and what a card shows of it afterwards.

The report of an import counts cards and names none, so what became of a card is read from the card. Source: the
vendor's "Web API description" page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from airflow_provider_jira.esm.cards import Refusal
from airflow_provider_jira.esm.fitting import Fitted
from airflow_provider_jira.esm.http import Http, refuse
from airflow_provider_jira.esm.xml_documents import Report, entity_set, not_webapi, report_of, says_error
from airflow_provider_jira.esm.xml_links import astray

UNCOUNTED = "ESM counts the card neither as created nor as updated and gives no reason: look into ESM's own log"
_TOO_LARGE = 413


async def import_cards(
    http: Http,
    template: str,
    folder: str,
    entities: Iterable[Mapping[str, Sequence[str]]],
    flags: Mapping[str, str],
    *,
    repeatable: bool,
) -> Report:
    """Send cards.

    :param http: the way to the Web API
    :param template: template code
    :param folder: folder code
    :param entities: per card attribute code -> texts
    :param flags: what ESM may do with them, as in ``{"updateDataCards": "true"}``
    :param repeatable: whether carrying it out twice is the same as once
    :returns: what ESM says became of them
    """
    answer = await http.send(
        "POST",
        "/dataCardImport.ws",
        params={"folderCode": folder, **flags},
        content=entity_set(template, entities),
        content_type="application/xml; charset=UTF-8",
        repeatable=repeatable,
        final=says_error,
    )
    if answer.status_code == 403 and not says_error(answer):
        refuse(answer, "ESM does not let this user import data cards")
    if answer.status_code == _TOO_LARGE and not says_error(answer):
        return Report(0, "the card is too large for ESM")
    if answer.status_code != 200 and not says_error(answer):
        raise not_webapi(answer)
    return report_of(answer)


def complaints(
    wanted: Mapping[str, Sequence[Fitted]],
    shown: Mapping[str, Sequence[str]],
    links: Mapping[str, Sequence[str]],
    *,
    is_new: bool = False,
) -> list[Refusal]:
    """Say what is wrong with a card that ESM has saved.

    :param wanted: attribute code -> what was written; none = clear
    :param shown: attribute code -> texts that the card shows
    :param links: attribute code -> ids of the cards that it points at
    :param is_new: whether the import created it: nothing had to be cleared then
    """
    refusals = []
    for code, values in wanted.items():
        is_shown = bool(shown.get(code))
        why: str | None = None
        if values and not is_shown:
            why = "holds nothing after the import: ESM did not take the value, or does not show it to this user"
        elif (problem := astray(values, links.get(code, ()))) is not None:
            why = problem
        elif not values and is_shown and not is_new:
            why = "could not be cleared: it still holds something after the import"
        if why is not None:
            refusals.append(Refusal("attribute_refused", code, f"attribute {code!r} {why}"))
    return refusals
