# SPDX-License-Identifier: Apache-2.0
"""Kills a command at many moments; its output file must be old or whole.

Usage: kill-while-writing.py OUTPUT COMMAND... where COMMAND writes OUTPUT. The
command first runs to its end; then it is killed after ever longer parts of the
time that took, up to all of it. OUTPUT is whole in the end.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

MOMENTS = 24


def main() -> None:
    output, command = Path(sys.argv[1]), sys.argv[2:]
    start = time.monotonic()
    subprocess.run(command, check=True)
    duration = time.monotonic() - start
    whole = output.read_bytes()
    old = b"the old content"
    killed = 0
    for moment in range(MOMENTS):
        output.write_bytes(old)
        process = subprocess.Popen(command)
        try:
            process.wait(duration * (moment + 1) / MOMENTS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        if output.read_bytes() not in (old, whole):
            sys.exit(f"killed at moment {moment}: {output} is half written")
    if killed == 0:
        sys.exit("no run was killed before its end")
    output.write_bytes(whole)
    print(f"killed {killed} of {MOMENTS} runs")


if __name__ == "__main__":
    main()
