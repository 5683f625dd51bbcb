//===- FusionTest.cpp - Steps that compute several ops --------------------===//
// SPDX-License-Identifier: Apache-2.0
// Fused ops, results in their operands' memory and parts of buffers against the
// interpreter, which knows none of them.
//===----------------------------------------------------------------------===//
#include "CompareEngines.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;

namespace {
void expectEqual(const std::string &text, const std::string &strategy = "") {
  auto context = ::shift::test::createContext();
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(text, context.get());
  ASSERT_TRUE(module) << text;
  ::shift::cpu::CPUOptions options = ::shift::test::machineOptions();
  if (!strategy.empty())
    options.strategies = {"*=" + strategy};
  ::shift::test::expectEqualEngines(*module, 1, options);
}

const char *formats = R"(
!s8 = !quant.uniform<i8:f32, 0.0625>
!c8 = !quant.uniform<i8:f32, 0.25>
!u8 = !quant.uniform<u8:f32, 0.125>
!s16 = !quant.uniform<i16:f32, 0.0009765625>
)";

/// x -> conv -> + other, both orders, with positions that fill no vector.
std::string residual(const std::string &in, const std::string &own,
                     const std::string &other, const std::string &out,
                     bool isLeft, const std::string &size) {
  std::string plane = "x" + size + "x";
  std::string x = "tensor<2x2" + plane + in + ">";
  std::string y = "tensor<2x3" + plane + own + ">";
  std::string z = "tensor<2x3" + plane + other + ">";
  std::string r = "tensor<2x3" + plane + out + ">";
  return formats +
         ("func.func @main(%x: " + x + ", %z: " + z + ") -> " + r +
          R"( {
  %w = shift.weight {bits = 2 : i64, codes = dense<[27, 57, 141, 14, 99]>
      : tensor<5xi8>, exponents = array<i8: 1, 0, -2, 0>, name = "w",
    signs = array<i8: -1, 0, 1, 1>} : tensor<3x2x3x1x!shift.pow2<-10:5>>
  %b = onnx.Constant dense<[0.5, -1.0, 0.25]> : tensor<3xf32>
  %0 = shift.conv2d %x, %w, %b {dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 1, 1>} : ()" +
          x +
          ", tensor<3x2x3x1x!shift.pow2<-10:5>>, tensor<3xf32>) "
          "-> " +
          y + "\n  %1 = shift.add " + (isLeft ? "%0, %z" : "%z, %0") +
          " {clamp_min = 0.0 : f32} : (" + (isLeft ? y : z) + ", " +
          (isLeft ? z : y) + ") -> " + r + "\n  return %1 : " + r + "\n}\n");
}
} // namespace

TEST(FusionTest, ConvolutionsComputeTheAddBehindThem) {
  for (const char *strategy : {"shift", "dot8", "dot16"})
    for (const char *size : {"7x13", "8x8"}) {
      expectEqual(residual("!s8", "!s8", "!u8", "!u8", true, size), strategy);
      expectEqual(residual("!u8", "!c8", "!s16", "!s8", false, size), strategy);
      expectEqual(residual("!s16", "!s16", "!s8", "!s16", true, size),
                  strategy);
    }
}

TEST(FusionTest, TheInputOfAConvolutionIsAddedToItsResult) {
  // The add must not write over what other work items of the convolution read.
  expectEqual(std::string(formats) + R"(
!t = tensor<1x2x40x40x!s8>
func.func @main(%in: !t) -> !t {
  %x = shift.add %in, %in : (!t, !t) -> !t
  %w = shift.weight {bits = 2 : i64, codes = dense<[27, 57, 141, 14, 99, 27, 57,
      141, 14]> : tensor<9xi8>, exponents = array<i8: 1, 0, -2, 0>, name = "w",
    signs = array<i8: -1, 0, 1, 1>} : tensor<2x2x3x3x!shift.pow2<-10:5>>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (!t, tensor<2x2x3x3x!shift.pow2<-10:5>>) -> !t
  %1 = shift.add %0, %x : (!t, !t) -> !t
  %2 = shift.requantize %1 {clamp_min = 0.0 : f32} : (!t) -> !t
  return %2 : !t
}
)");
}

TEST(FusionTest, MapsOfHalfTheSizeAreUpsampledInTheAdd) {
  for (const char *size : {"5x37", "6x38"}) {
    std::string large = std::string("tensor<1x2x") + size + "x";
    std::string rows = size[0] == '5' ? "0, 0, 1, 1, 2" : "0, 0, 1, 1, 2, 2";
    std::string columns;
    for (int i = 0; i < std::stoi(size + 2); ++i)
      columns += (i ? ", " : "") + std::to_string(i / 2);
    for (bool isLeft : {false, true}) {
      std::string up = large + "!c8>", other = large + "!s8>";
      expectEqual(formats +
                  ("func.func @main(%x: tensor<1x2x3x19x!c8>, %y: " + other +
                   ") -> " + large +
                   "!s8> {\n  %0 = shift.resize_nearest "
                   "%x {rows = array<i64: " +
                   rows + ">, columns = array<i64: " + columns +
                   ">} : (tensor<1x2x3x19x!c8>) -> " + up +
                   "\n  %1 = shift.requantize %y : (" + other + ") -> " +
                   other + "\n  %2 = shift.add " +
                   (isLeft ? "%0, %1" : "%1, %0") + " : (" +
                   (isLeft ? up : other) + ", " + (isLeft ? other : up) +
                   ") -> " + other + "\n  return %2 : " + other + "\n}\n"));
    }
  }
}

TEST(FusionTest, ResultsTakeTheirOperandsPlace) {
  // Chains in one place, an operand that is read again, and one that is
  // broadcast.
  expectEqual(R"(
func.func @main(%x: tensor<3x50xf32>) -> (tensor<3x50xf32>, tensor<3x50xf32>) {
  %0 = onnx.Exp %x : (tensor<3x50xf32>) -> tensor<3x50xf32>
  %1 = onnx.Relu %0 : (tensor<3x50xf32>) -> tensor<3x50xf32>
  %2 = onnx.Neg %1 : (tensor<3x50xf32>) -> tensor<3x50xf32>
  %3 = onnx.Add %2, %1 : (tensor<3x50xf32>, tensor<3x50xf32>) -> tensor<3x50xf32>
  %4 = onnx.Mul %3, %3 : (tensor<3x50xf32>, tensor<3x50xf32>) -> tensor<3x50xf32>
  %5 = onnx.Add %4, %2 : (tensor<3x50xf32>, tensor<3x50xf32>) -> tensor<3x50xf32>
  %6 = onnx.Slice %5 {axes = array<i64: 0>, starts = array<i64: 1>, ends = array<i64: 2>, steps = array<i64: 1>} : (tensor<3x50xf32>) -> tensor<1x50xf32>
  %7 = onnx.Add %5, %6 : (tensor<3x50xf32>, tensor<1x50xf32>) -> tensor<3x50xf32>
  %8 = onnx.Abs %7 : (tensor<3x50xf32>) -> tensor<3x50xf32>
  return %8, %4 : tensor<3x50xf32>, tensor<3x50xf32>
}
)");
}

TEST(FusionTest, OperandsOfAConcatAreComputedWhereTheyBelong) {
  // Into an output and into the arena, parts that are read again, repeated ones
  // and parts of parts.
  expectEqual(R"(
!t = tensor<1x2x5xf32>
!h = tensor<1x1x5xf32>
func.func @main(%x: !t) -> (tensor<1x8x5xf32>, !t) {
  %0:2 = onnx.Split %x {axis = 1 : i64, split = array<i64: 1, 1>} : (!t) -> (!h, !h)
  %1 = onnx.Exp %x : (!t) -> !t
  %2 = onnx.Add %0#0, %0#1 : (!h, !h) -> !h
  %3 = onnx.Mul %1, %2 : (!t, !h) -> !t
  %4 = onnx.Neg %3 : (!t) -> !t
  %5 = onnx.Concat %4, %x, %4 {axis = 1 : i64} : (!t, !t, !t) -> tensor<1x6x5xf32>
  %6 = onnx.Concat %1, %5 {axis = 1 : i64} : (!t, tensor<1x6x5xf32>) -> tensor<1x8x5xf32>
  %7 = onnx.Abs %6 : (tensor<1x8x5xf32>) -> tensor<1x8x5xf32>
  %8:3 = onnx.Split %7 {axis = 1 : i64, split = array<i64: 3, 2, 3>} : (tensor<1x8x5xf32>) -> (tensor<1x3x5xf32>, !t, tensor<1x3x5xf32>)
  %9 = onnx.Neg %8#1 : (!t) -> !t
  return %6, %9 : tensor<1x8x5xf32>, !t
}
)");
}

TEST(FusionTest, PoolsOfWholeVectors) {
  for (const char *type : {"!s8", "!u8", "!s16", "f32"})
    for (int stride : {1, 2}) {
      std::string in = std::string("tensor<1x2x7x83x") + type + ">";
      std::string size = stride == 1 ? "7x83" : "4x42";
      std::string out = "tensor<1x2x" + size + "x" + type + ">";
      bool isFloat = type == std::string("f32");
      std::string s = std::to_string(stride);
      expectEqual(formats +
                  ("func.func @main(%x: " + in + ") -> " + out + " {\n  %0 = " +
                   (isFloat ? "onnx.MaxPool" : "shift.max_pool") + " %x {" +
                   (isFloat ? "kernel_shape" : "kernel") +
                   " = array<i64: 3, 3>, strides = array<i64: " + s + ", " + s +
                   ">, dilations = array<i64: 1, 1>, pads = "
                   "array<i64: 1, 1, 1, 1>} : (" +
                   in + ") -> " + out + "\n  return %0 : " + out + "\n}\n"));
    }
}
