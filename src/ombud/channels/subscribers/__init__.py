"""Subscribers: other systems that are told of what happens to cases, by signed calls that are repeated until taken."""
