"""Icons are drawn as lucide draws them, from its archive opened once."""

from __future__ import annotations

import lucide
import pytest

from ombud.interface.drawings import drawn


@pytest.mark.parametrize("name", ["circle-check", "triangle-alert", "send", "a-arrow-down"])
def test_an_icon_is_drawn_as_lucide_draws_it(name: str) -> None:
    attributes = {"class": "icon", "aria-hidden": "true"}
    assert drawn(name, attributes) == lucide._render_icon(name, 18, **attributes)


def test_there_is_no_drawing_of_what_is_no_icon() -> None:
    with pytest.raises(KeyError):
        drawn("no-such-icon", {})
