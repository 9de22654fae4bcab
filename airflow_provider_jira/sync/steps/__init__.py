"""The steps of a run, one a file, in the order ``plan -> extract -> review -> load -> mark_removed -> commit``."""
