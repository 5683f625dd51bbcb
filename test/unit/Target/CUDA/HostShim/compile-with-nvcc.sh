#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# compile-with-nvcc.sh FOLDER: compiles the .cu files of a folder with nvcc.
# Ends with 77, which ctest shows as skipped, where there is no nvcc.
set -euo pipefail
nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
if [ ! -x "$nvcc" ]; then
  echo "skipped: no nvcc found, so the cases were not compiled as CUDA"
  exit 77
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$out"
"$nvcc" -arch=sm_80 -std=c++17 -cubin --threads 2 "$1"/*.cu
echo "compiled $(ls ./*.cubin | wc -l) files with nvcc"
