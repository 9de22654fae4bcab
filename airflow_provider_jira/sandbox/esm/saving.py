"""The rules by which a card is saved, the same for both APIs.

A card is refused as a whole (:class:`CardRefused`) when it breaks a rule of the template or of the user's rights: a
folder that the template is not linked to, a mandatory attribute left empty, a unique value that another card has, and
the poison that stands for a database constraint which some expression trips over. A single attribute is refused
(:class:`~airflow_provider_jira.sandbox.esm.values.ValueRefused`) when its value does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_jira.sandbox.esm.cards import Cell, StoredCard
from airflow_provider_jira.sandbox.esm.templates import AttributeDef, TemplateDef
from airflow_provider_jira.sandbox.esm.users import User
from airflow_provider_jira.sandbox.esm.values import Reader, ValueRefused, plain_cell
from airflow_provider_jira.sandbox.esm.world import World

POISON = "POISON"
"""A card that is given a value with this word in it cannot be saved."""


def generated_cells(template: TemplateDef, card_id: int) -> dict[str, list[Cell]]:
    """Return the values that ESM itself gives to a new card."""
    return {
        attribute.code: [Cell(f"{attribute.generated}{card_id}")]
        for attribute in template.attributes
        if attribute.generated
    }


class CardRefused(Exception):
    """A card cannot be saved.

    :param status: the HTTP status that REST has for it
    :param cause: the attribute's refusal, where one attribute is to blame
    """

    def __init__(self, message: str, status: int = 400, cause: ValueRefused | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.cause = cause


class Saver:
    """Saves the cards of one request.

    :param create_references: whether this request asked for unknown references to be created
    :param replaces_entries: whether entries given for a worklog take the place of those that are there
    """

    def __init__(
        self, world: World, user: User, *, create_references: bool = False, replaces_entries: bool = False
    ) -> None:
        self.created_references: list[int] = []
        self._world = world
        self._user = user
        self._takes_names = create_references  # the only call in which a name has a meaning; which one is undocumented
        self._replaces_entries = replaces_entries
        self._create_references = create_references and world.switches.create_references
        self.reader = Reader(
            world.switches, world.signature(user), world.timestamp(), self._target_by_id, self._target_by_name,
            self._target_by_key,
        )  # fmt: skip

    def read(
        self, template: TemplateDef, data: Mapping[str, Any], *, modify: bool
    ) -> tuple[dict[str, list[Cell]], list[ValueRefused]]:
        """Read a REST card's ``data``.

        :param modify: whether an existing card is changed: what an empty list then does is a switch
        :returns: attribute code -> values to store (none: clear), and what was refused
        :raises CardRefused: an attribute was refused and the switch says that this refuses the card
        """
        cells: dict[str, list[Cell]] = {}
        refused: list[ValueRefused] = []
        for code, element in data.items():
            try:
                attribute = self.attribute(template, code)
                found = self.reader.rest(attribute, element)
                if found or not modify or self._clears(attribute):
                    cells[code] = found
            except ValueRefused as error:  # noqa: PERF203 - one attribute's trouble must not stop the next
                refused.append(error)
        if refused and self._world.switches.attribute_errors == "refuse_card":
            raise CardRefused(str(refused[0]), cause=refused[0])
        return cells, refused

    def attribute(self, template: TemplateDef, code: str) -> AttributeDef:
        """Return an attribute that the user may set.

        :raises ValueRefused: there is none, or the user may not
        """
        attribute = template.attribute(code)
        if attribute is None:
            raise ValueRefused(f"Attribute {code} not found from template {template.code}", code, error="Not Found")
        if not self._user.sets(template.code, code):
            raise ValueRefused(f"No permission to attribute {code}", code, attribute.type, "Forbidden")
        return attribute

    def create(self, template: TemplateDef, folder: str, cells: Mapping[str, Sequence[Cell]]) -> int:
        """Make a card and return its id.

        :raises CardRefused: a rule of the module's docstring is broken; nothing is saved
        """
        self._check_folder(template, folder)
        for attribute in template.attributes:
            if attribute.mandatory and not cells.get(attribute.code):
                self._mandatory(attribute)
        self._check_values(template, cells, None)
        with self._world.cards.transaction():
            card_id = self._world.cards.add(template.code, folder)
            self._store(template, card_id, {**generated_cells(template, card_id), **cells})
        return card_id

    def modify(
        self, template: TemplateDef, card: StoredCard, cells: Mapping[str, Sequence[Cell]], folder: str | None = None
    ) -> None:
        """Replace the attributes given; entries of a worklog are added instead.

        :param folder: where the card shall move to
        :raises CardRefused: a rule of the module's docstring is broken; nothing is saved
        """
        if not self._user.writes(card.folder):
            raise CardRefused(f"No permission to update data cards of folder {card.folder}", 403)
        if card.deleted and self._world.switches.modify_trashed == "refuse":
            raise CardRefused(f"Data card {card.id} is in the trashcan")
        if folder is not None and folder != card.folder:
            self._check_folder(template, folder)
        for code, values in cells.items():
            attribute = template.attribute(code)
            if attribute is not None and attribute.mandatory and not values:
                self._mandatory(attribute)
        self._check_values(template, cells, card.id)
        with self._world.cards.transaction():
            self._world.cards.change(card.id, folder=folder)
            self._store(template, card.id, cells)

    def _store(self, template: TemplateDef, card_id: int, cells: Mapping[str, Sequence[Cell]]) -> None:
        cards = self._world.cards
        for code, values in cells.items():
            attribute = template.attribute(code)
            if values and attribute is not None and attribute.type == "worklog" and not self._replaces_entries:
                stored = cards.get(card_id, [code])
                values = [*values, *(stored.cells.get(code, []) if stored else [])]  # noqa: PLW2901 - newest first
            cards.put(card_id, code, values)
        if template.primary in cells:
            cards.change(card_id, name="".join(cell.text for cell in cells[template.primary][:1]))

    def _check_folder(self, template: TemplateDef, folder: str) -> None:
        if folder not in template.folders or folder not in self._world.folders:
            raise CardRefused(f"Template {template.code} is not linked to folder {folder}")
        if not self._user.writes(folder):
            raise CardRefused(f"No permission to create data cards to folder {folder}", 403)

    def _check_values(self, template: TemplateDef, cells: Mapping[str, Sequence[Cell]], card_id: int | None) -> None:
        for code, values in cells.items():
            if any(POISON in cell.text for cell in values):
                raise CardRefused(f"Data card could not be saved: constraint violated near {values[0].text!r}")
            attribute = template.attribute(code)
            if attribute is None or not attribute.unique:
                continue
            for cell in values:
                for other in self._world.cards.having(template.code, code, cell.text):
                    if other.id != card_id and (self._world.switches.unique_counts_trashed or not other.deleted):
                        message = f"Value {cell.text} of attribute {attribute.title} is not unique"
                        raise CardRefused(message, cause=ValueRefused(message, code, attribute.type))

    def _mandatory(self, attribute: AttributeDef) -> None:
        message = f"Mandatory attribute {attribute.title} has no value"
        raise CardRefused(message, cause=ValueRefused(message, attribute.code, attribute.type))

    def _clears(self, attribute: AttributeDef) -> bool:
        if self._world.switches.empty_values == "refuse":
            message = f"Invalid value for attribute {attribute.title}: no values"
            raise ValueRefused(message, attribute.code, attribute.type)
        return self._world.switches.empty_values == "clear"

    def _target_by_id(self, attribute: AttributeDef, card_id: str) -> int:
        target = self._world.cards.get(int(card_id), []) if card_id.isdecimal() else None
        if target is None or target.template not in attribute.targets:
            message = f"Data card {card_id} not found for reference attribute {attribute.title}"
            raise ValueRefused(message, attribute.code, attribute.type)
        return target.id

    def _target_by_name(self, attribute: AttributeDef, text: str) -> int:
        if not self._takes_names:
            message = f"Invalid value for attribute {attribute.title}: a reference needs dataCardId"
            raise ValueRefused(message, attribute.code, attribute.type)
        found = self._having(attribute, text, by_name=True)
        return self._unknown_target(attribute, text) if found is None else found

    def _target_by_key(self, attribute: AttributeDef, text: str) -> int | None:
        found = self._having(attribute, text, by_name=False)
        if found is None and self._world.switches.import_reference == "drop" and not self._create_references:
            return None
        return self._unknown_target(attribute, text) if found is None else found

    def _having(self, attribute: AttributeDef, text: str, *, by_name: bool) -> int | None:
        """Return the card with this unique value (or name); one in the trash only where there is no other."""
        for template in self._target_templates(attribute):
            codes = [candidate.code for candidate in template.attributes if candidate.unique]
            for code in [*codes, template.primary] if by_name else codes:
                found = self._world.cards.having(template.code, code, text)
                if found:
                    return min(found, key=lambda card: (card.deleted, card.id)).id
        return None

    def _target_templates(self, attribute: AttributeDef) -> list[TemplateDef]:
        return [self._world.templates[code] for code in attribute.targets if code in self._world.templates]

    def _unknown_target(self, attribute: AttributeDef, text: str) -> int:
        templates = self._target_templates(attribute)
        if not self._create_references or not templates:
            message = f"Reference {text} not found for attribute {attribute.title}"
            raise ValueRefused(message, attribute.code, attribute.type)
        return self._created_target(templates[0], text)

    def _created_target(self, template: TemplateDef, text: str) -> int:
        now, zone = self._world.now(), self._world.switches.timezone
        # of several unique attributes one alone can be what the text is of: the first
        key = next((attribute.code for attribute in template.attributes if attribute.unique), None)
        cells = {
            attribute.code: [plain_cell(attribute, text, zone, self._user.login, now)]
            for attribute in template.attributes
            if attribute.code in {key, template.primary}
        }
        try:
            card_id = self.create(template, template.folders[0], cells)
        except CardRefused as error:
            raise ValueRefused(str(error), template.primary) from error
        self.created_references.append(card_id)
        return card_id
