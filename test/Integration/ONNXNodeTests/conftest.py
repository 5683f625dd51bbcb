# SPDX-License-Identifier: Apache-2.0
"""Prints the totals that tests recorded, also from xdist's workers."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> None:
    """Writes every recorded "totals" property at the end."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", []):
                if name == "totals":
                    terminalreporter.write_line(str(value))
