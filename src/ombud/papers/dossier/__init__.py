"""What makes a case file a dossier: what an auditor needs to check it without us, and the program that does."""

from ombud.papers.dossier.proofs import put_proofs
from ombud.papers.dossier.signature import key_in_hex, signature

__all__ = ["key_in_hex", "put_proofs", "signature"]
