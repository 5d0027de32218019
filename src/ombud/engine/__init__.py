"""A case under a policy: events, state, step, duties, replay, explain. Pure: no clock, no I/O."""
