# SPDX-License-Identifier: Apache-2.0
"""Runs a command and fails unless it ends with the exit code that is said.

Usage: expect-exit.py CODE COMMAND...
"""

from __future__ import annotations

import subprocess
import sys


def main() -> None:
    wanted, command = int(sys.argv[1]), sys.argv[2:]
    code = subprocess.run(command).returncode
    if code != wanted:
        sys.exit(f"expected exit code {wanted}, got {code}")


if __name__ == "__main__":
    main()
