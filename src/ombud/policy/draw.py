"""A picture of a procedure: its phases downwards, beside each the acts that lead on, as one SVG.

Colours come from the page (`currentColor`, and classes to style), so light and dark both work,
and there are no style attributes, which a strict content-security policy would refuse.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape

from ombud.policy.event_names import APPROVED, REJECTED
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN, Procedure
from ombud.policy.procedure import BACK, STAY, acts_everywhere, destinations, phase_order, waits_in
from ombud.policy.vocabulary import CLOCK, MACHINES
from ombud.texts import Catalogue, Text, spoken

SIZE, LINE, PAD, GAP, BOX, LANE, WIDE = 13, 20, 14, 30, 190, 14, 460
WORDS = Catalogue("ombud.policy", "words.yaml")


@dataclass(frozen=True, slots=True)
class _Arrow:
    source: int  # rows
    target: int
    is_quiet: bool  # taken by the clock


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    kind: str  # moves, stays


def draw(pack: Pack, language: str = "zh", procedure: str = MAIN) -> str:
    """Return an SVG document of the procedure's phases and acts, labelled in `language`."""
    return _Drawing(pack, pack.procedures[procedure], language).svg()


class _Drawing:
    def __init__(self, pack: Pack, procedure: Procedure, language: str) -> None:
        self.pack, self.procedure, self.language = pack, procedure, language
        self.rows = phase_order(procedure)
        self.everywhere = acts_everywhere(procedure)  # told once, below the picture
        self.waits = {chain.id: waits_in(procedure, chain) for chain in procedure.chains.values()}
        self.lines = [self._lines(phase) for phase in self.rows]
        self.arrows = self._arrows()
        self.lanes = _lanes(self.arrows)
        self.left = PAD + LANE * (1 + max((lane for lane in self.lanes.values()), default=-1)) + LANE
        self.tops: list[int] = []
        top = PAD
        for lines in self.lines:
            self.tops.append(top)
            top += max(2 * LINE, LINE * len(lines)) + GAP
        self.foot = top

    def word(self, key: str) -> str:
        return self.text(WORDS.entry(key))

    def text(self, text: Text) -> str:
        return spoken(text, self.language)

    def phase(self, id: str) -> str:
        return self.text(self.procedure.phases[id].title)

    def _lines(self, phase: str) -> list[_Line]:
        acts = [
            act for act in self.procedure.acts.values() if phase in act.from_phases and act.id not in self.everywhere
        ]
        moves = [line for act in acts if destinations(act) for line in self._act(act)]
        stays = [self.text(act.title) for act in acts if not destinations(act)]
        return [*moves, *self._decisions(phase), *(_Line(text, "stays") for text in _wrapped(stays))]

    def _decisions(self, phase: str) -> list[_Line]:
        """Return what approvals that are pending in a phase lead to."""
        return [
            _Line(f"{self.said(self.approval(chain), self.word(end))} → {self.phase(to)}", "moves")
            for chain in self.procedure.chains.values()
            if phase in self.waits[chain.id]
            for end, to in ((APPROVED, chain.approved), (REJECTED, chain.rejected))
            if to
        ]

    def _act(self, act: Act) -> list[_Line]:
        title = self.text(act.title)
        who = [self.word(role) if role in MACHINES else self.role(role) for role in act.by]
        said = self.word("by").format(title, self.word("and").join(who)) if len(who) <= 3 else title
        if act.starts:
            said += f" · {self.approval(self.procedure.chains[act.starts])}"
        if act.choice:
            titles = self.pack.fields[act.choice].of if act.choice in self.pack.fields else {}
            return [
                _Line(f"{self.said(said, self.text(titles.get(value, {'en': value})))} → {self.place(to)}", "moves")
                for value, to in act.choices.items()
            ]
        if act.to is None:
            return [_Line(said, "stays")]
        return [_Line(f"{said} → {self.place(act.to)}", "moves")]

    def approval(self, chain: Chain) -> str:
        return self.word("approval").format(self.text(chain.title))

    def said(self, what: str, how: str) -> str:
        """Return two words apart, as the language sets them apart."""
        return self.word("said").format(what, how)

    def role(self, id: str) -> str:
        return self.text(self.pack.roles[id].title) if id in self.pack.roles else id

    def place(self, to: str) -> str:
        return self.word({BACK: "back", STAY: "stays"}[to]) if to in (BACK, STAY) else self.phase(to)

    def _arrows(self) -> list[_Arrow]:
        found: dict[tuple[int, int], bool] = {}
        index = {id: row for row, id in enumerate(self.rows)}
        moves = [
            (source, target, act.by == (CLOCK,))
            for act in self.procedure.acts.values()
            if act.id not in self.everywhere
            for source in act.from_phases
            for target in destinations(act)
        ]
        for chain in self.procedure.chains.values():
            moves += [
                (source, to, False)
                for source in sorted(self.waits[chain.id])
                for to in (chain.rejected, chain.approved)
                if to
            ]
        for source, target, is_quiet in moves:
            if source in index and target in index and source != target:
                key = (index[source], index[target])
                found[key] = found.get(key, True) and is_quiet
        return [_Arrow(*key, is_quiet) for key, is_quiet in sorted(found.items())]

    def svg(self) -> str:
        body = [*self._boxes(), *(self._arrow(arrow) for arrow in self.arrows), *self._footer()]
        width = (
            self.left
            + BOX
            + 2 * PAD
            + max(
                [_width(line.text) for lines in self.lines for line in lines]
                + [_width(text) for text in self._foot_lines()],
                default=0,
            )
        )
        height = self.foot + LINE * (len(self._foot_lines()) + 1)
        label = escape(self.word("label").format(self.text(self.procedure.title)), quote=True)
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" viewBox="0 0 {width:.0f} {height}" '
                f'width="{width:.0f}" height="{height}" role="img" aria-label="{label}" lang="{escape(self.language)}" '
                f'font-family="system-ui, sans-serif" font-size="{SIZE}" fill="currentColor">',
                '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
                'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>',
                *body,
                "</svg>",
            ]
        )

    def _boxes(self) -> list[str]:
        parts = []
        for row, id in enumerate(self.rows):
            phase, y = self.procedure.phases[id], self.tops[row]
            ends = " diagram-edge" if phase.is_start or phase.is_end else ""
            parts.append(
                f'<g class="diagram-phase{ends}"><rect x="{self.left}" y="{y}" width="{BOX}" height="{2 * LINE}" '
                f'rx="{LINE if ends else 8}" fill="currentColor" fill-opacity="{0.12 if ends else 0.05}" '
                f'stroke="currentColor" stroke-opacity="0.55"/><text x="{self.left + BOX / 2:.0f}" '
                f'y="{y + LINE + 5}" text-anchor="middle" font-weight="600">{escape(_fit(self.phase(id)))}</text></g>'
            )
            for number, line in enumerate(self.lines[row]):
                faint = ' fill-opacity="0.65"' if line.kind == "stays" else ""
                parts.append(
                    f'<text class="diagram-act diagram-{line.kind}" x="{self.left + BOX + PAD}" '
                    f'y="{y + LINE * number + SIZE + 2}"{faint}>{escape(line.text)}</text>'
                )
        return parts

    def _arrow(self, arrow: _Arrow) -> str:
        dash = ' stroke-dasharray="4 3"' if arrow.is_quiet else ""
        if arrow not in self.lanes:
            x = self.left + BOX // 2
            path = f"M{x} {self.tops[arrow.source] + 2 * LINE}V{self.tops[arrow.target] - 1}"
        else:
            x = self.left - LANE * (self.lanes[arrow] + 1)
            # Arrows leave in the lower half of a box and arrive in the upper one, so that the two can be told apart.
            start, end = self.tops[arrow.source] + LINE + 8, self.tops[arrow.target] + LINE - 8
            turn = 6 if end > start else -6
            out = f"M{self.left} {start}H{x + 6}Q{x} {start} {x} {start + turn}"
            path = f"{out}V{end - turn}Q{x} {end} {x + 6} {end}H{self.left - 1}"
        return (
            f'<path class="diagram-arrow" d="{path}" fill="none" stroke="currentColor" stroke-opacity="0.6" '
            f'stroke-width="1.3"{dash} marker-end="url(#tip)"/>'
        )

    def _foot_lines(self) -> list[str]:
        acts = [
            line.text
            for id in self.procedure.acts
            if id in self.everywhere
            for line in self._act(self.procedure.acts[id])
        ]
        return [f"{self.word('anywhere')}:", *acts] if acts else []

    def _footer(self) -> list[str]:
        return [
            f'<text class="diagram-act" x="{self.left + (PAD if number else 0)}" y="{self.foot + LINE * number}" '
            f'fill-opacity="{0.65 if number else 1}">{escape(text)}</text>'
            for number, text in enumerate(self._foot_lines())
        ]


def _lanes(arrows: list[_Arrow]) -> dict[_Arrow, int]:
    """Return a lane for each arrow that does not simply go one row down; the short ones run nearest the boxes."""
    taken: list[list[tuple[int, int]]] = []
    lanes = {}
    for arrow in sorted(arrows, key=lambda a: (abs(a.target - a.source), a.source)):
        if arrow.target == arrow.source + 1:
            continue
        low, high = sorted((arrow.source, arrow.target))
        lane = next(
            (n for n, spans in enumerate(taken) if all(high < start or low > end for start, end in spans)), len(taken)
        )
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        lanes[arrow] = lane
    return lanes


def _wrapped(titles: list[str]) -> list[str]:
    """Return the titles one after another, in lines that are not too wide."""
    lines: list[str] = []
    for title in titles:
        if lines and _width(f"{lines[-1]} · {title}") <= WIDE:
            lines[-1] += f" · {title}"
        else:
            lines.append(title)
    return lines


def _width(text: str) -> float:
    """Return about how wide a text is: Chinese characters are square, Latin ones about half as wide."""
    return sum(SIZE if unicodedata.east_asian_width(char) in "WF" else SIZE * 0.56 for char in text)


def _fit(text: str) -> str:
    while _width(text) > BOX - 12:
        text = text[:-2] + "…"
    return text
