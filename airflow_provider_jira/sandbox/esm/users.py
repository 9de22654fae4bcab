"""Who may log in, and what they may see and do.

ESM's rights are roles over folders, templates and attributes. Here a user names them directly. What a user may not read
looks like nothing at all (an empty attribute, a missing card), because that is how REST shows it.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class User(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One local ESM user.

    :param password: clear text; these are nobody's passwords
    :param name: display name; the login where there is none
    :param rest: has the External API permission
    :param webapi: has the Web API role
    :param hidden_attributes: template code -> attribute codes that the user may neither read nor write
    :param read_only_attributes: template code -> attribute codes that the user may read but not write
    :param folders: folder code -> rights; a folder that is not named may be written
    :param hidden_templates: template codes that do not exist for this user
    """

    login: str
    password: str
    rest: bool = True
    webapi: bool = True
    hidden_attributes: dict[str, tuple[str, ...]] = {}
    read_only_attributes: dict[str, tuple[str, ...]] = {}
    folders: dict[str, Literal["none", "read", "write"]] = {}
    hidden_templates: tuple[str, ...] = ()
    name: str = ""

    def sees(self, template: str, attribute: str) -> bool:
        return attribute not in self.hidden_attributes.get(template, ())

    def sets(self, template: str, attribute: str) -> bool:
        return self.sees(template, attribute) and attribute not in self.read_only_attributes.get(template, ())

    def reads(self, folder: str) -> bool:
        return self.folders.get(folder, "write") != "none"

    def writes(self, folder: str) -> bool:
        return self.folders.get(folder, "write") == "write"

    def unreadable_folders(self) -> tuple[str, ...]:
        return tuple(folder for folder, right in self.folders.items() if right == "none")


USERS: tuple[User, ...] = (
    User("webapi", "sandbox-password", name="Integration user"),
    User("directory.user", "sandbox-password", rest=False, webapi=False),
)
