"""How long runs take, what they ask of both sides, and what memory they need: ``make bench``.

The sandbox's Jira and ESM run in processes of their own, and every run of the engine in one more, so that its peak
memory is its own. Airflow is left out: what is measured is the provider. Nothing here asserts a time; a run that does
not do what its scenario says (a second run that writes something) makes the benchmark fail.
"""
