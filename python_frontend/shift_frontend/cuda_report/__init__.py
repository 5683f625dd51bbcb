# SPDX-License-Identifier: Apache-2.0
"""What a generated CUDA program asks of a GPU, read from its machine code:
registers, shared memory, occupancy, instructions a multiply-accumulate, and a
prediction of its time. `python -m shift_frontend.cuda_report --help`."""
