"""Looking at a procedure through small memories instead of one large one.

One graph that remembers everything a guard reads is too large, so each guard gets a view: the graph that remembers what
this guard reads and takes the others as open. A view shows at least all that can happen; what is impossible in one view
is impossible. What seems possible is shown by a way, and the way is tried on a case that remembers everything; where it
fails there, the view is refined by what the failing act reads and asked again, until a way holds or none is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ombud.checks.messages import phrase
from ombud.checks.model.abstract_state import Component, Space
from ombud.checks.model.duty_flow import DutyFlow, Suspect, components
from ombud.checks.model.explore import Explorer, TooLarge, explore
from ombud.checks.model.graph import Graph, Move, events_of
from ombud.checks.wording import act_title, path, phase_title
from ombud.policy.model.duties import Duty
from ombud.policy.model.guards import Guard
from ombud.policy.model.procedures import Procedure
from ombud.policy.procedure import act_of, chain_of
from ombud.texts import Text

ROUNDS = 12


class Refinement:
    """The graphs of one procedure, each built once."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.whole = Explorer(space.pack, space.procedure, space)
        self._graphs: dict[frozenset[Component], DutyFlow | None] = {}

    def view(self, parts: Iterable[Component]) -> DutyFlow | None:
        """Return the view that remembers these components, or None if it is too large."""
        narrowed = self.space.tracking(parts)
        key = frozenset(narrowed.tracked)
        if key not in self._graphs:
            try:
                self._graphs[key] = DutyFlow(explore(narrowed))
            except TooLarge:
                self._graphs[key] = None
        return self._graphs[key]

    def all(self) -> Iterator[DutyFlow]:
        """Yield one view for every guard whose reads are not part of another's."""
        wanted = {frozenset(self.space.reads(guard)) for guard in self.space.guards} or {frozenset()}
        for phase in self.space.procedure.phases:  # automatic acts answer each other, so they are looked at together
            autos = [a for a in self.space.procedure.acts.values() if a.is_auto and phase in a.from_phases]
            wanted.add(frozenset(part for act in autos for part in self.space.reads(act.when)))
        wanted |= set(self._entangled())
        for parts in sorted(wanted, key=lambda each: (len(each), sorted(each))):
            if any(parts < other for other in wanted):
                continue
            view = self.view(parts) or self.view([])
            if view is not None:
                yield view

    def _entangled(self) -> Iterator[frozenset[Component]]:
        """Yield what the conditions read of acts that ask about each other and about the same fact.

        Taken one by one they may seem possible, each with another value of that fact.
        """
        space = self.space
        acts = {act.id: act for act in space.procedure.acts.values() if act.when}
        reads = {id: frozenset(space.reads(act.when)) for id, act in acts.items()}
        facts = {id: {part for part in parts if part[0] == "var"} for id, parts in reads.items()}
        asked = {id: _asked_about(space.procedure, act.when) for id, act in acts.items()}
        ahead = {id: [other for other in acts if other in asked[id] and facts[id] & facts[other]] for id in acts}
        for group in components(ahead):
            if len(group) > 1:
                yield frozenset[Component]().union(*(reads[id] for id in group))

    def prove(
        self,
        view: DutyFlow,
        suspect: Callable[[DutyFlow], Suspect | None],
        doubts: Callable[[DutyFlow, Suspect], Sequence[Component]] | None = None,
        *,
        at_rest: bool = True,
    ) -> tuple[DutyFlow, Suspect] | None:
        """Return the suspect with a way that can really be gone, in the view that shows it; None if there is none."""
        for _ in range(ROUNDS):
            found = suspect(view)
            if found is None:
                return None
            unsure = self.obstacle(view, found[1], at_rest=at_rest)
            if unsure is None:
                return None
            if not unsure and doubts is not None:
                unsure = list(doubts(view, found))
            if not unsure:
                return view, found
            finer = self.view([*view.graph.space.tracked, *unsure])
            if finer is None or finer is view:
                return None
            view = finer
        return None

    def obstacle(self, view: DutyFlow, steps: Sequence[Move], *, at_rest: bool) -> list[Component] | None:
        """Return what the act reads at which a way fails once everything is remembered: [] if it does not fail."""
        phases = [view.graph.nodes[move.target].phase for move in steps]
        failed = self.whole.follow(list(zip(steps, phases, strict=True)), at_rest=at_rest)
        if failed is None:
            return []
        acts = self.space.procedure.acts.values()
        if failed < len(steps):
            blamed = [act for act in acts if act.id == steps[failed].act]
        else:
            blamed = [act for act in acts if act.is_auto and phases and phases[-1] in act.from_phases]
        reads = {part for act in blamed for part in self.space.reads(act.when)}
        return sorted(reads - set(view.graph.space.slot)) or None


def _asked_about(procedure: Procedure, guard: Guard | None) -> set[str]:
    """Return the acts on which a condition hangs: by name, by what they start, or by the duties that they touch."""
    if guard is None:
        return set()
    found = {procedure.chains[chain].starts for chain in guard.chains}
    names = {*guard.acts, *(name for id in guard.duties for name in _touching(procedure.duties[id]))}
    for name in names:
        chain, act = chain_of(procedure, name), act_of(procedure, name)
        found |= {chain.starts} if chain else {act.id} if act else set()
    return found


def _touching(duty: Duty) -> set[str]:
    return {*duty.after, *duty.do, *duty.until}


def way(graph: Graph, steps: Sequence[Move]) -> Text:
    """Return a way in the titles of its acts."""
    return path([act_title(graph.pack, graph.procedure, name) for name in events_of(steps)])


def way_to(views: Refinement, phase: str, *then: str) -> Text:
    """Return the nearest way to a phase and the acts after it, as far as phases and approvals are concerned."""
    view = views.view([])
    nodes = [index for index, node in enumerate(view.graph.nodes) if node.phase == phase] if view else []
    if view is None or not nodes:
        return phrase("no-way")
    graph = view.graph
    names = [*events_of(graph.path(nodes[0])), *then]
    steps = path([act_title(graph.pack, graph.procedure, name) for name in names])
    return steps if then else phrase("stops-at", way=steps, phase=phase_title(graph.procedure, phase))
