"""The site's people: of every account type, some inactive, many without a visible e-mail address.

What becomes of a person who goes is one of three things, and each looks different. Who was ``removed`` from the site
keeps the profile and is inactive. Who was ``forgotten`` (the account itself was deleted) keeps the account id, and a
placeholder stands in for the profile. A ``corrupt`` record has lost even the account id.
"""

from __future__ import annotations

import random
import uuid
import zlib
from typing import Literal

import msgspec

from airflow_provider_jira.sandbox.jira.catalog import ROBOT_EMAIL, ROBOT_ID

FEWEST = 6
"""Issues need some people to be about."""
FORMER = "Former user"
"""Display name that stands in for a forgotten person's, as seen in recordings of real answers."""
UNKNOWN = "unknown"
"""Account id of every corrupt record."""

_GIVEN = (
    "Aino", "Åsa", "Björn", "Chiara", "Dmitri", "Eero", "Fátima", "Grace", "Håkan", "Ines", "Jörg", "Kaisa",
    "Liam", "Mia", "Noor", "Olli", "Päivi", "Quentin", "Raúl", "Saara", "Tuğba", "Ülle", "Veikko", "Wen", "Yusuf",
    "Zoë",
)  # fmt: skip
_FAMILY = (
    "Virtanen", "Lindström", "Müller", "O'Brien", "Korhonen", "García", "Nguyễn", "van der Berg", "Østergård", "Smith",
    "Mäkinen", "Kowalska", "Ivanova", "Çelik", "Laine", "Tamm",
)  # fmt: skip
_APPS = ("Automation for Jira", "Acme Deploy Bot", "Slack", "Opsgenie", "Acme Import")
_APP_TYPES = (None, "service", None, "agent", "unknown")
_LOCALES = {"Europe/Helsinki": "fi_FI", "Europe/Berlin": "de_DE", "America/New_York": "en_US"}
NAMES = tuple(f"{given} {family}" for given in _GIVEN for family in _FAMILY)


class Person(msgspec.Struct, frozen=True):
    """One account.

    :param account_type: ``atlassian``, ``app`` or ``customer``
    :param email: ``None``: nobody knows it
    :param email_hidden: the profile keeps it to itself
    :param app_type: of an app: ``service``, ``agent`` or ``unknown``; older ones have none
    :param state: what became of the account; see above
    :param access: whether there is a product that the account may use
    :param removable: whether Jira lets go of it
    """

    account_id: str
    name: str
    account_type: str
    active: bool = True
    email: str | None = None
    time_zone: str | None = None
    email_hidden: bool = False
    locale: str | None = None
    app_type: str | None = None
    state: Literal["here", "removed", "forgotten", "corrupt"] = "here"
    access: bool = True
    removable: bool = True

    @property
    def gone(self) -> bool:
        """Whether there is no profile any more."""
        return self.state in {"forgotten", "corrupt"}

    @property
    def user_name(self) -> str:
        """The name that group members are ordered by and that no answer shows: in no order that can be seen."""
        return f"{zlib.crc32(self.account_id.encode()):08x}"

    def leaving(self, state: Literal["removed", "forgotten", "corrupt"]) -> Person:
        """Return what is left of the account."""
        if state == "removed":
            return msgspec.structs.replace(self, active=False, state=state)
        return Person(self.account_id, FORMER, self.account_type, active=False, state=state)


ROBOT = Person(ROBOT_ID, "Connector Robot", "atlassian", email=ROBOT_EMAIL)


def people(seed: int, count: int = 60) -> tuple[Person, ...]:
    """Make up the site's people.

    :param seed: the same people for the same seed and count
    :param count: accounts besides the connection's own: three in four of them Atlassian's, one in twelve an app, the
        others customers. There are some four hundred names; in a large world many people share one
    :returns: the connection's own account first
    :raises ValueError: there are too few to make up issues about
    """
    if count < FEWEST:
        raise ValueError(f"people={count}: a world needs at least {FEWEST}")
    rng = random.Random(f"people {seed}")
    staff, apps = count * 3 // 4, count // 12
    wanted = count - apps
    names = rng.sample(NAMES, min(wanted, len(NAMES)))
    names += rng.choices(NAMES, k=wanted - len(names))
    found = [ROBOT]
    for at, name in enumerate(names[:staff]):
        email = f"person{at}@acme.example" if rng.random() < 0.6 else None
        zone = rng.choice(list(_LOCALES)) if email else None
        found.append(
            Person(
                account_id(rng),
                name,
                "atlassian",
                active=at % 9 != 8,
                email=email,
                time_zone=zone,
                locale=_LOCALES[zone] if zone and at % 2 else None,
            )
        )
    for at in range(apps):
        id_ = f"557058:{_uuid(rng)}"
        name = _APPS[at] if at < len(_APPS) else f"{_APPS[at % len(_APPS)]} {at}"
        found.append(Person(id_, name, "app", active=at % 5 != 4, app_type=_APP_TYPES[at % 5]))
    found.extend(Person(f"qm:{_uuid(rng)}:{rng.getrandbits(32)}", name, "customer") for name in names[staff:])
    return tuple(found)


def account_id(rng: random.Random) -> str:
    """Make up the account id of a person: one of the two forms that there are."""
    if rng.random() < 0.5:
        return f"{rng.getrandbits(96):024x}"
    return f"712020:{_uuid(rng)}"


def _uuid(rng: random.Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)
