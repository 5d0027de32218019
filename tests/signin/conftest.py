"""What the tests of signing in share: the clock of the workbench's tests."""

from workbench.conftest import clock, later, sign_in  # noqa: F401  # fixtures
