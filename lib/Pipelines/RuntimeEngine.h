//===- RuntimeEngine.h - Compiled models behind the Engine ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_PIPELINES_RUNTIMEENGINE_H
#define LIB_PIPELINES_RUNTIMEENGINE_H

#include "shift/Pipelines/Engine.h"
#include "shift/Runtime/ShiftRuntime.h"

namespace shift::pipelines {

/// `model` owns whatever its code needs.
llvm::Expected<std::unique_ptr<Engine>>
makeRuntimeEngine(std::shared_ptr<ShiftModel> model, int threads);

} // namespace shift::pipelines

#endif // LIB_PIPELINES_RUNTIMEENGINE_H
