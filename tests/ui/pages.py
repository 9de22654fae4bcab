"""What the tests of Airflow's pages share: the browser, and how to wait for a page."""

from __future__ import annotations

import os
import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

NEEDS_BROWSER = [
    pytest.mark.browser,
    pytest.mark.airflow,
    pytest.mark.skipif(CHROMIUM is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]


def settle(part) -> None:
    """Wait until whatever fades in has done so, for the picture's sake."""
    part.evaluate("part => Promise.all(part.getAnimations({subtree: true}).map(each => each.finished))")
