"""How long Hypothesis looks: a moment by default, all night with HYPOTHESIS_PROFILE=nightly."""

import os

import pytest
from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "fast")

settings.register_profile("fast", max_examples=60, deadline=None, derandomize=False, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", max_examples=20_000, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck))
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A night is longer than the time that a test may take by day."""
    if PROFILE == "nightly":
        for item in items:
            item.add_marker(pytest.mark.timeout(0))
