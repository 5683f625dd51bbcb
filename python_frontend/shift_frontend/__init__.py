# SPDX-License-Identifier: Apache-2.0
"""Python side of the shift toolchain: FCOS in PyTorch, export, evaluation.

Importing the package runs nothing and needs neither torch nor onnx; those are
imported by `shift_frontend.fcos` and the modules that build on it.
"""

__version__ = "0.1.0"
