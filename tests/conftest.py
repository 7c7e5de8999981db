"""What all tests share: hypothesis plays the same examples every time, no example is failed for being slow, no run is kept."""

from __future__ import annotations

import os

import hypothesis

hypothesis.settings.register_profile("same every time", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("exploring", deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("CCSIM_HYPOTHESIS", "same every time"))

# Commands that tests start would otherwise write into the history of whoever runs the tests.
os.environ["CCSIM_HISTORY"] = "off"
