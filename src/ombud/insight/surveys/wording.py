"""What was answered in a survey, in words: for the act of a bad answer and for whoever reads the case."""

from __future__ import annotations

from ombud.insight.surveys.models import Invitation
from ombud.policy.model.surveys import Question, Survey
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault, is_sealed
from ombud.texts import CHINESE, spoken

LONGEST = 2000  # characters of free words


def vault_of(row: Invitation) -> Vault:
    """Return what seals and opens the free words of an invitation whose case has its complainant at hand."""
    return Vault(key_of(row.case.complainant), f"survey {row.pk}")


def words_of(row: Invitation, question: str, vault: Vault | None = None) -> str:
    """Return the free words of an answer; empty where there are none, or none any more."""
    if question not in row.sealed:
        return ""
    opened = (vault or vault_of(row)).open(0, question, row.sealed[question])
    return opened if isinstance(opened, str) and not is_sealed(opened) else ""


def answer_words(question: Question, value: str, language: str) -> str:
    """Return how an answer reads."""
    if question.points:
        return f"{value}/{question.points}"
    return spoken(question.of[value], language) if value in question.of else value


def said(row: Invitation, survey: Survey) -> str:
    """Return all answers, a line for each question, in the language that the policy is written in."""
    chosen, vault = dict(row.answers.values_list("question", "value")), vault_of(row)
    lines = []
    for question in survey.questions.values():
        value = chosen.get(question.id)
        words = answer_words(question, value, CHINESE) if value else words_of(row, question.id, vault)
        if words:
            lines.append(f"{spoken(question.title, CHINESE)} {words}")
    return "\n".join(lines)
