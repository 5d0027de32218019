"""Complaint handling that runs by the company's own written policy."""
