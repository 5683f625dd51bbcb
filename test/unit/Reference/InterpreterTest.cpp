//===- InterpreterTest.cpp - Modules, observers, errors, folding ----------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Reference/Interpreter.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "shift/Reference/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

using namespace shift::reference;

namespace {

class InterpreterTest : public ::testing::Test {
protected:
  InterpreterTest() {
    context.loadDialect<mlir::func::FuncDialect, mlir::onnx::ONNXDialect,
                        mlir::quant::QuantDialect, mlir::shift::ShiftDialect>();
  }

  mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    return module;
  }

  /// The results, or the error as text in `error`.
  std::vector<Tensor> run(llvm::StringRef text, std::vector<Tensor> inputs) {
    auto module = parse(text);
    auto interpreter = Interpreter::create(*module);
    if (!interpreter) {
      error = llvm::toString(interpreter.takeError());
      return {};
    }
    auto results = interpreter->run(inputs);
    if (!results) {
      error = llvm::toString(results.takeError());
      return {};
    }
    return *results;
  }

  mlir::MLIRContext context;
  std::string error;
};

TEST_F(InterpreterTest, RunsOnnxOps) {
  auto results = run(R"mlir(
    func.func @main(%x: tensor<2x3xf32>) -> (tensor<2x2xf32>, tensor<1xf32>) {
      %w = onnx.Constant dense<[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]>
        : tensor<3x2xf32>
      %c = onnx.Constant dense<0.5> : tensor<1xf32>
      %y = onnx.MatMul %x, %w : (tensor<2x3xf32>, tensor<3x2xf32>)
        -> tensor<2x2xf32>
      %z = onnx.Add %y, %c : (tensor<2x2xf32>, tensor<1xf32>)
        -> tensor<2x2xf32>
      return %z, %c : tensor<2x2xf32>, tensor<1xf32>
    })mlir",
                     {Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6})});
  ASSERT_EQ(results.size(), 2u) << error;
  const float *z = results[0].data<float>();
  EXPECT_EQ(std::vector<float>(z, z + 4),
            (std::vector<float>{4.5, 5.5, 10.5, 11.5}));
}

TEST_F(InterpreterTest, RunsShiftOps) {
  // Weights 2 and 0.5 on q = 6 and 4 with fraction 2: 3.5, fraction 1 gives 7.
  auto results = run(R"mlir(
    func.func @main(%x: tensor<1x2x1x1xf32>) -> tensor<1x1x1x1xf32> {
      %q = shift.quantize %x : (tensor<1x2x1x1xf32>)
        -> tensor<1x2x1x1x!quant.uniform<i8:f32, 0.25>>
      %w = shift.weight {bits = 1 : i64, codes = dense<1> : tensor<1xi8>,
        exponents = array<i8: -1, 1>, name = "w", signs = array<i8: 1, 1>}
        : tensor<1x2x1x1x!shift.pow2<-10:5>>
      %y = shift.conv2d %q, %w {dilations = array<i64: 1, 1>,
        pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
        : (tensor<1x2x1x1x!quant.uniform<i8:f32, 0.25>>,
           tensor<1x2x1x1x!shift.pow2<-10:5>>)
        -> tensor<1x1x1x1x!quant.uniform<i16:f32, 0.5>>
      %z = shift.dequantize %y : (tensor<1x1x1x1x!quant.uniform<i16:f32, 0.5>>)
        -> tensor<1x1x1x1xf32>
      return %z : tensor<1x1x1x1xf32>
    })mlir",
                     {Tensor::of<float>({1, 2, 1, 1}, {1.5, 1})});
  ASSERT_EQ(results.size(), 1u) << error;
  EXPECT_EQ(results[0].data<float>()[0], 3.5);
}

TEST_F(InterpreterTest, ObserverSeesEveryResultOnce) {
  auto module = parse(R"mlir(
    func.func @main(%x: tensor<4xf32> {onnx.name = "image"}) -> tensor<2xf32> {
      %a = onnx.Abs %x : (tensor<4xf32>) -> tensor<4xf32>
      %s:2 = onnx.Split %a {split = array<i64: 2, 2>} : (tensor<4xf32>)
        -> (tensor<2xf32>, tensor<2xf32>)
      %y = onnx.Add %s#0, %s#1 : (tensor<2xf32>, tensor<2xf32>)
        -> tensor<2xf32>
      return %y : tensor<2xf32>
    })mlir");
  auto interpreter = Interpreter::create(*module);
  ASSERT_TRUE(bool(interpreter));
  EXPECT_EQ(interpreter->inputNames()[0], "image");
  EXPECT_EQ(interpreter->outputNames()[0], "output0");
  std::vector<std::string> seen;
  std::vector<int64_t> steps;
  interpreter->setObserver([&](mlir::Operation *op, unsigned result,
                               const Tensor &value) {
    seen.push_back(op->getName().getStringRef().str() + std::to_string(result) +
                   ":" + std::to_string(value.size()));
  });
  interpreter->setProgress([&](int64_t done, int64_t total, mlir::Operation *) {
    EXPECT_EQ(total, 3);
    steps.push_back(done);
  });
  auto results = interpreter->run({Tensor::of<float>({4}, {1, -2, 3, -4})});
  ASSERT_TRUE(bool(results));
  EXPECT_EQ((*results)[0].data<float>()[1], 6);
  EXPECT_EQ(seen, (std::vector<std::string>{"onnx.Abs0:4", "onnx.Split0:2",
                                            "onnx.Split1:2", "onnx.Add0:2"}));
  EXPECT_EQ(steps, (std::vector<int64_t>{0, 1, 2}));
}

constexpr const char *gatherModule = R"mlir(
  func.func @main(%x: tensor<2xf32>, %i: tensor<1xi64>) -> tensor<1xf32> {
    %y = onnx.Gather %x, %i {axis = 0 : i64, node_name = "pick"}
      : (tensor<2xf32>, tensor<1xi64>) -> tensor<1xf32>
    return %y : tensor<1xf32>
  })mlir";

TEST_F(InterpreterTest, ErrorsNameTheNode) {
  Tensor x(DType::F32, {2});
  run(gatherModule, {x, Tensor::of<int64_t>({1}, {7})});
  EXPECT_EQ(error, "'onnx.Gather' (node 'pick'): expected indices in [-2, 2), "
                   "got 7");
}

TEST_F(InterpreterTest, WrongArgumentsAreRefused) {
  run(gatherModule, {Tensor(DType::F32, {2})});
  EXPECT_EQ(error, "expected 2 inputs, got 1");
  run(gatherModule, {Tensor(DType::F32, {3}), Tensor(DType::I64, {1})});
  EXPECT_EQ(error, "input 'input0': expected 2xf32, got 3xf32");
  run(gatherModule, {Tensor(DType::F32, {2}), Tensor(DType::I32, {1})});
  EXPECT_EQ(error, "input 'input1': expected 1xi64, got 1xi32");
  run("module {}", {});
  EXPECT_EQ(error, "expected a module with a function @main of one block");
}

TEST_F(InterpreterTest, FoldingGivesTheInterpretersValues) {
  constexpr const char *text = R"mlir(
    func.func @main(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2xi64>) {
      %w = onnx.Constant {name = "w"} dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
      %e = onnx.Exp %w : (tensor<3xf32>) -> tensor<3xf32>
      %i = onnx.Identity %e : (tensor<3xf32>) -> tensor<3xf32>
      %s = onnx.Shape %x : (tensor<2x3xf32>) -> tensor<2xi64>
      %y = onnx.Mul %x, %i : (tensor<2x3xf32>, tensor<3xf32>)
        -> tensor<2x3xf32>
      return %y, %s : tensor<2x3xf32>, tensor<2xi64>
    })mlir";
  Tensor x = Tensor::of<float>({2, 3}, {1, -1, 2, 3, 0.5, -7});
  auto before = run(text, {x});
  auto module = parse(text);
  mlir::PassManager passes(&context);
  passes.addPass(createFoldConstantsPass());
  ASSERT_TRUE(mlir::succeeded(passes.run(*module)));
  int constants = 0, others = 0;
  module->walk([&](mlir::Operation *op) {
    if (auto constant = llvm::dyn_cast<mlir::onnx::ConstantOp>(op)) {
      ++constants;
      if (constant.getName())
        EXPECT_EQ(*constant.getName(), "w");
    } else if (llvm::isa<mlir::onnx::ONNXDialect>(op->getDialect())) {
      ++others;
      EXPECT_TRUE(llvm::isa<mlir::onnx::MulOp>(op));
    }
  });
  EXPECT_EQ(constants, 2);
  EXPECT_EQ(others, 1);
  auto interpreter = Interpreter::create(*module);
  auto after = interpreter->run({x});
  ASSERT_TRUE(bool(after));
  for (size_t i = 0; i < before.size(); ++i)
    EXPECT_EQ((*after)[i].bytes, before[i].bytes);
}

TEST_F(InterpreterTest, FoldingKeepsLargeAndRefusedOps) {
  auto module = parse(R"mlir(
    func.func @main() -> (tensor<100xf32>, tensor<1xi32>) {
      %a = onnx.Constant dense<1.0> : tensor<1xf32>
      %b = onnx.Expand %a : (tensor<1xf32>) -> tensor<100xf32>
      %c = onnx.Constant dense<0> : tensor<1xi32>
      %d = onnx.Div %c, %c : (tensor<1xi32>, tensor<1xi32>) -> tensor<1xi32>
      return %b, %d : tensor<100xf32>, tensor<1xi32>
    })mlir");
  mlir::PassManager passes(&context);
  FoldConstantsPassOptions options;
  options.maxBytes = 64;
  passes.addPass(createFoldConstantsPass(options));
  ASSERT_TRUE(mlir::succeeded(passes.run(*module)));
  int kept = 0;
  module->walk([&](mlir::Operation *op) {
    kept += llvm::isa<mlir::onnx::ExpandOp, mlir::onnx::DivOp>(op);
  });
  EXPECT_EQ(kept, 2);
}

} // namespace
