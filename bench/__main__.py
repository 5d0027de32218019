"""Benchmarks, each figure beside its floor in the same run.

    make bench                                  all of them, the register at 2,000 cases only
    make bench ARGS="pages --cases 2000 200000 --keep DIR"
    make bench ARGS="filing"

Everything happens in folders and databases of its own; the installation is never touched.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench import bomb, clock, filing, insight, mail, pages, place, siege

NAMES = ("worktime", "replay", "packs", "filing", "clock", "mail", "bomb", "siege", "watching", "pages", "insight")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="|".join(NAMES), help="without any: all")
    parser.add_argument("--cases", type=int, nargs="+", default=[2000], help="pages, insight: sizes of the register")
    parser.add_argument(
        "--keep", type=Path, help="pages, insight: where filled registers stay, so that they are filled once"
    )
    parser.add_argument("--rounds", type=int, default=40, help="pages, insight: requests of each")
    parser.add_argument("--seconds", type=float, default=8, help="filing: how long each measurement takes")
    options = parser.parse_args()
    for name in options.names or NAMES:
        if name == "filing":
            filing.run(seconds=options.seconds)
        elif name == "clock":
            clock.run()
        elif name == "mail":
            mail.run()
        elif name == "bomb":
            bomb.run()
        elif name == "siege":
            siege.run()
        elif name == "pages":
            pages.run(sizes=sorted(options.cases), rounds=options.rounds, keep=options.keep)
        elif name == "insight":
            insight.run(sizes=sorted(options.cases), rounds=options.rounds, keep=options.keep)
        else:
            with place.scratch() as folder:
                place.inside(name, [], place.environment(folder))
        print(flush=True)


if __name__ == "__main__":
    main()
