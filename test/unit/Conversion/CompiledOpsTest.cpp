//===- CompiledOpsTest.cpp - Every op, compiled against the interpreter ---===//
// SPDX-License-Identifier: Apache-2.0
// Each case is one op with its operand types, result type and attributes. The
// cases of a group make one module. Shapes have tails of the vector length,
// broadcasts, and dimensions of 1.
//===----------------------------------------------------------------------===//
#include "CompareEngines.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;

namespace {
struct OpCase {
  const char *op;
  std::vector<std::string> operands;
  std::string result;
  std::string attributes;
};

/// Element types by a short name; f32 and integers as they are.
const char *aliases = R"(
!s16 = !quant.uniform<i16:f32, 0.0625>
!s16b = !quant.uniform<i16:f32, 0.0009765625>
!s12 = !quant.uniform<i16<-2048:2047>:f32, 0.25>
!s8 = !quant.uniform<i8:f32, 0.125>
!u8 = !quant.uniform<u8:f32, 0.5>
!s32 = !quant.uniform<i32:f32, 1.52587890625e-05>
!wide = !quant.uniform<i32:f32, 2147483648.0>
!fine = !quant.uniform<i32:f32, 4.6566128730773926e-10>
)";

std::string tensor(const std::string &type) { return "tensor<" + type + ">"; }

std::string moduleText(const std::vector<OpCase> &cases) {
  std::string arguments, body, results, types;
  int count = 0;
  for (size_t i = 0; i < cases.size(); ++i) {
    const OpCase &one = cases[i];
    std::string operands, operandTypes;
    for (const std::string &type : one.operands) {
      std::string separator = operands.empty() ? "" : ", ";
      if (type.rfind("dense", 0) == 0) { // a constant: "dense<..> : tensor<..>"
        std::string name = "%c" + std::to_string(count++);
        body += name + " = onnx.Constant " + type + "\n";
        operands += separator + name;
        operandTypes += separator + type.substr(type.rfind("tensor"));
        continue;
      }
      std::string name = "%a" + std::to_string(count++);
      arguments += (arguments.empty() ? "" : ", ") + name + ": " + tensor(type);
      operands += separator + name;
      operandTypes += separator + tensor(type);
    }
    std::string result = "%r" + std::to_string(i);
    body += result + " = " + one.op + " " + operands + " {" + one.attributes +
            "} : (" + operandTypes + ") -> " + tensor(one.result) + "\n";
    results += (i ? ", " : "") + result;
    types += (i ? ", " : "") + tensor(one.result);
  }
  return aliases +
         ("func.func @main(" + arguments + ") -> (" + types + ") {\n" + body +
          "return " + results + " : " + types + "\n}\n");
}

void run(const std::vector<OpCase> &cases, uint32_t seed) {
  auto context = ::shift::test::createContext();
  std::string text = moduleText(cases);
  auto module = parseSourceString<ModuleOp>(text, context.get());
  ASSERT_TRUE(module) << text;
  ::shift::test::expectEqualEngines(*module, seed);
}

std::string i64s(const char *name, const char *values) {
  return std::string(name) + " = array<i64: " + values + ">";
}

std::string window(const char *kernelName, const char *kernel,
                   const char *strides, const char *dilations, const char *pads,
                   const std::string &more = "") {
  return i64s(kernelName, kernel) + ", " + i64s("strides", strides) + ", " +
         i64s("dilations", dilations) + ", " + i64s("pads", pads) +
         (more.empty() ? "" : ", " + more);
}
} // namespace

TEST(CompiledOpsTest, FloatFunctions) {
  std::vector<OpCase> cases;
  for (const char *op :
       {"onnx.Relu", "onnx.Sigmoid", "onnx.HardSwish", "onnx.Tanh", "onnx.Exp",
        "onnx.Log", "onnx.Sqrt", "onnx.Abs", "onnx.Neg", "onnx.Reciprocal",
        "onnx.LeakyRelu", "onnx.Elu", "onnx.HardSigmoid"})
    cases.push_back({op, {"2x3x7x29xf32"}, "2x3x7x29xf32", ""});
  cases.push_back({"onnx.LeakyRelu", {"5xf32"}, "5xf32", "alpha = 0.3 : f32"});
  cases.push_back({"onnx.Elu", {"33xf32"}, "33xf32", "alpha = 1.7 : f32"});
  cases.push_back({"onnx.HardSigmoid",
                   {"33xf32"},
                   "33xf32",
                   "alpha = 0.16666667 : f32, beta = 0.4 : f32"});
  cases.push_back(
      {"onnx.Clip", {"70xf32"}, "70xf32", "min = 0.0 : f32, max = 6.0 : f32"});
  cases.push_back({"onnx.Clip", {"70xf32"}, "70xf32", "max = 0.5 : f32"});
  run(cases, 11);
}

TEST(CompiledOpsTest, Broadcasting) {
  std::vector<OpCase> cases;
  const char *ops[] = {"onnx.Add", "onnx.Sub", "onnx.Mul",
                       "onnx.Div", "onnx.Pow", "onnx.PRelu"};
  for (const char *op : ops) {
    cases.push_back({op, {"2x3x4x17xf32", "3x1x1xf32"}, "2x3x4x17xf32", ""});
    cases.push_back({op, {"2x3x4x5xf32", "2x3x4x5xf32"}, "2x3x4x5xf32", ""});
  }
  for (const char *op : {"onnx.Min", "onnx.Max"})
    cases.push_back({op, {"3x5xf32", "1x5xf32", "f32"}, "3x5xf32", ""});
  cases.push_back({"onnx.Add", {"4x1x6xf32", "1x5x1xf32"}, "4x5x6xf32", ""});
  cases.push_back({"onnx.Mul", {"f32", "3x3xf32"}, "3x3xf32", ""});
  cases.push_back({"onnx.Add", {"1x1xf32", "1xf32"}, "1x1xf32", ""});
  run(cases, 12);
}

TEST(CompiledOpsTest, ProductsAndTransposedConvolutions) {
  run({{"onnx.Gemm", {"7x19xf32", "19x37xf32", "37xf32"}, "7x37xf32", ""},
       {"onnx.Gemm",
        {"19x7xf32", "37x19xf32", "7x1xf32"},
        "7x37xf32",
        "alpha = 0.5 : f32, beta = 2.5 : f32, transA = 1 : i64, "
        "transB = 1 : i64"},
       {"onnx.Gemm", {"1x256xf32", "256x10xf32"}, "1x10xf32", ""},
       {"onnx.MatMul", {"5x7xf32", "7x18xf32"}, "5x18xf32", ""},
       {"onnx.MatMul", {"2x3x5x7xf32", "2x3x7x4xf32"}, "2x3x5x4xf32", ""},
       {"onnx.MatMul", {"3x5x7xf32", "7x33xf32"}, "3x5x33xf32", ""},
       {"onnx.MatMul", {"7xf32", "3x7x5xf32"}, "3x5xf32", ""},
       {"onnx.MatMul", {"9x7xf32", "7xf32"}, "9xf32", ""},
       {"onnx.MatMul", {"4x1x5x7xf32", "3x7x18xf32"}, "4x3x5x18xf32", ""},
       {"onnx.MatMul", {"3x8x7xf32", "2x1x7x33xf32"}, "2x3x8x33xf32", ""},
       {"onnx.MatMul",
        {"2x1x3x1x2x7xf32", "4x1x2x7x5xf32"},
        "2x4x3x2x2x5xf32",
        ""},
       {"onnx.ConvTranspose",
        {"2x4x5x6xf32", "4x3x3x2xf32", "6xf32"},
        "2x6x10x12xf32",
        "group = 2 : i64, " + i64s("strides", "2, 2") + ", " +
            i64s("dilations", "1, 1") + ", " + i64s("pads", "1, 0, 0, 0") +
            ", " + i64s("output_padding", "0, 0")},
       {"onnx.ConvTranspose",
        {"1x3x4x4xf32", "3x5x3x3xf32"},
        "1x5x11x12xf32",
        i64s("strides", "2, 3") + ", " + i64s("dilations", "2, 1") + ", " +
            i64s("pads", "1, 0, 0, 1") + ", " + i64s("output_padding", "1, 1")},
       {"onnx.Conv",
        {"2x3x21xf32", "4x3x3xf32"},
        "2x4x10xf32",
        i64s("strides", "2") + ", " + i64s("dilations", "1") + ", " +
            i64s("pads", "0, 0")}},
      13);
}

TEST(CompiledOpsTest, Normalizations) {
  run({{"onnx.BatchNormalization",
        {"2x3x5x7xf32", "3xf32", "3xf32", "3xf32",
         "dense<[0.5, 2.0, 0.0]> : tensor<3xf32>"},
        "2x3x5x7xf32",
        "epsilon = 0.001 : f32"},
       {"onnx.InstanceNormalization",
        {"2x3x5x7xf32", "3xf32", "3xf32"},
        "2x3x5x7xf32",
        ""},
       {"onnx.GroupNormalization",
        {"2x6x5x7xf32", "6xf32", "6xf32"},
        "2x6x5x7xf32",
        "num_groups = 2 : i64"},
       {"shift.group_norm",
        {"2x6x5x7x!s16", "6xf32", "6xf32"},
        "2x6x5x7xf32",
        "num_groups = 3 : i64"},
       {"shift.group_norm",
        {"1x4x3x9x!u8", "4xf32", "4xf32"},
        "1x4x3x9x!s8",
        "num_groups = 1 : i64, clamp_min = 0.0 : f32"},
       {"shift.group_norm",
        {"1x4x3x9x!s8", "4xf32", "4xf32"},
        "1x4x3x9x!s16",
        "num_groups = 4 : i64, epsilon = 0.1 : f32, clamp_max = 1.5 : f32"},
       {"onnx.Softmax", {"3x5x37xf32"}, "3x5x37xf32", ""},
       {"onnx.Softmax", {"3x5x37xf32"}, "3x5x37xf32", "axis = 1 : i64"},
       {"onnx.Softmax", {"3x5x2xf32"}, "3x5x2xf32", "axis = 0 : i64"}},
      14);
}

TEST(CompiledOpsTest, PoolsAndReductions) {
  run({{"onnx.MaxPool",
        {"2x3x9x11xf32"},
        "2x3x5x6xf32",
        window("kernel_shape", "3, 3", "2, 2", "1, 1", "1, 1, 1, 1")},
       {"onnx.MaxPool",
        {"1x2x9x11xf32"},
        "1x2x5x4xf32",
        window("kernel_shape", "2, 3", "2, 3", "1, 1", "0, 0, 0, 0",
               "ceil_mode = 1 : i64")},
       {"onnx.MaxPool",
        {"2x3x9xf32"},
        "2x3x5xf32",
        window("kernel_shape", "3", "1", "2", "0, 0")},
       {"onnx.MaxPool",
        {"2x3x40xi8"},
        "2x3x14xi8",
        window("kernel_shape", "4", "3", "1", "2, 2")},
       {"onnx.MaxPool",
        {"2x2x5x6x7xf32"},
        "2x2x3x3x7xf32",
        window("kernel_shape", "2, 3, 2", "2, 2, 1", "1, 1, 2",
               "1, 1, 1, 0, 1, 1")},
       {"onnx.MaxPool",
        {"1x2x5x6x7xui8"},
        "1x2x2x2x3xui8",
        window("kernel_shape", "3, 3, 3", "2, 3, 2", "1, 1, 1",
               "0, 0, 0, 0, 0, 0")},
       {"onnx.AveragePool",
        {"2x3x40xf32"},
        "2x3x14xf32",
        window("kernel_shape", "4", "3", "1", "2, 2")},
       {"onnx.AveragePool",
        {"2x2x5x6x7xf32"},
        "2x2x5x3x8xf32",
        window("kernel_shape", "3, 2, 2", "1, 2, 1", "1, 1, 1",
               "1, 0, 1, 1, 0, 1")},
       {"onnx.AveragePool",
        {"1x2x5x6x7xf32"},
        "1x2x3x4x4xf32",
        window("kernel_shape", "3, 3, 2", "2, 2, 2", "1, 1, 1",
               "1, 1, 0, 1, 1, 0",
               "ceil_mode = 1 : i64, count_include_pad = 1 : i64")},
       {"onnx.GlobalMaxPool", {"2x3x4x5x7xf32"}, "2x3x1x1x1xf32", ""},
       {"onnx.AveragePool",
        {"2x3x9x11xf32"},
        "2x3x9x11xf32",
        window("kernel_shape", "3, 3", "1, 1", "1, 1", "1, 1, 1, 1")},
       {"onnx.AveragePool",
        {"2x3x9x10xf32"},
        "2x3x5x6xf32",
        window("kernel_shape", "2, 3", "2, 2", "1, 1", "0, 1, 0, 1",
               "ceil_mode = 1 : i64, count_include_pad = 1 : i64")},
       {"onnx.GlobalAveragePool", {"2x3x5x7xf32"}, "2x3x1x1xf32", ""},
       {"onnx.GlobalMaxPool", {"2x3x5x7xf32"}, "2x3x1x1xf32", ""},
       {"onnx.ReduceMean",
        {"2x3x5x7xf32"},
        "2x3x1x1xf32",
        i64s("axes", "2, 3")},
       {"onnx.ReduceSum",
        {"2x3x5x37xf32"},
        "2x5xf32",
        i64s("axes", "1, 3") + ", keepdims = 0 : i64"},
       {"onnx.ReduceMean", {"40x3xf32"}, "1x3xf32", i64s("axes", "0")},
       {"onnx.ReduceSum", {"40x3xf32"}, "40x3xf32", "axes = array<i64>"},
       {"onnx.ReduceMean", {"40x3xi32"}, "40x3xi32", "axes = array<i64>"},
       {"shift.max_pool",
        {"2x3x9x11x!s16"},
        "2x3x5x6x!s16",
        window("kernel", "3, 3", "2, 2", "1, 1", "1, 1, 1, 1")},
       {"shift.max_pool",
        {"1x3x8x8x!u8"},
        "1x3x4x4x!u8",
        window("kernel", "2, 2", "2, 2", "1, 1", "0, 0, 0, 0")},
       // Windows of padding alone.
       {"shift.max_pool",
        {"1x2x4x4x!s12"},
        "1x2x6x6x!s12",
        window("kernel", "1, 1", "1, 1", "1, 1", "1, 1, 1, 1")},
       {"shift.average_pool",
        {"2x3x9x11x!s16"},
        "2x3x9x11x!s12",
        window("kernel", "3, 3", "1, 1", "1, 1", "1, 1, 1, 1")},
       {"shift.average_pool",
        {"2x3x9x10x!s8"},
        "2x3x5x5x!s16b",
        window("kernel", "2, 2", "2, 2", "1, 1", "0, 0, 1, 0",
               "count_include_pad = 1 : i64")},
       {"shift.average_pool",
        {"1x3x7x7x!u8"},
        "1x3x1x1x!u8",
        window("kernel", "7, 7", "1, 1", "1, 1", "0, 0, 0, 0")}},
      16);
}

TEST(CompiledOpsTest, FixedPointArithmetic) {
  std::vector<OpCase> cases;
  const char *types[] = {"!s16", "!s16b", "!s12",  "!s8",
                         "!u8",  "!s32",  "!wide", "!fine"};
  for (const char *type : types) {
    std::string tensor = std::string("3x37x") + type;
    cases.push_back({"shift.quantize", {"3x37xf32"}, tensor, ""});
    cases.push_back({"shift.quantize", {"3x37xf32"}, tensor, "floor"});
    cases.push_back({"shift.dequantize", {tensor}, "3x37xf32", ""});
    for (const char *other : types) {
      std::string result = std::string("3x37x") + other;
      cases.push_back({"shift.requantize", {tensor}, result, ""});
      cases.push_back({"shift.add",
                       {tensor, result},
                       "3x37x!s16",
                       "clamp_min = 0.0 : f32"});
    }
  }
  cases.push_back({"shift.requantize",
                   {"100x!s16"},
                   "100x!s8",
                   "clamp_min = -1.0 : f32, clamp_max = 3.3 : f32"});
  cases.push_back({"shift.add", {"100x!fine", "100x!wide"}, "100x!fine", ""});
  cases.push_back({"shift.add", {"100x!fine", "100x!s8"}, "100x!wide", ""});
  run(cases, 16);
}

TEST(CompiledOpsTest, LinearQuantization) {
  std::vector<OpCase> cases;
  for (const char *type : {"i8", "ui8", "i16", "ui16"}) {
    std::string x = std::string("2x3x37x") + type, slices = "3x", scalar = type,
                one = "1x";
    cases.push_back(
        {"onnx.QuantizeLinear", {"2x3x37xf32", "f32", scalar}, x, ""});
    cases.push_back({"onnx.QuantizeLinear",
                     {"2x3x37xf32", "3xf32", slices + type},
                     x,
                     "axis = -2 : i64"});
    cases.push_back({"onnx.QuantizeLinear",
                     {"2x3x37xi32", "dense<[3.0, 0.0, 1.0e+7]> : tensor<3xf32>",
                      slices + type},
                     x,
                     ""});
    cases.push_back({"onnx.QuantizeLinear",
                     {"2x3x37xf32", "dense<[0.00390625]> : tensor<1xf32>"},
                     x,
                     "axis = 0 : i64"});
  }
  // Ties, saturation, infinities and NaN.
  cases.push_back(
      {"onnx.QuantizeLinear",
       {"dense<[0.5, 1.5, -0.5, -1.5, 0.49999997, 2.5, -2.5, 127.5, 1.0e+30, "
        "-1.0e+30, 0x7F800000, 0xFF800000, 0x7FC00000, 1048575.5]> : "
        "tensor<14xf32>",
        "dense<1.0> : tensor<f32>", "dense<-3> : tensor<i8>"},
       "14xi8",
       ""});
  for (const char *type : {"i8", "ui8", "i16", "ui16", "i32"}) {
    std::string x = std::string("2x3x37x") + type, slices = "37x";
    cases.push_back({"onnx.DequantizeLinear",
                     {x, "f32", std::string(type)},
                     "2x3x37xf32",
                     ""});
    cases.push_back({"onnx.DequantizeLinear",
                     {x, "37xf32", slices + type},
                     "2x3x37xf32",
                     "axis = 2 : i64"});
    cases.push_back({"onnx.DequantizeLinear",
                     {x, "2xf32"},
                     "2x3x37xf32",
                     "axis = -3 : i64"});
  }
  run(cases, 21);
}

TEST(CompiledOpsTest, Casts) {
  std::vector<OpCase> cases;
  const char *types[] = {"f32", "i8", "ui8", "i16", "ui16", "i32", "i64"};
  for (std::string from : types)
    for (std::string to : types)
      cases.push_back({"onnx.Cast", {"3x37x" + from}, "3x37x" + to, ""});
  // Around the limits of every type.
  std::string floats =
      "dense<[-0.5, 0.99, -0.99, -1.0, 126.99, 127.0, 128.5, -128.0, -128.5, "
      "-129.0, 255.0, 255.5, 256.0, 32767.5, -32768.5, 65535.5, 65536.0, "
      "2147483520.0, 2147483648.0, -2147483648.0, -2147483904.0, 4294967040.0, "
      "4294967296.0, 9.223371e+18, 9.223372036854775807e+18, -9.3e+18, "
      "1.8446743e+19, 1.9e+19, 0x7F800000, 0xFF800000, 0x7FC00000, 1.0e-40, "
      "-0.0]> : tensor<33xf32>";
  for (std::string to : types)
    cases.push_back({"onnx.Cast", {floats}, "33x" + to, ""});
  run(cases, 22);
}

TEST(CompiledOpsTest, CastsThroughTypesThatNoInputHas) {
  auto context = ::shift::test::createContext();
  for (const char *middle : {"i1", "ui32", "ui64", "f64"}) {
    std::string text =
        "func.func @main(%x: tensor<2x33xf32>, %y: tensor<2x33xi64>) -> "
        "(tensor<2x33xf32>, tensor<2x33xi32>, tensor<2x33xi64>) {\n"
        "%0 = onnx.Cast %x : (tensor<2x33xf32>) -> tensor<2x33x!m>\n"
        "%1 = onnx.Cast %0 : (tensor<2x33x!m>) -> tensor<2x33xf32>\n"
        "%2 = onnx.Cast %y : (tensor<2x33xi64>) -> tensor<2x33x!m>\n"
        "%3 = onnx.Cast %2 : (tensor<2x33x!m>) -> tensor<2x33xi32>\n"
        "%4 = onnx.Cast %2 : (tensor<2x33x!m>) -> tensor<2x33xi64>\n"
        "return %1, %3, %4 : tensor<2x33xf32>, tensor<2x33xi32>, "
        "tensor<2x33xi64>\n}\n";
    text = std::string("!m = ") + middle + "\n" + text;
    auto module = parseSourceString<ModuleOp>(text, context.get());
    ASSERT_TRUE(module) << text;
    ::shift::test::expectEqualEngines(*module, 23);
  }
}

TEST(CompiledOpsTest, IntegerArithmetic) {
  std::vector<OpCase> cases;
  for (std::string type : {"i8", "ui8", "i16", "ui16", "i32", "i64"}) {
    std::string x = "2x3x37x" + type;
    for (const char *op : {"onnx.Relu", "onnx.Abs", "onnx.Neg"})
      cases.push_back({op, {x}, x, ""});
    for (const char *op : {"onnx.Add", "onnx.Sub", "onnx.Mul", "onnx.PRelu",
                           "onnx.Min", "onnx.Max"}) {
      cases.push_back({op, {x, x}, x, ""});
      cases.push_back({op, {x, "3x1x" + type}, x, ""});
    }
    cases.push_back(
        {"onnx.Div", {x, "dense<7> : tensor<" + type + ">"}, x, ""});
    std::string limits = ", max = 100 : " + type;
    cases.push_back({"onnx.Clip", {x}, x, "min = 3 : " + type + limits});
  }
  for (std::string type : {"i8", "i16", "i32", "i64"})
    cases.push_back(
        {"onnx.Div",
         {"2x3x2x" + type, "dense<[-1, 2]> : tensor<2x" + type + ">"},
         "2x3x2x" + type,
         ""});
  for (std::string type : {"i8", "ui8", "i64"}) {
    std::string x = "3x37x" + type;
    for (const char *exponent : {"3x37xi8", "37xi64", "3x1xui8"})
      cases.push_back({"onnx.Pow", {x, exponent}, x, ""});
    cases.push_back(
        {"onnx.Pow",
         {"5x1x" + type, "dense<[-2, -1, 0, 1, 2, 3, 5, 7]> : tensor<8xi32>"},
         "5x8x" + type,
         ""});
  }
  cases.push_back({"onnx.Pow", {"3x37xi16", "3x37xf32"}, "3x37xi16", ""});
  cases.push_back({"onnx.Pow", {"3x37xf32", "3x37xi32"}, "3x37xf32", ""});
  for (std::string exponents : {"[-3, -2, 0, 9]", "[-1, 1, 2, 8]"})
    cases.push_back({"onnx.Pow",
                     {"dense<[[1], [-1], [0], [3]]> : tensor<4x1xi16>",
                      "dense<" + exponents + "> : tensor<4xi64>"},
                     "4x4xi16",
                     ""});
  cases.push_back({"onnx.Max", {"7xi8", "7xi8", "i8"}, "7xi8", ""});
  cases.push_back({"onnx.Clip", {"70xi8"}, "70xi8", "max = -2 : i8"});
  run(cases, 24);
}

TEST(CompiledOpsTest, DivisionsByComputedIntegers) {
  const char *text = R"(
func.func @main(%x: tensor<50x100xi32>, %y: tensor<50x100xi32>)
    -> tensor<50x100xi32> {
  %one = onnx.Constant dense<ONE> : tensor<i32>
  %0 = onnx.Max %y, %one
    : (tensor<50x100xi32>, tensor<i32>) -> tensor<50x100xi32>
  %1 = onnx.Div %x, %0 {node_name = "ratio"}
    : (tensor<50x100xi32>, tensor<50x100xi32>) -> tensor<50x100xi32>
  return %1 : tensor<50x100xi32>
})";
  auto context = ::shift::test::createContext();
  auto parse = [&](const char *one) {
    std::string copy = text;
    copy.replace(copy.find("ONE"), 3, one);
    return parseSourceString<ModuleOp>(copy, context.get());
  };
  auto module = parse("1");
  ASSERT_TRUE(module);
  ::shift::test::expectEqualEngines(*module, 25);
  auto withZeros = parse("0");
  ASSERT_TRUE(withZeros);
  ::shift::test::expectEqualFailures(
      *withZeros, 25,
      "'onnx.Div' (node 'ratio'): expected a divisor that is not 0, got 0");
}

TEST(CompiledOpsTest, Movement) {
  run({{"onnx.Concat",
        {"2x3x5xf32", "2x4x5xf32"},
        "2x7x5xf32",
        "axis = 1 : i64"},
       {"onnx.Concat",
        {"2x3xf32", "2x3xf32", "2x1xf32"},
        "2x7xf32",
        "axis = 1 : i64"},
       {"shift.concat",
        {"2x3x5x!s16", "2x4x5x!s8", "2x1x5x!u8"},
        "2x8x5x!s12",
        "axis = 1 : i64"},
       {"onnx.Slice",
        {"5x9x7xf32"},
        "5x4x3xf32",
        i64s("starts", "1, -1") + ", " + i64s("ends", "9, -8") + ", " +
            i64s("axes", "1, 2") + ", " + i64s("steps", "2, -3")},
       {"shift.slice",
        {"5x9x40x!s8"},
        "2x3x20x!s8",
        i64s("starts", "1, 8, 3") + ", " + i64s("steps", "3, -2, 1")},
       {"onnx.Transpose",
        {"2x3x4x5xf32"},
        "2x4x5x3xf32",
        i64s("perm", "0, 2, 3, 1")},
       {"shift.transpose",
        {"4x5x6x!s16"},
        "6x5x4x!s16",
        i64s("perm", "2, 1, 0")},
       {"onnx.Expand", {"3x1x5xf32"}, "2x3x4x5xf32", ""},
       {"onnx.Gather",
        {"4x6x3xf32", "dense<[[0, -1], [5, 2]]> : tensor<2x2xi64>"},
        "4x2x2x3xf32",
        "axis = 1 : i64"},
       {"onnx.Pad",
        {"2x3x4x5xf32"},
        "2x3x7x6xf32",
        i64s("pads", "0, 0, 1, 2, 0, 0, 2, -1") +
            ", constant_value = 1.5 : f32"},
       {"onnx.Pad",
        {"2x4x5xf32"},
        "2x7x9xf32",
        i64s("pads", "0, 1, 2, 0, 2, 2") + ", mode = \"reflect\""},
       {"onnx.Pad",
        {"2x4x5xf32"},
        "2x7x9xf32",
        i64s("pads", "0, 1, 2, 0, 2, 2") + ", mode = \"edge\""},
       {"onnx.Pad",
        {"2x4x5xf32"},
        "2x7x9xf32",
        i64s("pads", "0, 1, 2, 0, 2, 2") + ", mode = \"wrap\""},
       {"shift.pad",
        {"1x2x4x5x!u8"},
        "1x2x6x8x!u8",
        i64s("pads", "0, 0, 1, 2, 0, 0, 1, 1") + ", value = 3.0 : f32"},
       {"shift.resize_nearest",
        {"1x2x3x4x!s16"},
        "1x2x6x5x!s16",
        i64s("rows", "0, 0, 1, 1, 2, 2") + ", " +
            i64s("columns", "0, 1, 1, 2, 3")},
       {"onnx.Reshape", {"2x6xf32"}, "3x4xf32", ""},
       {"shift.reshape", {"2x6x!s8"}, "12x!s8", ""},
       {"onnx.Flatten", {"2x3x4xf32"}, "2x12xf32", ""}},
      17);
}

TEST(CompiledOpsTest, PartsOfDifferentSizes) {
  const char *text = R"(
func.func @main(%x: tensor<2x9xf32>) -> (tensor<2x6xf32>, tensor<2x1xf32>,
    tensor<2x2xf32>) {
  %0:3 = onnx.Split %x {axis = 1 : i64, split = array<i64: 6, 1, 2>}
    : (tensor<2x9xf32>) -> (tensor<2x6xf32>, tensor<2x1xf32>, tensor<2x2xf32>)
  return %0#0, %0#1, %0#2 : tensor<2x6xf32>, tensor<2x1xf32>, tensor<2x2xf32>
})";
  auto context = ::shift::test::createContext();
  auto module = parseSourceString<ModuleOp>(text, context.get());
  ASSERT_TRUE(module);
  ::shift::test::expectEqualEngines(*module, 28);
}

TEST(CompiledOpsTest, GathersAtComputedIndices) {
  const char *text = R"(
func.func @main(%x: tensor<4x6x3xf32>, %w: tensor<2x5000xi8>,
    %i: tensor<2x7xi64>, %k: tensor<70xi8>)
    -> (tensor<4x2x7x3xf32>, tensor<2x7x6x3xf32>, tensor<4x6x70xf32>,
        tensor<70x5000xi8>) {
  %0 = onnx.Clip %i {min = -4 : i64, max = LAST : i64}
    : (tensor<2x7xi64>) -> tensor<2x7xi64>
  %1 = onnx.Clip %k {min = -2 : i8, max = 1 : i8}
    : (tensor<70xi8>) -> tensor<70xi8>
  %2 = onnx.Gather %x, %0 {axis = 1 : i64, node_name = "pick"}
    : (tensor<4x6x3xf32>, tensor<2x7xi64>) -> tensor<4x2x7x3xf32>
  %3 = onnx.Gather %x, %0
    : (tensor<4x6x3xf32>, tensor<2x7xi64>) -> tensor<2x7x6x3xf32>
  %4 = onnx.Gather %x, %1 {axis = -1 : i64}
    : (tensor<4x6x3xf32>, tensor<70xi8>) -> tensor<4x6x70xf32>
  %5 = onnx.Gather %w, %1
    : (tensor<2x5000xi8>, tensor<70xi8>) -> tensor<70x5000xi8>
  return %2, %3, %4, %5 : tensor<4x2x7x3xf32>, tensor<2x7x6x3xf32>,
    tensor<4x6x70xf32>, tensor<70x5000xi8>
})";
  auto context = ::shift::test::createContext();
  auto parse = [&](const char *last) {
    std::string copy = text;
    copy.replace(copy.find("LAST"), 4, last);
    return parseSourceString<ModuleOp>(copy, context.get());
  };
  auto module = parse("3");
  ASSERT_TRUE(module);
  ::shift::test::expectEqualEngines(*module, 26);
  auto outside = parse("6");
  ASSERT_TRUE(outside);
  ::shift::test::expectEqualFailures(
      *outside, 26,
      "'onnx.Gather' (node 'pick'): expected indices in [-6, 6), got 6");
}

TEST(CompiledOpsTest, GathersAtConstantsOutsideTheData) {
  const char *text = R"(
func.func @main(%x: tensor<4x3xf32>) -> tensor<2x3xf32> {
  %i = onnx.Constant dense<[1, -5]> : tensor<2xi32>
  %0 = onnx.Gather %x, %i : (tensor<4x3xf32>, tensor<2xi32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
})";
  auto context = ::shift::test::createContext();
  auto module = parseSourceString<ModuleOp>(text, context.get());
  ASSERT_TRUE(module);
  ::shift::test::expectEqualFailures(
      *module, 27, "'onnx.Gather': expected indices in [-4, 4), got -5");
}

TEST(CompiledOpsTest, Resampling) {
  std::string twice = "scales = array<f32: 1.0, 1.0, 2.0, 2.0>";
  std::string odd = "scales = array<f32: 1.0, 1.0, 1.4, 0.75>";
  run({{"onnx.Upsample", {"1x2x3x5xf32"}, "1x2x6x10xf32", twice},
       {"onnx.Upsample",
        {"1x2x3x5xf32"},
        "1x2x6x10xf32",
        twice + ", mode = \"linear\""},
       {"onnx.Resize", {"1x2x3x5xf32"}, "1x2x6x10xf32", twice},
       {"onnx.Resize",
        {"1x2x3x5xf32"},
        "1x2x6x10xf32",
        twice + ", coordinate_transformation_mode = \"asymmetric\", "
                "nearest_mode = \"floor\""},
       {"onnx.Resize",
        {"1x2x10x20xf32"},
        "1x2x14x15xf32",
        odd + ", mode = \"linear\""},
       {"onnx.Resize",
        {"1x2x10x20xf32"},
        "1x2x14x15xf32",
        odd + ", mode = \"cubic\", "
              "coordinate_transformation_mode = \"align_corners\""},
       {"onnx.Resize",
        {"1x2x10x20xf32"},
        "1x2x14x15xf32",
        odd + ", mode = \"linear\", antialias = 1 : i64"},
       {"onnx.Resize",
        {"1x2x4x4xf32"},
        "1x2x4x4xf32",
        "scales = array<f32: 1.0, 1.0, 1.0, 1.0>, mode = \"linear\""}},
      18);
}

TEST(CompiledOpsTest, OutputsThatNoOpMakes) {
  auto context = ::shift::test::createContext();
  const char *text = R"(
func.func @main(%x: tensor<2x9xf32>) -> (tensor<2x9xf32>, tensor<18xf32>,
    tensor<3xf32>, tensor<2x9xf32>, tensor<18xf32>, tensor<2x9xf32>) {
  %c = onnx.Constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %0 = onnx.Relu %x : (tensor<2x9xf32>) -> tensor<2x9xf32>
  %1 = onnx.Reshape %0 : (tensor<2x9xf32>) -> tensor<18xf32>
  %2 = onnx.Neg %0 : (tensor<2x9xf32>) -> tensor<2x9xf32>
  return %x, %1, %c, %0, %1, %2 : tensor<2x9xf32>, tensor<18xf32>,
    tensor<3xf32>, tensor<2x9xf32>, tensor<18xf32>, tensor<2x9xf32>
})";
  auto module = parseSourceString<ModuleOp>(text, context.get());
  ASSERT_TRUE(module);
  ::shift::test::expectEqualEngines(*module, 19);
  ::shift::cpu::CPUOptions options = ::shift::test::machineOptions();
  options.keepAllValues = true;
  ::shift::test::expectEqualEngines(*module, 20, options);
}
