"""What is asked before a mass removal: how many cards, why that is many, and which they are.

An administrator reads this in Airflow's UI and in the log, so it names cards by their keys and no other values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from airflow_provider_jira.model.definition import RemovedRecords
from airflow_provider_jira.sync.handover import Approval
from airflow_provider_jira.sync.reading import Candidate
from airflow_provider_jira.sync.run import Run, Stop

_SAMPLE = 10


def approval(
    run: Run, cards: Sequence[Candidate], own_cards: Mapping[int, int], *, scope_changed: bool
) -> Approval | None:
    """Say what an administrator has to answer before cards are marked.

    :param cards: cards whose record was not read
    :param own_cards: part -> how many cards the task owns, those marked removed left out
    :param scope_changed: whether the task reads something else than in its last full run
    :returns: the question; ``None`` where there is nothing to ask, or the run's parameter has answered beforehand
    :raises Stop: the definition wants the run to fail instead
    """
    count, own = len(cards), sum(own_cards.values())
    if not count:
        return None
    fails = False
    paragraphs, sentences = [], []
    for at, part in enumerate(run.parts):
        removed, mine = part.removed_records, [card for card in cards if card.part == at]
        if removed is None or not mine:
            continue
        reasons = _reasons(removed, len(mine), own_cards.get(at, 0), scope_changed=scope_changed)
        fails = fails or (bool(reasons) and removed.on_exceeded == "fail")
        sample = ", ".join(card.key for card in mine[:_SAMPLE])
        more = " …" if len(mine) > _SAMPLE else ""
        paragraphs.append(
            f"**{len(mine)} cards** of template `{part.target.template}` belong to task `{run.stamp}`, and their "
            f"records were not in what Jira showed{'; ' if reasons else ''}{'; '.join(reasons)}.\n\n"
            f"They would get `{removed.attribute}` = `{removed.value}`, each after one more look at its record in Jira."
            f"\n\nFirst of them, by `{part.target.key}`: {sample}{more}"
        )
        if reasons:
            sentences.append(f"{'; '.join(reasons)}. First of them, by {part.target.key}: {sample}{more}")
    if not sentences:
        return None
    subject = f"{run.name}: mark {count} of {own} cards as removed?"
    if run.accept_removals:
        run.log.warning("%s Accepted beforehand by the run's parameter accept_removals.", subject)
        return None
    if fails:
        raise Stop(
            f"{count} of {own} cards would be marked as removed; {' '.join(sentences)}. Nothing was written. "
            "If this is right, start the DAG by hand with accept_removals."
        )
    return Approval(subject, "\n\n".join(paragraphs))


def _reasons(removed: RemovedRecords, count: int, own: int, *, scope_changed: bool) -> list[str]:
    reasons = []
    if count > removed.max_count:
        reasons.append(f"that is more than `max_count: {removed.max_count}`")
    if 100 * count > removed.max_percent * own:
        reasons.append(f"that is more than `max_percent: {removed.max_percent:g}` of its {own} cards")
    if scope_changed:
        reasons.append("and what the task reads (JQL, filters, target or site) has changed since its last full run")
    return reasons
