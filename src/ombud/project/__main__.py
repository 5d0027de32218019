"""`python -m ombud.project` is the `ombud` command."""

from ombud.project.command import main

if __name__ == "__main__":
    raise SystemExit(main())
