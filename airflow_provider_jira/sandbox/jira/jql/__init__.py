"""The sandbox's JQL: read, checked against the site, and turned into SQL."""
