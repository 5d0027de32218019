"""A commented pack to start a policy of one's own from, made of the answers to a few questions."""

from ombud.policy.starter.answers import AnswerError, Answers
from ombud.policy.starter.questions import QUESTIONS, Question, answered, checked_id
from ombud.policy.starter.writing import starter_files

__all__ = ["QUESTIONS", "AnswerError", "Answers", "Question", "answered", "checked_id", "starter_files"]
