//===- Lowering.cpp - From tensor ops to kernels and steps ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Lowering.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftCertificate.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/IR/Remarks.h"
#include "shift/Conversion/Kernels/Passes.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

Type mlir::shift::kernels::storageType(Type elementType) {
  MLIRContext *context = elementType.getContext();
  if (std::optional<::shift::FixedPoint> fixed = getFixedPoint(elementType))
    return IntegerType::get(context, fixed->storageBits);
  if (elementType.isF32() || elementType.isF64())
    return elementType;
  if (auto integer = dyn_cast<IntegerType>(elementType)) {
    unsigned width = integer.getWidth();
    if (width == 1)
      return IntegerType::get(context, 8);
    if (width == 8 || width == 16 || width == 32 || width == 64)
      return IntegerType::get(context, width);
  }
  return Type();
}

int64_t mlir::shift::kernels::product(ArrayRef<int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  return count;
}

void mlir::shift::kernels::addSharedFamilies(
    std::vector<std::unique_ptr<KernelFamily>> &all) {
  all.push_back(createElementwiseFamily());
  all.push_back(createIntegerFamily());
  all.push_back(createUpsampleAddFamily());
  all.push_back(createFixedPointFamily());
  all.push_back(createQuantizationFamily());
  all.push_back(createMovementFamily());
  all.push_back(createGatherFamily());
  all.push_back(createPoolFamily());
}

std::string mlir::shift::kernels::nodeName(Operation *op) {
  auto name = op->getAttrOfType<StringAttr>("node_name");
  return name ? name.str() : std::string();
}

std::string mlir::shift::kernels::shapeKey(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "scalar";
  std::string key;
  llvm::raw_string_ostream os(key);
  llvm::interleave(shape, os, "x");
  return key;
}

StringRef mlir::shift::kernels::dtypeName(Type elementType) {
  if (std::optional<::shift::FixedPoint> fixed = getFixedPoint(elementType)) {
    if (fixed->storageBits == 32)
      return "i32";
    if (fixed->storageBits == 16)
      return fixed->isSigned ? "i16" : "u16";
    return fixed->isSigned ? "i8" : "u8";
  }
  if (elementType.isF32())
    return "f32";
  auto integer = dyn_cast<IntegerType>(elementType);
  if (!integer)
    return "";
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return "i8";
  case 8:
    return isUnsigned ? "u8" : "i8";
  case 16:
    return isUnsigned ? "u16" : "i16";
  case 32:
    return isUnsigned ? "" : "i32";
  case 64:
    return isUnsigned ? "" : "i64";
  }
  return "";
}

std::string mlir::shift::kernels::typeKey(Type elementType) {
  std::string key;
  llvm::raw_string_ostream os(key);
  if (std::optional<::shift::FixedPoint> fixed = getFixedPoint(elementType)) {
    os << (fixed->isSigned ? 'i' : 'u') << fixed->storageBits;
    if (fixed->bits != fixed->storageBits)
      os << 'b' << fixed->bits;
    os << 'f' << (fixed->fraction < 0 ? "m" : "") << std::abs(fixed->fraction);
  } else {
    os << elementType;
  }
  return key;
}

std::string mlir::shift::kernels::typeKey(Value tensor) {
  return typeKey(cast<RankedTensorType>(tensor.getType()).getElementType());
}

AddOp mlir::shift::kernels::getFusedAdd(Operation *op) {
  if (!op->hasAttr(fusedAttrName) || !rankProducer(op->getResult(0)))
    return {};
  return dyn_cast<AddOp>(*op->getResult(0).user_begin());
}

//===----------------------------------------------------------------------===//
// Buffers and constants
//===----------------------------------------------------------------------===//

MemRefType mlir::shift::kernels::flatType(Type element, int64_t count) {
  return MemRefType::get({std::max<int64_t>(count, 1)}, element);
}

Value Lowering::getGlobal(StringRef name, MemRefType type) {
  return memref::GetGlobalOp::create(body, body.getUnknownLoc(), type, name);
}

static memref::GlobalOp createGlobal(ModuleOp module, StringRef name,
                                     MemRefType type, Attribute value) {
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToStart(module.getBody());
  return memref::GlobalOp::create(
      builder, module.getLoc(), name, builder.getStringAttr("private"), type,
      value, /*constant=*/isa_and_present<ElementsAttr>(value),
      builder.getI64IntegerAttr(64));
}

Value Lowering::constant(ArrayRef<char> bytes, Type element) {
  // Tables repeat from layer to layer, and so do the weights of shared heads.
  // Of large data a hash of 128 bits stands for the content.
  constexpr size_t largestKey = 64;
  std::string key;
  llvm::raw_string_ostream os(key);
  os << element << ':' << bytes.size() << ':';
  if (bytes.size() <= largestKey) {
    os << StringRef(bytes.data(), bytes.size());
  } else {
    llvm::XXH128_hash_t hash = llvm::xxh3_128bits(ArrayRef(
        reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
    os << hash.high64 << ':' << hash.low64;
  }
  Value &shared = sharedConstants[key];
  if (shared)
    return shared;
  int64_t count = int64_t(bytes.size()) * 8 / element.getIntOrFloatBitWidth();
  std::string name = ("data_" + Twine(constantCount++)).str();
  MemRefType type = flatType(element, count);
  auto tensor = RankedTensorType::get(type.getShape(), element);
  SmallVector<char> storage(bytes);
  storage.resize(type.getNumElements() * element.getIntOrFloatBitWidth() / 8);
  createGlobal(module, name, type, getBlobAttr(tensor, storage, name));
  return shared = getGlobal(name, type);
}

Value Lowering::expanded(WeightOp weights, DictionaryAttr expand, Type element,
                         int64_t count) {
  Value &shared = expandedWeights[{weights, expand}];
  if (shared)
    return shared;
  std::string name = ("weights_" + Twine(constantCount++)).str();
  MemRefType type = flatType(element, count);
  memref::GlobalOp global = createGlobal(module, name, type, nullptr);
  auto weightType = cast<RankedTensorType>(weights.getType());
  NamedAttrList attrs(expand);
  attrs.set("bits", weights.getBitsAttr());
  attrs.set("count", body.getI64IntegerAttr(weightType.getNumElements()));
  attrs.set("terms",
            body.getI64IntegerAttr(
                cast<Pow2Type>(weightType.getElementType()).getTerms()));
  attrs.set("codebook_signs", weights.getSignsAttr());
  attrs.set("codebook_exponents", weights.getExponentsAttr());
  if (weights.getWindowTops())
    attrs.set("window_tops", weights.getWindowTopsAttr());
  global->setAttr("shift.expand", attrs.getDictionary(body.getContext()));
  global->setAttr("shift.codes", weights.getCodes());
  return shared = getGlobal(name, type);
}

Value Lowering::values(WeightOp weights) {
  auto type = cast<RankedTensorType>(weights.getType());
  NamedAttrList layout;
  layout.set("layout", body.getStringAttr("values"));
  return expanded(
      weights, layout.getDictionary(body.getContext()), body.getF32Type(),
      type.getNumElements() * cast<Pow2Type>(type.getElementType()).getTerms());
}

Value Lowering::temporary(Type element, int64_t count) {
  return memref::AllocOp::create(body, body.getUnknownLoc(),
                                 flatType(element, count));
}

Value Lowering::part(Value flat, int64_t first, Value tensor) {
  if (first == 0 &&
      countOf(tensor) == cast<MemRefType>(flat.getType()).getNumElements())
    return flat;
  Builder &b = body;
  Value view = memref::SubViewOp::create(
      body, tensor.getLoc(), flat, {b.getIndexAttr(first)},
      {b.getIndexAttr(countOf(tensor))}, {b.getIndexAttr(1)});
  // Kernels get a pointer to the first element, so they are the same for parts.
  return UnrealizedConversionCastOp::create(
             body, tensor.getLoc(),
             flatType(storageOf(tensor), countOf(tensor)), view)
      .getResult(0);
}

int64_t Lowering::offsetOf(Value buffer) {
  auto cast = buffer.getDefiningOp<UnrealizedConversionCastOp>();
  if (!cast)
    return 0;
  auto view = cast.getOperand(0).getDefiningOp<memref::SubViewOp>();
  return view.getStaticOffsets()[0] + offsetOf(view.getSource());
}

bool Lowering::isPart(Value buffer, Value flat, int64_t first) {
  if (buffer == flat)
    return first == 0;
  auto cast = buffer.getDefiningOp<UnrealizedConversionCastOp>();
  if (!cast)
    return false;
  auto view = cast.getOperand(0).getDefiningOp<memref::SubViewOp>();
  return view.getSource() == flat && view.getStaticOffsets()[0] == first;
}

Value Lowering::copy(Value tensor, StringRef layout,
                     function_ref<Value()> make) {
  std::pair<Value, Attribute> key(tensor, body.getStringAttr(layout));
  Value known = copies.lookup(key);
  return known ? known : copies[key] = make();
}

Value Lowering::buffer(Value tensor) {
  if (Value known = buffers.lookup(tensor))
    return known;
  Value flat;
  if (auto constantOp = tensor.getDefiningOp<onnx::ConstantOp>()) {
    std::vector<uint8_t> bytes =
        getRawBytes(cast<ElementsAttr>(constantOp.getValue()));
    flat = constant(
        ArrayRef<char>(reinterpret_cast<char *>(bytes.data()), bytes.size()),
        storageOf(tensor));
  } else {
    flat = memref::AllocOp::create(
        body, tensor.getLoc(), flatType(storageOf(tensor), countOf(tensor)));
  }
  buffers[tensor] = flat;
  return flat;
}

//===----------------------------------------------------------------------===//
// Kernels and steps
//===----------------------------------------------------------------------===//

void StepInfo::describeWeights(WeightOp weights) {
  weightBits = int(weights.getBits());
  if (std::optional<RoundingError> rounding = getRoundingError(weights))
    error = rounding->show();
}

/// Why the kernel can, and why its strategy was chosen among others.
static std::string fullReason(Operation *op, const StepInfo &info) {
  std::string reason = info.reason;
  if (auto chosen = op->getAttrOfType<StringAttr>(strategyReasonAttrName))
    reason += "; " + chosen.str();
  if (getFusedAdd(op))
    reason += "; computes the add behind it";
  return reason;
}

/// `result` is what the step completes, null where it completes nothing.
static DictionaryAttr describe(OpBuilder &b, Operation *op, StringRef strategy,
                               const StepInfo &info, int64_t valueId,
                               Value result) {
  NamedAttrList attrs;
  attrs.set("name", b.getStringAttr(nodeName(op)));
  attrs.set("op", b.getStringAttr(op->getName().getStringRef()));
  attrs.set("strategy", b.getStringAttr(strategy));
  attrs.set("reason", b.getStringAttr(fullReason(op, info)));
  attrs.set("extent", b.getI64IntegerAttr(info.extent));
  attrs.set("grain", b.getI64IntegerAttr(info.grain));
  attrs.set("scratch_bytes", b.getI64IntegerAttr(info.scratchBytes));
  attrs.set("macs", b.getI64IntegerAttr(info.macs));
  if (info.accumulatorBits) {
    attrs.set("accumulator_bits", b.getI64IntegerAttr(info.accumulatorBits));
    attrs.set("bound_bits", b.getI64IntegerAttr(info.boundBits));
  }
  if (CertificateAttr certificate = getCertificate(op)) {
    auto least = [&](DenseIntElementsAttr fits) {
      return b.getI64IntegerAttr(leastProducts(op, fits));
    };
    attrs.set("chunk", b.getI64IntegerAttr(certificate.getChunk()));
    attrs.set("fits16", least(certificate.getFits16()));
    attrs.set("fits32", least(certificate.getFits32()));
  }
  if (info.weightBits >= 0)
    attrs.set("weight_bits", b.getI64IntegerAttr(info.weightBits));
  if (!info.error.empty())
    attrs.set("error", b.getStringAttr(info.error));
  if (!info.fault.empty())
    attrs.set("fault", b.getStringAttr(info.fault));
  if (!info.inPlace.empty())
    attrs.set("in_place", b.getDenseI64ArrayAttr(info.inPlace));
  attrs.set("value_id", b.getI64IntegerAttr(valueId));
  if (result) {
    auto type = cast<RankedTensorType>(result.getType());
    attrs.set("dtype", b.getStringAttr(dtypeName(type.getElementType())));
    attrs.set("count", b.getI64IntegerAttr(type.getNumElements()));
  }
  return attrs.getDictionary(b.getContext());
}

/// "'backbone.conv1'": the node, else nothing.
static std::string quotedName(Operation *op) {
  auto name = op->getAttrOfType<StringAttr>("node_name");
  return name ? " '" + name.str() + "'" : "";
}

/// One remark a step: which strategy, why, and the overflow certificate.
static void explain(Operation *op, StringRef strategy, const StepInfo &info,
                    StringRef target) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << op->getName() << quotedName(op) << " takes strategy " << strategy
     << ": " << fullReason(op, info);
  if (info.accumulatorBits)
    os << "; accumulator of " << info.accumulatorBits << " bits";
  std::string category = ("shift-" + target).str();
  remark::passed(op->getLoc(),
                 remark::RemarkOpts::name("Kernel").category(category))
      << text;
}

/// What a kernel was made for: op, shapes, strategy.
static std::string describeKernel(Operation *op, StringRef strategy,
                                  const StepInfo &info) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << op->getName() << quotedName(op) << ' ';
  auto shapes = [&](ValueRange values) {
    llvm::interleaveComma(values, os, [&](Value value) {
      os << shapeKey(shapeOf(value)) << ' ' << typeKey(value);
    });
  };
  shapes(op->getOperands().take_front(1));
  os << " to ";
  shapes(op->getResults());
  os << ", strategy " << strategy << ": " << info.reason;
  return text;
}

Operation *Lowering::getKernel(const KernelRequest &request) {
  Operation *&made =
      kernels[(request.opName + " " + request.strategy + " " + request.key)
                  .str()];
  if (!made)
    made = target.createKernel(module, request);
  return made;
}

/// The place behind the launches of @setup, which is made if it is not there.
static OpBuilder getSetup(ModuleOp module) {
  auto setup = module.lookupSymbol<func::FuncOp>("setup");
  if (!setup) {
    OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
    setup = func::FuncOp::create(b, module.getLoc(), "setup",
                                 b.getFunctionType({}, {}));
    b.setInsertionPointToStart(setup.addEntryBlock());
    func::ReturnOp::create(b, module.getLoc());
  }
  return OpBuilder(setup.getBody().front().getTerminator());
}

Value Lowering::setUp(WeightOp weights, StringRef layout, ValueRange constants,
                      Type element, int64_t count, const StepInfo &info,
                      KernelBody kernel) {
  Value &shared = expandedWeights[{weights, body.getStringAttr(layout)}];
  if (shared)
    return shared;
  std::string name = ("weights_" + Twine(constantCount++)).str();
  MemRefType type = flatType(element, count);
  createGlobal(module, name, type, body.getUnitAttr());
  OpBuilder setup = getSetup(module);
  SmallVector<Value> args;
  for (Value constant : constants)
    args.push_back(setup.clone(*constant.getDefiningOp())->getResult(0));
  Location loc = weights.getLoc();
  args.push_back(memref::GetGlobalOp::create(setup, loc, type, name));
  std::string key = layout.str();
  llvm::raw_string_ostream os(key);
  for (Value arg : args)
    os << ' ' << arg.getType();
  Operation *made = getKernel({"expand_weights", key, "setup", info.reason,
                               ValueRange(args).getTypes(), info, kernel});
  target.createCall(setup, loc, made, args, info);
  return shared = getGlobal(name, type);
}

void Lowering::step(Operation *op, StringRef opName, const Twine &key,
                    StringRef strategy, ValueRange args, const StepInfo &info,
                    KernelBody kernel) {
  if (!info.fault.empty() && !target.reportsFaults()) {
    op->emitError("'") << op->getName() << "' needs a check of its data ("
                       << info.fault << "), which " << target.getName()
                       << " code cannot report; --engine=reference runs it";
    failed = true;
    return;
  }
  // Argument types are part of the key: a weight's size is not in every shape.
  std::string full = key.str();
  llvm::raw_string_ostream os(full);
  os << ' ' << info.scratchBytes;
  for (int64_t arg : info.inPlace)
    os << " over" << arg;
  for (Type type : args.getTypes()) {
    os << ' ' << type;
    int64_t count = cast<MemRefType>(type).getNumElements();
    if (count > target.maxElements() && !failed) {
      op->emitError("'") << op->getName() << "' uses a buffer of " << count
                         << " elements, expected at most "
                         << target.maxElements() << " in " << target.getName()
                         << " code";
      failed = true;
    }
  }
  Operation *made =
      getKernel({opName, full, strategy, describeKernel(op, strategy, info),
                 args.getTypes(), info, kernel});
  explain(op, strategy, info, target.getName());
  Operation *call = target.createCall(body, op->getLoc(), made, args, info);
  // Every family passes the result last.
  AddOp added = getFusedAdd(op);
  Value completed;
  for (Value result : added ? added->getResults() : op->getResults())
    if (buffers.lookup(result) == args.back())
      completed = result;
  call->setAttr("shift.step",
                describe(body, op, strategy, info, valueId, completed));
}

void Lowering::prepare(Operation *op, StringRef opName, const Twine &key,
                       StringRef strategy, ValueRange args,
                       const StepInfo &info, KernelBody kernel) {
  // The op's value is complete only after its own steps.
  int64_t own = std::exchange(valueId, -1);
  step(op, opName, key, strategy, args, info, kernel);
  valueId = own;
}

//===----------------------------------------------------------------------===//
// Loops that many kernels share
//===----------------------------------------------------------------------===//

void mlir::shift::kernels::forEachRun(KernelBuilder &kb, Val lo, Val hi,
                                      function_ref<void(Val, int64_t)> emit) {
  if (kb.threads)
    return kb.loop(lo + kb.thread(), hi, kb.threads,
                   [&](Val i) { emit(i, 1); });
  constexpr int64_t lanes = 16;
  Val middle = lo + (hi - lo) / lanes * lanes;
  kb.loop(lo, middle, lanes, [&](Val i) { emit(i, lanes); });
  kb.loop(middle, hi, 1, [&](Val i) { emit(i, 1); });
}

void mlir::shift::kernels::forEachItem(KernelBuilder &kb, Val begin, Val end,
                                       function_ref<void(Val)> emit) {
  if (kb.threads)
    return emit(begin);
  kb.loop(begin, end, 1, emit);
}

void mlir::shift::kernels::forEachElement(KernelBuilder &kb, Val item,
                                          int64_t count, int64_t size,
                                          function_ref<void(Val)> emit) {
  Val lo = kb.named(item * size, "first");
  Val hi = kb.min(lo + size, kb.index(count));
  kb.loop(lo + kb.thread(), hi, kb.threads, emit);
}

void mlir::shift::kernels::forEachBlock(KernelBuilder &kb, Val begin, Val end,
                                        int64_t count, int64_t size,
                                        function_ref<void(Val, Val)> inner) {
  Val lo = begin * size;
  Val hi = kb.min((kb.threads ? begin + 1 : end) * size, kb.index(count));
  inner(lo, hi);
}

void mlir::shift::kernels::lowerCheck(
    Operation *op, Value tensor, Lowering &lowering, StringRef message,
    StringRef key, function_ref<Val(KernelBuilder &, Val)> isBad) {
  int64_t items = lowering.itemSize();
  int64_t count = countOf(tensor);
  StepInfo info;
  info.extent = llvm::divideCeil(count, items);
  info.scratchBytes = 2 * sizeof(int64_t);
  info.reason = "looks for numbers that the op cannot take";
  info.fault = message;
  std::optional<::shift::FixedPoint> format = getFixedPoint(elementOf(tensor));
  bool isSigned =
      format ? format->isSigned : isSignedInteger(elementOf(tensor));
  lowering.prepare(
      op, "check",
      typeKey(tensor) + "_" + std::to_string(count) + "_" + key.str(), "check",
      {lowering.buffer(tensor)}, info,
      [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value scratch, Val begin,
          Val end) {
        Value report = kb.view(scratch, kb.index(0), kb.i(64), 2);
        forEachBlock(kb, begin, end, count, items, [&](Val lo, Val hi) {
          kb.loop(lo, hi, 1, [&](Val i) {
            Val x = kb.load(buffers[0], i);
            Val found = kb.load(report, kb.index(0));
            Val isFirst = kb.compare(arith::CmpIPredicate::eq, found,
                                     kb.constant(kb.i(64), 0));
            kb.ifThen(kb.bitAnd(isBad(kb, x), isFirst), [&] {
              kb.store(kb.constant(kb.i(64), 1), report, kb.index(0));
              kb.store(kb.convert(x, kb.i(64), isSigned), report, kb.index(1));
            });
          });
        });
      });
}
