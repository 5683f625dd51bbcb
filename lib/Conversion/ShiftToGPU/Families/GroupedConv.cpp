//===- GroupedConv.cpp - Convolutions of few channels a group -------------===//
// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions and groups of two output channels: tiles of channels
// would be empty. A block computes positions of one output channel, each thread
// one of them; the channel's weights are decoded once, to shared memory.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/Kernels/FloatLayer.h"
#include "lib/Conversion/ShiftToGPU/ConvGemm.h"
#include "lib/Conversion/ShiftToGPU/Families.h"
#include "lib/Conversion/ShiftToGPU/PackedCodes.h"
#include "lib/Conversion/ShiftToGPU/ShiftProducts.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;

namespace {
/// The layers that these kernels are made for.
bool isFew(const ConvLayer &layer, int64_t terms) {
  constexpr int64_t mostChannels = 2, mostTerms = 1024;
  return layer.groups > 1 && layer.channels <= mostChannels &&
         layer.panel.taps * terms <= mostTerms;
}

int64_t countTerms(Value weights) {
  auto type = cast<RankedTensorType>(weights.getType());
  return cast<Pow2Type>(type.getElementType()).getTerms();
}

class GroupedKernel {
public:
  GroupedKernel(KernelBuilder &kb, const ConvLayer &layer,
                const PackedCodes &codes, ArrayRef<Value> buffers)
      : kb(kb), layer(layer), codes(codes), buffers(buffers) {}
  virtual ~GroupedKernel() = default;

  void run(Val block) {
    int64_t positions = layer.panel.positions;
    int64_t across = llvm::divideCeil(positions, kb.threads);
    int64_t channels = layer.groups * layer.channels;
    Val position = block % across * kb.threads + kb.thread();
    kb.named(position, "position");
    Val plane = block / across;
    channel = plane % channels;
    kb.named(channel, "channel");
    batch = plane / channels;
    loadWeights();
    Val isThere =
        kb.compare(arith::CmpIPredicate::ult, position, kb.index(positions));
    kb.ifThen(isThere, [&] { compute(position); });
  }

  static int64_t threadsOf(const ConvLayer &layer) {
    return std::min<int64_t>(llvm::alignTo(layer.panel.positions, 32), 256);
  }

protected:
  /// What the channel's weights become in shared memory.
  virtual Val emitWord(Val word) { return word; }
  virtual Val emitStart() = 0;
  /// `sum` with the product of `x`, an element of the input.
  virtual Val emitAdd(Val sum, Val x, Val word) = 0;
  virtual void store(Val sum, Val at) = 0;

  KernelBuilder &kb;
  const ConvLayer &layer;
  const PackedCodes &codes;
  ArrayRef<Value> buffers;
  Val batch, channel;

private:
  void loadWeights() {
    PackedCodes::Reader reader = codes.emitReader(kb, buffers.drop_front());
    int64_t terms = codes.terms();
    weights = kb.shared(kb.i(32), layer.panel.taps * terms, "weights");
    kb.barrier();
    kb.loop(kb.thread(), kb.index(layer.panel.taps), kb.threads, [&](Val tap) {
      SmallVector<Val> words = codes.emitLoad(kb, reader, channel, tap);
      for (int64_t t = 0; t < terms; ++t)
        kb.store(emitWord(words[t]), weights, tap * terms + t);
    });
    kb.barrier();
  }

  void compute(Val position) {
    TapReader reader(kb, layer, buffers[0]);
    Val image =
        batch * layer.inBatch + channel / layer.channels * layer.inGroup;
    TapReader::Column column = reader.emitColumn(image, position, true);
    Val sum = kb.loopCarried(
        kb.index(0), kb.index(layer.panel.taps), 1, {emitStart()},
        [&](Val tap, ArrayRef<Val> carried) {
          kb.named(tap, "tap");
          Val x = reader.emitLoad(column, tap, true), next = carried[0];
          for (int64_t t = 0; t < codes.terms(); ++t)
            next = emitAdd(next, x, kb.load(weights, tap * codes.terms() + t));
          return SmallVector<Val>{next};
        },
        layer.panel.taps <= mostUnrolled)[0];
    store(sum, batch * layer.outBatch + channel * layer.outChannel +
                   position * layer.outPosition);
  }

  static constexpr int64_t mostUnrolled = 49;

  Value weights;
};

class FixedGroupedKernel : public GroupedKernel {
public:
  FixedGroupedKernel(KernelBuilder &kb, const FixedLayer &fixed,
                     const EpilogueTables &tables, const PackedCodes &codes,
                     int width, ArrayRef<Value> buffers)
      : GroupedKernel(kb, fixed.layer, codes, buffers), fixed(fixed),
        width(width), bases(buffers[1 + codes.bufferCount()]),
        epilogue(fixed, tables, buffers.drop_front(2 + codes.bufferCount())) {}

private:
  Val emitWord(Val word) override {
    return emitShiftWord(kb, word, kb.load(bases, channel), width);
  }
  Val emitStart() override { return kb.constant(kb.i(width), 0); }
  Val emitAdd(Val sum, Val x, Val word) override {
    x = kb.convert(x, kb.i(width), fixed.inputFormat().isSigned);
    return sum + emitShiftProduct(kb, emitDoubled(kb, x),
                                  emitShiftFactor(kb, word, width));
  }
  void store(Val sum, Val at) override {
    Val value = epilogue.emit(kb, emitHalved(kb, sum), channel);
    if (epilogue.computesAdd())
      value = epilogue.emitAdd(kb, value, at);
    kb.store(value, buffers.back(), at);
  }

  const FixedLayer &fixed;
  int width;
  Value bases;
  Epilogue epilogue;
};

class FloatGroupedKernel : public GroupedKernel {
public:
  FloatGroupedKernel(KernelBuilder &kb, const FloatLayer &shape,
                     const PackedCodes &codes, ArrayRef<Value> buffers)
      : GroupedKernel(kb, shape.layer, codes, buffers), shape(shape) {}

private:
  Val emitStart() override { return kb.constantFloat(kb.f32(), 0.0); }
  Val emitAdd(Val sum, Val x, Val word) override {
    return kb.fma(kb.bitcast(word, kb.f32()), x, sum);
  }
  void store(Val sum, Val at) override {
    if (shape.bias)
      sum = sum + kb.load(buffers[1 + codes.bufferCount()], channel);
    kb.store(emitFloatClamp(kb, sum, shape.clampMin, shape.clampMax),
             buffers.back(), at);
  }

  const FloatLayer &shape;
};

class GroupedConvFamily : public KernelFamily {
public:
  explicit GroupedConvFamily(StringRef strategy) : strategy(strategy) {}

  StringRef getStrategy() const override { return strategy; }
  bool computesAdds() const override { return true; }

  bool canTake(Operation *op, std::string &reason) const override {
    if (!isa<Conv2DOp>(op) || !getWeightOp(op->getOperand(1)))
      return false;
    if (strategy == "float")
      return isFloatTensor(op->getOperand(0)) &&
             isFew(describeFloatLayer(op).layer, countTerms(op->getOperand(1)));
    if (!isConstantFixedLayer(op, reason))
      return false;
    FixedLayer fixed = describeFixedLayer(op);
    if (!isFew(fixed.layer, countTerms(fixed.weights)))
      return false;
    FailureOr<SumCertificate> certificate = certifySums(fixed, reason);
    return succeeded(certificate) && canDouble(*certificate, reason);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    if (strategy == "float")
      lowerFloat(op, lowering);
    else
      lowerFixed(op, lowering);
    return success();
  }

private:
  void addStep(
      Operation *op, const ConvLayer &layer, const Twine &key, ValueRange args,
      StepInfo &info, Lowering &lowering,
      function_ref<void(KernelBuilder &, ArrayRef<Value>, Val)> kernel) const {
    info.threads = GroupedKernel::threadsOf(layer);
    info.extent = layer.batch * layer.groups * layer.channels *
                  llvm::divideCeil(layer.panel.positions, info.threads);
    StringRef name = layer.panel.channels == 1 ? "depthwise" : "grouped_conv2d";
    lowering.step(op, name, key, strategy, args, info,
                  [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value,
                      Val block, Val) { kernel(kb, buffers, block); });
  }

  void lowerFixed(Operation *op, Lowering &lowering) const {
    FixedLayer fixed = describeFixedLayer(op);
    std::string reason;
    SumCertificate certificate = *certifySums(fixed, reason);
    int width = doubledWidth(certificate);
    PackedCodes codes(getWeightOp(fixed.weights), fixed.layer,
                      CodeMeaning::Shift);
    StepInfo info;
    describeSums(info, fixed, certificate, width,
                 "a thread an output, shifts and additions");
    SmallVector<Value> args{lowering.buffer(fixed.input)};
    codes.addTo(args, lowering);
    std::vector<int32_t> bases = correctInversions(fixed, certificate);
    args.push_back(lowering.constant(ArrayRef<int32_t>(bases),
                                     IntegerType::get(op->getContext(), 32)));
    EpilogueTables tables(fixed, certificate, width);
    tables.addTo(args, lowering);
    fixed.addOutputTo(args, info, lowering);
    addStep(op, fixed.layer,
            fixed.key() + " " + tables.key() + " " + codes.key(), args, info,
            lowering,
            [&](KernelBuilder &kb, ArrayRef<Value> buffers, Val block) {
              FixedGroupedKernel(kb, fixed, tables, codes, width, buffers)
                  .run(block);
            });
  }

  void lowerFloat(Operation *op, Lowering &lowering) const {
    FloatLayer shape = describeFloatLayer(op);
    WeightOp weights = getWeightOp(shape.weightTensor);
    PackedCodes codes(weights, shape.layer, CodeMeaning::Float);
    StepInfo info;
    info.reason = "a thread an output, activations are float32";
    info.macs = shape.layer.macs();
    info.describeWeights(weights);
    SmallVector<Value> args{lowering.buffer(shape.input)};
    codes.addTo(args, lowering);
    if (shape.bias)
      args.push_back(lowering.buffer(shape.bias));
    args.push_back(lowering.output(shape.result));
    addStep(op, shape.layer, shape.key() + " " + codes.key(), args, info,
            lowering,
            [&](KernelBuilder &kb, ArrayRef<Value> buffers, Val block) {
              FloatGroupedKernel(kb, shape, codes, buffers).run(block);
            });
  }

  StringRef strategy;
};
} // namespace

std::unique_ptr<KernelFamily>
mlir::shift::cuda::createGroupedConvFamily(StringRef strategy) {
  return std::make_unique<GroupedConvFamily>(strategy);
}
