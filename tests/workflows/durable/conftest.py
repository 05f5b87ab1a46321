"""The durable fixtures, for the tests of the shell."""

from tests.durable import client, shell, temporal

__all__ = ["client", "shell", "temporal"]
