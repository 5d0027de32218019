"""Departments, offices, people, memberships, published policy versions and calendar editions."""
