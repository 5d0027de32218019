"""Calls and voicemails, told by a telephone system over plain HTTP."""
