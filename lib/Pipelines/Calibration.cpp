//===- Calibration.cpp - Fractions from observed values -------------------===//
// SPDX-License-Identifier: Apache-2.0
// The model runs as generated code in which every value keeps its own memory.
// Least squares needs a second pass: the first one finds the candidates.
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/Calibration.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Conversion/ONNXToShift/ActivationFormats.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/ModuleInfo.h"
#include "shift/Pipelines/Progress.h"
#include "shift/Support/FractionChooser.h"
#include "shift/Support/PowerOfTwo.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>
#include <map>
#include <set>

using namespace llvm;
using namespace mlir;

namespace shift::pipelines {

Expected<CalibrationOptions::Method> parseCalibrationMethod(StringRef name) {
  using Method = CalibrationOptions::Method;
  auto method = llvm::StringSwitch<std::optional<Method>>(name)
                    .Case("max", Method::Maximum)
                    .Case("percentile", Method::Percentile)
                    .Case("least-squares", Method::LeastSquares)
                    .Default(std::nullopt);
  if (!method)
    return makeUsageError("expected calibration method max, percentile or "
                          "least-squares, got '" +
                          name + "'");
  return *method;
}

namespace {

using ReadInput = llvm::function_ref<Expected<std::vector<NpyArray>>(
    const std::string &, const Engine &)>;

/// The statistics of one module's float32 values. Arguments have the ids
/// -1 - index.
class Calibrator {
public:
  Calibrator(ModuleOp module, const CalibrationOptions &options)
      : options(options), formats(module),
        main(module.lookupSymbol<func::FuncOp>("main")) {
    for (auto [op, first] : numberValues(module))
      for (auto [i, result] : llvm::enumerate(op->getResults()))
        add(first + i, result);
    for (auto [i, argument] : llvm::enumerate(main.getArguments()))
      add(-1 - int64_t(i), argument);
  }

  Error run(ArrayRef<std::string> files, Engine &engine, ReadInput readInput);
  void annotate();

private:
  struct Statistics {
    FixedPoint format;
    FractionChooser chooser;
    std::optional<LeastSquaresChooser> errors;
  };

  void add(int64_t id, Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    bool isConstant = value.getDefiningOp() &&
                      isa<mlir::onnx::ConstantOp>(value.getDefiningOp());
    if (!type || !type.getElementType().isF32() || isConstant)
      return;
    FixedPoint format = formats.getFormat(value);
    values.emplace(
        id, Statistics{format, FractionChooser(format.qMax()), std::nullopt});
  }

  Error
  pass(ArrayRef<std::string> files, Engine &engine, ReadInput readInput,
       llvm::function_ref<void(Statistics &, const float *, int64_t)> take);
  int64_t fractionOf(int64_t id) const;

  CalibrationOptions options;
  mlir::shift::ActivationFormats formats;
  func::FuncOp main;
  std::map<int64_t, Statistics> values;
  /// Values that were NaN or infinite somewhere.
  std::set<int64_t> notFinite;
};

Error Calibrator::pass(
    ArrayRef<std::string> files, Engine &engine, ReadInput readInput,
    llvm::function_ref<void(Statistics &, const float *, int64_t)> take) {
  Progress progress("calibrating", files.size());
  auto observe = [&](int64_t id, const float *data, int64_t count) {
    auto found = values.find(id);
    if (found == values.end())
      return;
    // One infinity would make every other value zero.
    if (findNonFinite(data, count) < 0)
      return take(found->second, data, count);
    notFinite.insert(id);
    std::vector<float> finite;
    std::copy_if(data, data + count, std::back_inserter(finite),
                 [](float value) { return std::isfinite(value); });
    take(found->second, finite.data(), finite.size());
  };
  for (const std::string &file : files) {
    Expected<std::vector<NpyArray>> inputs = readInput(file, engine);
    if (!inputs)
      return inputs.takeError();
    for (auto [i, input] : llvm::enumerate(*inputs)) {
      if (input.dtype != "<f4")
        continue;
      auto *data = reinterpret_cast<const float *>(input.bytes.data());
      int64_t count = input.bytes.size() / 4;
      int64_t bad = findNonFinite(data, count);
      if (bad >= 0)
        return makeError("'" + file + "': expected finite values, got " +
                         Twine(std::to_string(data[bad])) + " at index " +
                         Twine(bad));
      observe(-1 - int64_t(i), data, count);
    }
    auto observeFloats = [&](const ObservedValue &value) {
      if (value.dtype == "<f4")
        observe(value.id, static_cast<const float *>(value.data), value.count);
    };
    if (Error error = engine.observe(*inputs, observeFloats))
      return error;
    progress.step();
  }
  return Error::success();
}

Error Calibrator::run(ArrayRef<std::string> files, Engine &engine,
                      ReadInput readInput) {
  if (Error error = pass(files, engine, readInput,
                         [](Statistics &value, const float *data,
                            int64_t count) { value.chooser.add(data, count); }))
    return error;
  if (options.method != CalibrationOptions::Method::LeastSquares)
    return Error::success();
  // Saturating the largest values can only pay for a few bits.
  constexpr int candidates = 6;
  for (auto &[id, value] : values) {
    int first = value.chooser.chooseMaximum();
    value.errors.emplace(value.format, first,
                         std::min(first + candidates, maxFraction));
  }
  return pass(files, engine, readInput,
              [](Statistics &value, const float *data, int64_t count) {
                value.errors->add(data, count);
              });
}

int64_t Calibrator::fractionOf(int64_t id) const {
  auto found = values.find(id);
  if (found == values.end())
    return 0;
  const Statistics &value = found->second;
  switch (options.method) {
  case CalibrationOptions::Method::Maximum:
    return value.chooser.chooseMaximum();
  case CalibrationOptions::Method::Percentile:
    return value.chooser.choosePercentile(options.percentile);
  case CalibrationOptions::Method::LeastSquares:
    return value.errors->choose();
  }
  llvm_unreachable("all methods are handled");
}

/// The node's name, or the op's.
static StringRef describe(Operation *op) {
  auto name = op->getAttrOfType<StringAttr>("node_name");
  return name ? name.getValue() : op->getName().getStringRef();
}

void Calibrator::annotate() {
  Builder builder(main.getContext());
  for (auto [op, first] : numberValues(main->getParentOfType<ModuleOp>())) {
    SmallVector<int64_t> fractions;
    bool isFloat = false;
    for (int64_t i = 0; i < op->getNumResults(); ++i) {
      isFloat |= values.count(first + i) != 0;
      fractions.push_back(fractionOf(first + i));
    }
    if (isFloat)
      op->setAttr(mlir::shift::fractionsAttr,
                  builder.getDenseI64ArrayAttr(fractions));
    for (int64_t i = 0; i < op->getNumResults(); ++i)
      if (notFinite.count(first + i))
        mlir::emitWarning(op->getLoc())
            << "calibration met values of '" << describe(op)
            << "' that are NaN or infinite; they are left out";
  }
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    if (values.count(-1 - int64_t(i)))
      main.setArgAttr(i, mlir::shift::fractionAttr,
                      builder.getI64IntegerAttr(fractionOf(-1 - int64_t(i))));
}

} // namespace

Error calibrate(ModuleOp module, const CalibrationOptions &options,
                ArrayRef<std::string> files, ReadInput readInput) {
  if (!(options.percentile > 0 && options.percentile <= 100))
    return makeUsageError("expected a percentile in (0, 100], got " +
                          Twine(std::to_string(options.percentile)));
  Expected<std::unique_ptr<Engine>> engine =
      compileEngine(module, {/*threads=*/0, /*isObservable=*/true});
  if (!engine)
    return engine.takeError();
  Calibrator calibrator(module, options);
  if (Error error = calibrator.run(files, **engine, readInput))
    return error;
  calibrator.annotate();
  return Error::success();
}

} // namespace shift::pipelines
