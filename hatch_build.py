"""Puts compiled translations into the wheel, so that an installation never writes where its program lies."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledTranslations(BuildHookInterface[Any]):
    """Compiles a copy of locale/: the checkout that is built from stays as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add a .mo file to the wheel for each catalogue; an editable installation compiles by itself."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root, "src")))
        from ombud.project.catalogues import catalogues, compile_catalogues

        self.folder = Path(tempfile.mkdtemp(prefix="ombud-locale-"))
        copy = Path(shutil.copytree(Path(self.root, "locale"), self.folder / "locale"))
        compile_catalogues([copy])
        for file in catalogues(copy):
            compiled = file.with_suffix(".mo")
            build_data["force_include"][str(compiled)] = f"ombud/locale/{compiled.relative_to(copy)}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the copy."""
        if version != "editable":
            shutil.rmtree(self.folder)
