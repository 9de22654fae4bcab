"""What a site's administrators have set up: projects, issue types, statuses and the choices of select fields."""

from __future__ import annotations

import msgspec

ROBOT_ID = "712020:3f6b1c52-6e0f-4c55-9f0e-5d2b7a1c9e10"
ROBOT_EMAIL = "robot@acme.example"
CLOUD_ID = "8f2a6c1e-4b7d-4f0a-9c35-6d1e0b9a7c42"
SITE_TITLE = "Acme"


class Project(msgspec.Struct):
    """One project.

    :param readable: whether the connection's account may browse it
    :param archived: archived projects are left out of searches, and can be read by id
    """

    id: int
    key: str
    name: str
    kind: str
    readable: bool = True
    archived: bool = False


PROJECTS = (
    (10000, "SUP", "Customer support", "service_desk"),
    (10001, "OPS", "Operations", "software"),
    (10002, "HR", "Human resources", "business"),
)

ISSUE_TYPES = {"Bug": 10004, "Task": 10005, "Story": 10006, "Sub-task": 10007}
STATUSES = {
    "Open": (1, "new"),
    "In Progress": (3, "indeterminate"),
    "Waiting for customer": (10100, "indeterminate"),
    "In Review": (10101, "indeterminate"),
    "Done": (10102, "done"),
    "Rejected": (10103, "done"),
}
STATUS_CATEGORIES = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}
RESOLUTIONS = {"Fixed": 10200, "Done": 10201, "Won't Do": 10202, "Duplicate": 10203, "Cannot Reproduce": 10204}
PRIORITIES = {"Highest": 1, "High": 2, "Medium": 3, "Low": 4, "Lowest": 5}
COMPONENTS = {"Portal": 10300, "Billing": 10301, "Mobile app": 10302, "Network": 10303}
VERSIONS = {"2026.1": 10400, "2026.2": 10401, "2026.3": 10402}
SPRINTS = {1: ("SUP Sprint 1", "closed"), 2: ("SUP Sprint 2", "closed"), 3: ("SUP Sprint 3", "active")}
LABELS = ("vip", "outage", "audit", "needs-info", "regression", "hardware", "päivitys", "third_party")
GROUPS = {
    "jira-users-acme": "0f1f3b7a-9a53-4a1a-8a3e-0f6f2d1c0001",
    "sup-agents": "0f1f3b7a-9a53-4a1a-8a3e-0f6f2d1c0002",
    "sup-leads": "0f1f3b7a-9a53-4a1a-8a3e-0f6f2d1c0003",
    "jira-servicemanagement-customers-acme": "0f1f3b7a-9a53-4a1a-8a3e-0f6f2d1c0004",
}
ROLES = {
    10002: ("Administrators", "Those who set up the project."),
    10100: ("Developers", "Those who work on its issues."),
    10101: ("Service Desk Team", "Those who answer its customers."),
}
"""Project roles: every project has all of them, with holders of its own."""
ADMIN_ROLE = 10002
GLOBAL_PERMISSIONS = ("ADMINISTER", "USER_PICKER", "BULK_CHANGE", "SYSTEM_ADMIN", "MANAGE_GROUP_FILTER_SUBSCRIPTIONS")
PROJECT_PERMISSIONS = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "TRANSITION_ISSUES",
    "RESOLVE_ISSUES",
    "ADD_COMMENTS",
    "ASSIGN_ISSUES",
    "MODIFY_REPORTER",
    "LINK_ISSUES",
    "EDIT_OWN_COMMENTS",
    "EDIT_ALL_COMMENTS",
    "DELETE_OWN_COMMENTS",
    "DELETE_ALL_COMMENTS",
    "DELETE_ISSUES",
    "ADMINISTER_PROJECTS",
)
