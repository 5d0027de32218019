"""The complainant's pages: file, track, answer, rate."""
