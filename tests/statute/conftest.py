"""How long Hypothesis looks: a moment with HYPOTHESIS_PROFILE=brief (`make fast`), a while by default, all night with nightly.

By day it looks at the same examples each time, so that what it finds is found where it was made; by night at new ones.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "usual")

settings.register_profile("brief", max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("usual", max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", max_examples=20_000, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck))
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A night is longer than the time that a test may take by day."""
    if PROFILE == "nightly":
        for item in items:
            item.add_marker(pytest.mark.timeout(0))
