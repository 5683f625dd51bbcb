# SPDX-License-Identifier: Apache-2.0
"""Checks that every numbered constraint is tested.

A constraint of an op or type is labelled `(name_cN)` in its description. For
every label there must be a negative test whose function is named after it;
numbers run from 1 without holes; and no verifier or test names a constraint
that no description has.
"""
import argparse
import pathlib
import re
import sys

LABEL = r"([a-z][a-z0-9_]*_c[1-9][0-9]*)"


def labels_of(paths: list[pathlib.Path], pattern: str) -> set[str]:
    """What `pattern` captures in any of the files."""
    return {label for path in paths
            for label in re.findall(pattern, path.read_text())}


def holes(labels: set[str]) -> list[str]:
    """Labels missing below the largest number of their op."""
    largest: dict[str, int] = {}
    for label in labels:
        name, number = label.rsplit("_c", 1)
        largest[name] = max(largest.get(name, 0), int(number))
    wanted = {f"{name}_c{i}" for name, last in largest.items()
              for i in range(1, last + 1)}
    return sorted(wanted - labels)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=pathlib.Path, help="repository")
    root = parser.parse_args().root
    ir = sorted(root.glob("dialects/*/IR/*"))
    described = labels_of([p for p in ir if p.suffix == ".td"],
                          rf"\({LABEL}\)")
    verified = labels_of([p for p in ir if p.suffix in (".cpp", ".h")],
                         rf"\b{LABEL}\b")
    tested = labels_of(sorted(root.glob("test/Dialect/*/*invalid*.mlir")),
                       rf"@{LABEL}(?=_|\W)")
    problems = [f"{label}: number is missing" for label in holes(described)]
    problems += [f"{label}: expected a negative test, got none"
                 for label in sorted(described - tested)]
    for name, found in ("verifier", verified), ("negative test", tested):
        problems += [f"{label}: {name} of no described constraint"
                     for label in sorted(found - described)]
    print("\n".join(problems), file=sys.stderr)
    print(f"{len(described)} constraints, {len(problems)} problems")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
