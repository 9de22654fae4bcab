"""What can be chosen about the sandbox's Jira: where the real one's behaviour is unknown, varies, or shall go wrong."""

from __future__ import annotations

from typing import Literal

import msgspec

Touch = Literal["comment", "comment_edit", "comment_delete", "property", "link"]
SCOPES = ("read:jira-work", "write:jira-work", "read:jira-user", "manage:jira-project", "manage:jira-configuration")


class JiraSwitches(msgspec.Struct):
    """Positions of all switches; the defaults are the less pleasant possibility where a client must live with both.

    :param index_lag: seconds until the search index has a change
    :param index_frozen: the index takes no changes at all (they are due at once when it thaws)
    :param short_pages: search pages that are not the last one: always ``full``, every second one with fewer issues
        (``some``), or every second one without any (``empty``)
    :param replay: a page token may be used ``once``, again for the ``latest`` page (as a retry does), or ``always``
    :param walk_life: seconds that a page token lives
    :param end_mark: on the last page, ``nextPageToken`` is ``absent`` or ``null``
    :param unknown_issue: JQL that names the id or key of an issue that is not there: ``refuse`` or ``ignore``
    :param anonymous_search: a search without login: answered ``empty``, or ``refuse`` where it names a project or field
    :param epoch_precision: what an epoch number in JQL is cut down to
    :param repeated_hour: which of the two a date in JQL means when clocks were set back
    :param include_archived: whether search knows ``includeArchivedProjects`` (newer sites do)
    :param warnings: texts that every first page of a search carries as warnings
    :param lost_fields: issue id -> field ids that could not be loaded and are silently left out of answers
    :param failed_fetches: issue id -> how many times bulk fetch reports it in ``issueErrors``
    :param bulkfetch_max: issues a bulk fetch; 1000 on newer sites, under conditions
    :param rate_limits: whether the burst limit is kept
    :param rate_per_second: HTTP method -> requests a second that refill an endpoint's bucket
    :param rate_depth: requests that a bucket holds
    :param retry_after: a 429 carries ``Retry-After`` and ``X-RateLimit-Reset``, only the ``reset``, or ``nothing``
    :param issue_write_limits: whether writes to one issue are limited
    :param profile_time_zone: the caller's zone, in which JQL dates are read; ``None``: hidden, the site's is used
    :param site_time_zone: the zone of the answers' timestamps
    :param clock_offset: seconds by which the server's clock is ahead
    :param scopes: scopes of the scoped token
    :param global_permissions: what the connection's account may do on the site as a whole. ``USER_PICKER`` lets it see
        people and groups, ``ADMINISTER`` makes it Jira's administrator, ``SYSTEM_ADMIN`` (as the sandbox has it) the
        site's, who alone changes people and groups
    :param denied_permissions: what it may not do in projects that it can read; project roles need
        ``ADMINISTER_PROJECTS``, or to be Jira's administrator
    :param denied_in: project key -> what it may not do in that one project
    :param touched_by: what moves an issue's ``updated`` besides edits of its fields and transitions
    :param required_on_create: project key -> ids of fields that its create screens want besides those that all want
    :param create_forbidden: status of a create where the account may not create issues
    :param refused_creates_count: a refused create uses up an issue number, which leaves a gap
    :param resolution: on the ``screen`` of the transitions to a done status (and required there), on ``none``, or set
        by the workflow itself (``post_function``)
    :param resolution_editable: whether the resolution can be set by an edit
    :param required_on_transition: transition id -> ids of fields that are on its screen besides, and required
    :param transition_conflict: seconds after a transition in which another one of the same issue is refused (409)
    :param most_comments: on one issue
    :param bare_invitations: inviting without products an account that has none: ``repeat`` it, or ``refuse`` it
    :param licences_left: people who can still be given access; ``None``: enough
    :param anonymous_users: the list of all people without login: answered ``empty``, or ``refuse``
    :param people_page_limit: larger pages of the list of all people take too long (409); ``None``: none does
    :param people_by_id_max: people that are read by id at once
    :param group_page_max: the largest page of groups
    :param forgotten_people: people whose account was deleted are ``listed`` among all people, or ``absent``
    :param hidden_email: a hidden e-mail address is ``absent``, ``null`` or ``empty``
    :param identity_outage: the service that knows people is down, and answers show fallback values: ``no``, of the
        ``profile`` (all but the account id), or of account ``ids``, too
    """

    index_lag: float = 0
    index_frozen: bool = False
    short_pages: Literal["full", "some", "empty"] = "some"
    replay: Literal["once", "latest", "always"] = "latest"
    walk_life: float = 7 * 24 * 3600
    end_mark: Literal["absent", "null"] = "absent"
    unknown_issue: Literal["refuse", "ignore"] = "refuse"
    anonymous_search: Literal["empty", "refuse"] = "empty"
    epoch_precision: Literal["minute", "millisecond"] = "minute"
    repeated_hour: Literal["first", "second"] = "second"
    include_archived: bool = True
    warnings: tuple[str, ...] = ()
    lost_fields: dict[str, tuple[str, ...]] = {}
    failed_fetches: dict[str, int] = {}
    bulkfetch_max: int = 100
    rate_limits: bool = True
    rate_per_second: dict[str, float] = msgspec.field(
        default_factory=lambda: {"GET": 100.0, "POST": 100.0, "PUT": 50.0, "DELETE": 50.0}
    )
    rate_depth: int = 350
    retry_after: Literal["both", "reset", "nothing"] = "both"
    issue_write_limits: bool = True
    profile_time_zone: str | None = "America/New_York"
    site_time_zone: str = "Europe/Helsinki"
    clock_offset: float = 0
    scopes: tuple[str, ...] = SCOPES
    global_permissions: tuple[str, ...] = ("USER_PICKER", "BULK_CHANGE")
    denied_permissions: tuple[str, ...] = (
        "DELETE_ISSUES", "ADMINISTER_PROJECTS", "EDIT_ALL_COMMENTS", "DELETE_ALL_COMMENTS",
    )  # fmt: skip
    denied_in: dict[str, tuple[str, ...]] = {}
    touched_by: tuple[Touch, ...] = ("comment",)
    required_on_create: dict[str, tuple[str, ...]] = msgspec.field(
        default_factory=lambda: {"OPS": ("customfield_10028",)}
    )
    create_forbidden: Literal[400, 403] = 400
    refused_creates_count: bool = False
    resolution: Literal["screen", "none", "post_function"] = "screen"
    resolution_editable: bool = False
    required_on_transition: dict[str, tuple[str, ...]] = {}
    transition_conflict: float = 0
    most_comments: int = 5000
    bare_invitations: Literal["repeat", "refuse"] = "repeat"
    licences_left: int | None = None
    anonymous_users: Literal["empty", "refuse"] = "empty"
    people_page_limit: int | None = None
    people_by_id_max: int = 200
    group_page_max: int = 50
    forgotten_people: Literal["listed", "absent"] = "listed"
    hidden_email: Literal["absent", "null", "empty"] = "absent"
    identity_outage: Literal["no", "profile", "ids"] = "no"
