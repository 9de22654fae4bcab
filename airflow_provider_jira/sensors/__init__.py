"""Tasks that wait: for an issue to reach a status, for JQL to have results, for a data card to match a filter.

They wait in the triggerer and hold no worker, unless told otherwise (``deferrable=False``).
"""
