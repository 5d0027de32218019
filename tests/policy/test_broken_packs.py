"""Every mistake in a pack has its own file, which begins with the exact messages that it must lead to."""

from pathlib import Path

import pytest

from ombud.policy import PackError, load_sources

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_mistake_is_told_with_its_place_and_what_to_do(path: Path):
    text = path.read_text("utf-8")
    expected = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# pack.yaml:")]
    assert expected, "a broken pack begins with the messages that it leads to"
    with pytest.raises(PackError) as caught:
        load_sources({"pack.yaml": text})
    assert [str(problem) for problem in caught.value.problems] == expected
    codes = {problem.code for problem in caught.value.problems}
    assert codes == {"unknown-name" if ": Unknown " in message else "schema" for message in expected}
