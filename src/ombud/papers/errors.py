"""What can keep a paper from being made."""

from __future__ import annotations

from collections.abc import Iterable


class PaperError(Exception):
    """The paper cannot be made."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class TooMuch(PaperError):
    """Setting the paper took longer, or more memory, than one paper may."""


class MissingFont(PaperError):
    """No font here has the letters of this text."""

    def __init__(self, scripts: Iterable[str], packages: Iterable[str]) -> None:
        self.scripts, self.packages = sorted(set(scripts)), sorted(set(packages))
        super().__init__(f"no font for {', '.join(self.scripts)}: install {', '.join(self.packages)}")
