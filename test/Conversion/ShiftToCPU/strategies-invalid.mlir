// RUN: not shift-opt %s --convert-shift-to-cpu="strategies=*=magic" 2>&1 | FileCheck %s

// CHECK: expected pattern=strategy with a known strategy, got '*=magic'
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
