"""A Jira Cloud to run against: REST API v3, as far as the connector uses it, over a generated world."""
