"""The Jira Cloud client: who is asked, how fast, what an answer proves, and what went wrong where it does not.

``client`` is what a run uses; the other files are its parts, one concern each: ``settings`` (how to reach a site),
``auth`` (which address, whose answer), ``limits`` (how fast), ``retry`` (once more, or not), ``paging`` (when a list
ends, and whether it held still), ``steady`` (again where it did not), ``side_by_side`` (several questions at once),
``answers`` (from an HTTP answer to a typed error), ``errors`` (the tree), ``records`` (what is handed out). ``people``
holds the questions about people and groups, with ``roles`` and ``looking_up`` (by id) as its parts.

``writing`` and ``people_writing`` are what an event task uses: they change Jira. The first has as parts ``reading``
(issues as they are now), ``screens`` (what may be set), ``comments`` and ``comment_reading``, and ``transitions``;
``issue_budget`` says how often one issue may be written to, ``wording`` holds Jira's words where only they tell one
refusal from another, and ``people_refusals`` says what they mean.
Nothing here knows Airflow.
"""
