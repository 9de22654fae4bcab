"""The site's people: of every account type, some inactive, many without a visible e-mail address."""

from __future__ import annotations

import random
import uuid
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.catalog import ROBOT_EMAIL, ROBOT_ID

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


class Person(msgspec.Struct, frozen=True):
    """One account.

    :param account_type: ``atlassian``, ``app`` or ``customer``
    :param email: ``None`` where the profile hides it
    """

    account_id: str
    name: str
    account_type: str
    active: bool = True
    email: str | None = None
    time_zone: str | None = None

    def described(self, base: str) -> dict[str, Any]:
        """Return the account as Jira's answers show it.

        :param base: base URL of ``self`` links
        """
        shown: dict[str, Any] = {
            "self": f"{base}/rest/api/3/user?accountId={self.account_id}",
            "accountId": self.account_id,
        }
        if self.email is not None:
            shown["emailAddress"] = self.email
        shown["avatarUrls"] = {f"{n}x{n}": f"{base}/avatars/{n}.png" for n in (16, 24, 32, 48)}
        shown["displayName"] = self.name
        shown["active"] = self.active
        if self.time_zone is not None:
            shown["timeZone"] = self.time_zone
        shown["accountType"] = self.account_type
        return shown


ROBOT = Person(ROBOT_ID, "Connector Robot", "atlassian", email=ROBOT_EMAIL)


def people(seed: int) -> tuple[Person, ...]:
    """Make up the site's people.

    :param seed: the same people for the same seed
    :returns: the connection's own account first, then 45 of Atlassian's, 5 apps, 10 customers
    """
    rng = random.Random(f"people {seed}")
    found = [ROBOT]
    names = rng.sample([f"{given} {family}" for given in _GIVEN for family in _FAMILY], 55)
    for at, name in enumerate(names[:45]):
        email = f"person{at}@acme.example" if rng.random() < 0.6 else None
        zone = rng.choice(["Europe/Helsinki", "Europe/Berlin", "America/New_York"]) if email else None
        found.append(Person(_account_id(rng), name, "atlassian", active=at % 9 != 8, email=email, time_zone=zone))
    for at, name in enumerate(_APPS):
        found.append(Person(f"557058:{uuid.UUID(int=rng.getrandbits(128), version=4)}", name, "app", active=at != 4))
    found.extend(
        Person(f"qm:{uuid.UUID(int=rng.getrandbits(128), version=4)}:{rng.getrandbits(32)}", name, "customer")
        for name in names[45:]
    )
    return tuple(found)


def _account_id(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return f"{rng.getrandbits(96):024x}"
    return f"712020:{uuid.UUID(int=rng.getrandbits(128), version=4)}"
