//===- RuntimeEngine.h - Compiled models behind the Engine ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_PIPELINES_RUNTIMEENGINE_H
#define LIB_PIPELINES_RUNTIMEENGINE_H

#include "shift/Pipelines/Engine.h"
#include "shift/Runtime/ShiftRuntime.h"

namespace shift::pipelines {

/// Takes over `model`. `keepAlive` owns the code of an in-process model.
llvm::Expected<std::unique_ptr<Engine>>
makeRuntimeEngine(ShiftModel *model, int threads,
                  std::shared_ptr<void> keepAlive);

} // namespace shift::pipelines

#endif // LIB_PIPELINES_RUNTIMEENGINE_H
