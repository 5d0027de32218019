"""Surveys: who is asked, how it is answered, and what the answers come to."""
