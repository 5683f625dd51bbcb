# SPDX-License-Identifier: Apache-2.0
"""The package imports without heavy dependencies and without side effects."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run_python(code: str, folder: Path) -> str:
    """Output of `code` in a fresh interpreter that sees the package."""
    result = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=folder,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        check=True,
    )
    return result.stdout + result.stderr


@pytest.mark.parametrize(
    "module",
    ["shift_frontend", "shift_frontend.data", "shift_frontend.quantize"],
)
def test_import_needs_no_torch(module: str, tmp_path: Path) -> None:
    heavy = "'torch', 'torchvision', 'onnx', 'onnxruntime', 'pycocotools'"
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys([{heavy}]))\n"  # None: import fails
        f"import {module}\n"
        "print('fine')\n"
    )
    assert run_python(code, tmp_path) == "fine\n"


def test_import_touches_neither_import_machinery_nor_files(
    tmp_path: Path,
) -> None:
    code = (
        "import sys\n"
        "before = list(sys.meta_path), list(sys.path), list(sys.path_hooks)\n"
        "import shift_frontend\n"
        "assert before == (sys.meta_path, sys.path, sys.path_hooks)\n"
    )
    assert run_python(code, tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_fcos_import_changes_no_torch_setting(tmp_path: Path) -> None:
    code = (
        "import torch\n"
        "state = lambda: (torch.get_num_threads(),\n"
        "                 torch.get_default_dtype(),\n"
        "                 torch.is_grad_enabled(), torch.initial_seed())\n"
        "before = state()\n"
        "import shift_frontend.fcos, shift_frontend.export\n"
        "import shift_frontend.train_bccd, shift_frontend.evaluate\n"
        "assert state() == before\n"
    )
    assert run_python(code, tmp_path) == ""
