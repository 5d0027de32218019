"""No module needs another that needs it: neither when it runs nor for its types."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

IMPORTS = grimp.build_graph("ombud", cache_dir=None)


def sorted_out(needs: dict[str, set[str]]) -> None:
    TopologicalSorter(needs).prepare()


def test_no_modules_import_each_other_in_a_circle():
    needs = {each: set(IMPORTS.find_modules_directly_imported_by(each)) for each in IMPORTS.modules}
    assert len(needs) > 900
    sorted_out(needs)


def test_a_circle_would_be_found():
    needs = {each: set(IMPORTS.find_modules_directly_imported_by(each)) for each in IMPORTS.modules}
    needs["ombud.cases.models"].add("ombud.portal.pages")
    with pytest.raises(CycleError):
        sorted_out(needs)
