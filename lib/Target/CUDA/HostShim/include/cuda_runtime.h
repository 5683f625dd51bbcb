//===- cuda_runtime.h - CUDA C++ as host code -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Stands in for CUDA's header of this name when a .cu file is compiled as plain
// C++: the words of the language, its built-in variables and functions, and the
// runtime's API, all on the CPU. See ../README.md.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_CUDA_RUNTIME_H
#define LIB_TARGET_CUDA_HOSTSHIM_CUDA_RUNTIME_H

#include "shim/Arithmetic.h"
#include "shim/Atomics.h"
#include "shim/Builtins.h"
#include "shim/HostApi.h"
#include "shim/Launch.h"
#include "shim/Qualifiers.h"
#include "shim/Synchronization.h"
#include "shim/VectorTypes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#endif // LIB_TARGET_CUDA_HOSTSHIM_CUDA_RUNTIME_H
