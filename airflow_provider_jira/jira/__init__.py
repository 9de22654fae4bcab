"""The Jira Cloud client: who is asked, how fast, what an answer proves, and what went wrong where it does not.

``client`` is what a run uses; the other files are its parts, one concern each: ``settings`` (how to reach a site),
``auth`` (which address, whose answer), ``limits`` (how fast), ``retry`` (once more, or not), ``paging`` (when a list
ends), ``answers`` (from an HTTP answer to a typed error), ``errors`` (the tree), ``records`` (what is handed out).
Nothing here knows Airflow.
"""
