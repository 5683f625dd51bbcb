// The cost of compiling follows the number of distinct shapes: layers of one
// shape call one kernel with their own weights, whatever those are. Another
// stride or another format of the result is another kernel.
// RUN: shift-opt %s --select-kernels="strategies=*=shift" --convert-shift-to-cpu | FileCheck %s
// RUN: shift-opt %s --select-kernels="strategies=*=shift" --convert-shift-to-cpu | FileCheck %s --check-prefix=COUNT

!q = !quant.uniform<i8:f32, 0.0625>
!fine = !quant.uniform<i8:f32, 0.03125>

// COUNT-COUNT-3: func.func private @shift_conv2d_
// COUNT-NOT:     func.func private @shift_conv2d_

// CHECK-LABEL: func.func @main
// CHECK:       %[[FIRST:.+]] = memref.get_global @weights_
// CHECK:       call @[[KERNEL:shift_conv2d_[^(]+]](%{{[^,]+}}, %[[FIRST]], {{.*}}name = "first"
// CHECK:       %[[SECOND:.+]] = memref.get_global @weights_
// CHECK:       call @[[KERNEL]](%{{[^,]+}}, %[[SECOND]], {{.*}}name = "second"
// CHECK-NOT:   call @[[KERNEL]](
// CHECK:       return
func.func @main(%x: tensor<1x2x6x6x!q>)
    -> (tensor<1x2x6x6x!q>, tensor<1x2x6x6x!q>, tensor<1x2x3x3x!q>, tensor<1x2x6x6x!fine>) {
  %u = shift.weight {bits = 2 : i64, codes = dense<[27]> : tensor<1xi8>,
    exponents = array<i8: 1, 0, -2, 0>, name = "u",
    signs = array<i8: -1, 0, 1, 1>} : tensor<2x2x1x1x!shift.pow2<-10:5>>
  %v = shift.weight {bits = 2 : i64, codes = dense<[-28]> : tensor<1xi8>,
    exponents = array<i8: 1, 0, -1, 1>, name = "v",
    signs = array<i8: -1, 0, 1, 1>} : tensor<2x2x1x1x!shift.pow2<-10:5>>
  %0 = shift.conv2d %x, %u {dilations = array<i64: 1, 1>, node_name = "first", pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x6x6x!q>, tensor<2x2x1x1x!shift.pow2<-10:5>>) -> tensor<1x2x6x6x!q>
  %1 = shift.conv2d %x, %v {dilations = array<i64: 1, 1>, node_name = "second", pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x6x6x!q>, tensor<2x2x1x1x!shift.pow2<-10:5>>) -> tensor<1x2x6x6x!q>
  %2 = shift.conv2d %x, %u {dilations = array<i64: 1, 1>, node_name = "strided", pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
    : (tensor<1x2x6x6x!q>, tensor<2x2x1x1x!shift.pow2<-10:5>>) -> tensor<1x2x3x3x!q>
  %3 = shift.conv2d %x, %u {dilations = array<i64: 1, 1>, node_name = "finer", pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x6x6x!q>, tensor<2x2x1x1x!shift.pow2<-10:5>>) -> tensor<1x2x6x6x!fine>
  return %0, %1, %2, %3 : tensor<1x2x6x6x!q>, tensor<1x2x6x6x!q>, tensor<1x2x3x3x!q>, tensor<1x2x6x6x!fine>
}
