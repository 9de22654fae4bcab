"""The behaviours of ESM that no public source settles, each as a switch.

A client has to work with every setting. Defaults are what seems likeliest. ``GET/PATCH /_sandbox/switches`` reads and
changes them while the server runs; an unknown name or setting is refused.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    """Settings of one sandbox ESM.

    :param empty_list: status of a list without cards: an empty page or a 404
    :param count: what ``meta.count`` of a list page holds: cards matching the filter, or cards on this page
    :param next_link: whether ``meta.links.next`` repeats only limit and position, every parameter, or is left out
    :param missing_limit: whether a list without ``limit`` gets 50 cards or a 400
    :param stream: framing of the stream: one JSON document, a bare JSON array, or one card a line
    :param metadata_style: template metadata as older clients saw it, or with upper-case types and localised static
        values
    :param token_seconds: life of a login token
    :param token_place: where the login answer holds the token
    :param bulk_order: order of a bulk answer's items against the request's
    :param bulk_failed_card: what a bulk item that failed to create has as ``dataCard``
    :param bulk_failure: after a card that cannot be saved: go on, stop with the rest unhandled and unnamed, or refuse
        the whole batch with 400 and save nothing
    :param bulk_limit: more cards than this in one bulk request are refused with 400; ``None`` = no limit
    :param attribute_errors: an attribute that cannot be set leaves the rest of the card saved, or refuses the card
    :param empty_values: what ``{"values": []}`` does to an attribute when a card is modified
    :param static_code_only: whether a static value may be named by its code alone
    :param fractions: whether fractional seconds of a datetime are cut off or refused
    :param create_references: whether an unknown reference may be created (REST: with ``createEmptyReferences=true``)
    :param modify_trashed: whether a card in the trash can still be changed
    :param unique_counts_trashed: whether a card in the trash still occupies its unique values
    :param trash_in_list: whether cards in the trash are among a list's or search's results: always, only when the
        filter names the ``deleted`` property, or never
    :param hidden_in_list: the same for hidden cards
    :param eql_quote: how a quote inside a literal is written: ``''`` or a backslash before it
    :param eql_not_equal_matches_empty: whether ``$a$ <> 'x'`` is true of a card without any value in ``a``
    :param webapi_error_status: HTTP status of the Web API's ``<error>`` answers
    :param search_unknown_template: answer to a search that names a template that does not exist
    :param import_failure: after an entity that cannot be saved: go on, stop and report so far, or stop and answer with
        ``<error>`` although earlier entities were saved
    :param import_reference: what becomes of an entity's reference whose card is not there (and is not created): the
        entity is not saved, or saved and counted without that reference
    :param import_folder: whether the folder that an import names is for new cards only, or updated ones move there, too
    :param import_worklog: whether an import's values for a worklog are added to its entries or take their place
    :param worklog_author: whether entries are signed with a user's login or display name
    :param import_report: whether the import report has more than the two counters that are known
    :param timezone: IANA zone of the server: the Web API's dates are in it
    """

    empty_list: Literal["200", "404"] = "200"
    count: Literal["total", "page"] = "page"
    next_link: Literal["bare", "full", "none"] = "bare"
    missing_limit: Literal["accept", "refuse"] = "accept"
    stream: Literal["json", "array", "ndjson"] = "json"
    metadata_style: Literal["plain", "localised"] = "plain"
    token_seconds: int = 900
    token_place: Literal["both", "body", "header"] = "both"  # noqa: S105 - where it is, not what
    bulk_order: Literal["request", "reversed", "modified_first"] = "request"
    bulk_failed_card: Literal["absent", "null"] = "absent"
    bulk_failure: Literal["skip", "abort", "refuse_batch"] = "skip"
    bulk_limit: int | None = None
    attribute_errors: Literal["save_rest", "refuse_card"] = "save_rest"
    empty_values: Literal["clear", "ignore", "refuse"] = "clear"
    static_code_only: Literal["accept", "refuse"] = "accept"
    fractions: Literal["cut", "refuse"] = "cut"
    create_references: bool = False
    modify_trashed: Literal["save", "refuse"] = "refuse"
    unique_counts_trashed: bool = True
    trash_in_list: Literal["always", "named", "never"] = "named"
    hidden_in_list: Literal["always", "named", "never"] = "always"
    eql_quote: Literal["doubled", "backslash"] = "doubled"
    eql_not_equal_matches_empty: bool = False
    webapi_error_status: int = 200
    search_unknown_template: Literal["empty", "error"] = "empty"
    import_failure: Literal["skip", "abort", "error"] = "skip"
    import_reference: Literal["refuse", "drop"] = "refuse"
    import_folder: Literal["new", "every"] = "new"
    import_worklog: Literal["append", "replace"] = "append"
    worklog_author: Literal["login", "name"] = "login"
    import_report: Literal["full", "counts"] = "full"
    timezone: str = "UTC"
