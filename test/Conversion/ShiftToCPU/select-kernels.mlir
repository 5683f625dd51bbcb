// RUN: shift-opt %s --select-kernels | FileCheck %s --check-prefix=AUTO
// RUN: shift-opt %s --select-kernels="isa=avx512vnni" | FileCheck %s --check-prefix=AUTO
// RUN: shift-opt %s --select-kernels="strategies=narrow*=dot16,*=dot8,wide=shift" | FileCheck %s --check-prefix=ASKED
// RUN: shift-opt %s --select-kernels="strategies=narrow=shift,*=auto,*=dot8" | FileCheck %s --check-prefix=PATTERN
// RUN: shift-opt %s --select-kernels="strategies=*=float" | FileCheck %s --check-prefix=NEAREST
// RUN: shift-opt %s --select-kernels="strategies=*=dot8" --convert-shift-to-cpu | FileCheck %s --check-prefix=STEPS
// RUN: shift-opt %s --shift-to-cpu-pipeline="strategies=*=dot8" | FileCheck %s --check-prefix=STEPS
// RUN: shift-compile %s --strategy=narrow=shift,dot8 --explain -o %t.so | FileCheck %s --check-prefix=EXPLAIN

// The fastest is named first.
// AUTO: node_name = "narrow"{{.*}}shift.strategy = "[[FIRST:[a-z0-9]+]]", shift.strategy_reason = "predicted {{[0-9.e-]+}} ms [[FIRST]], {{[0-9.e-]+}} ms {{[a-z0-9]+}}, {{[0-9.e-]+}} ms {{[a-z0-9]+}}"
// AUTO: node_name = "wide"{{.*}}shift.strategy = "[[FIRST:[a-z0-9]+]]", shift.strategy_reason = "predicted {{[0-9.e-]+}} ms [[FIRST]], {{[0-9.e-]+}} ms {{[a-z0-9]+}}; not dot8: channel 0 has weights above 64 times its smallest, and two planes are slower than dot16"
// AUTO: node_name = "float"{{.*}}shift.strategy = "float"
// AUTO-NOT: shift.strategy
// AUTO: onnx.Relu

// The first of a list that can; the reason says what could not.
// ASKED: node_name = "narrow"{{.*}}shift.strategy = "dot16", shift.strategy_reason = "asked for"
// ASKED: node_name = "wide"{{.*}}shift.strategy = "shift", shift.strategy_reason = "dot8 asked, but channel 0 has weights above 64 times its smallest, and two planes are slower than dot16; asked for"
// ASKED: node_name = "float"{{.*}}shift.strategy = "float", shift.strategy_reason = "dot8 asked, but the layer is of float32; the nearest that can"

// PATTERN: node_name = "narrow"{{.*}}shift.strategy = "shift", shift.strategy_reason = "asked for"
// PATTERN: node_name = "wide"{{.*}}shift.strategy_reason = "predicted {{.*}}; not dot8

// NEAREST: node_name = "narrow"{{.*}}shift.strategy = "shift", shift.strategy_reason = "float asked, but the layer is of fixed point; the nearest that can"
// NEAREST: node_name = "float"{{.*}}shift.strategy = "float", shift.strategy_reason = "asked for"

// STEPS: name = "narrow", {{.*}}reason = "{{.+}}; asked for", {{.*}}strategy = "dot8"
// STEPS: name = "wide", {{.*}}reason = "{{.+}}; dot8 asked, but channel 0 has weights above 64 times its smallest, and two planes are slower than dot16; the nearest that can{{[^"]*}}", {{.*}}strategy = "dot16"

// EXPLAIN: narrow | shift.conv2d | shift | {{.+}}; asked for |
// EXPLAIN: wide | shift.conv2d | dot16 | {{.+}}; dot8 asked, but channel 0 has weights above 64 times its smallest, and two planes are slower than dot16; the nearest that can{{.*}} |

!q = !quant.uniform<u8:f32, 0.0625>
!w = tensor<1x2x1x1x!shift.pow2<-10:5>>
func.func @main(%x: tensor<1x2x9x9x!q>, %f: tensor<1x1x5x5xf32>)
    -> (tensor<1x1x9x9x!q>, tensor<1x1x5x5xf32>) {
  %narrow = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: -2, 4>, name = "n", signs = array<i8: 1, 1>} : !w
  %wide = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: -3, 4>, name = "w", signs = array<i8: 1, 1>} : !w
  %0 = shift.conv2d %x, %narrow {dilations = array<i64: 1, 1>,
    node_name = "narrow", pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x9x9x!q>, !w) -> tensor<1x1x9x9x!q>
  %1 = shift.conv2d %x, %wide {dilations = array<i64: 1, 1>,
    node_name = "wide", pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x9x9x!q>, !w) -> tensor<1x1x9x9x!q>
  %c = onnx.Constant dense<-0.5> : tensor<1x1x1x1xf32>
  %2 = onnx.Conv %f, %c {dilations = array<i64: 1, 1>, node_name = "float",
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x5x5xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x5x5xf32>
  %3 = onnx.Relu %2 {node_name = "relu"} : (tensor<1x1x5x5xf32>) -> tensor<1x1x5x5xf32>
  %4 = shift.add %0, %1 {node_name = "add"} : (tensor<1x1x9x9x!q>, tensor<1x1x9x9x!q>) -> tensor<1x1x9x9x!q>
  return %4, %3 : tensor<1x1x9x9x!q>, tensor<1x1x5x5xf32>
}
