//===- Lowering.h - From tensor ops to kernels and steps --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The state of one conversion: which buffer holds which tensor, which kernels
// and constants exist. Kernel families see the module through it.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_LOWERING_H
#define LIB_CONVERSION_KERNELS_LOWERING_H

#include "dialects/Shift/IR/ShiftOps.h"
#include "lib/Conversion/Kernels/KernelBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::shift::kernels {

/// The element type in which a tensor's elements lie in memory: float32,
/// fixed-point storage, or an integer (i1 as i8). Null where compiled code has
/// no storage for `type`.
Type storageType(Type elementType);

/// The plan's name of an element type ("f32", "u8", ...), empty if it has none.
StringRef dtypeName(Type elementType);

/// What a step says about itself besides its kernel.
struct StepInfo {
  /// Independent work items, and the least number worth a thread.
  int64_t extent = 1, grain = 1;
  int64_t scratchBytes = 0;
  int64_t macs = 0;
  /// Threads of a block, where a work item is one.
  int64_t threads = 256;
  /// Why the strategy was chosen.
  std::string reason;
  /// The accumulator, 0 where none is certified; the magnitude it must hold is
  /// below 2^boundBits.
  int accumulatorBits = 0, boundBits = 0;
  /// Packed bits a weight, negative where there are no packed weights.
  int weightBits = -1;
  /// What rounding to powers of two and to fixed point has cost.
  std::string error;
  /// Arguments that may lie in the result's memory: the kernel reads each
  /// element of them before it writes the result's element of the same number,
  /// and never again.
  SmallVector<int64_t> inPlace;
  /// What the run's failure says where the kernel finds bad data
  /// (KernelABI.h).
  std::string fault;

  /// Bits and rounding error of packed weights.
  void describeWeights(WeightOp weights);
};

/// Marks an op whose only user, a shift.add, is computed with it (`fuse-adds`).
constexpr StringLiteral fusedAttrName = "shift.fused";

/// The add that is computed with `op`; null where it is not marked so.
AddOp getFusedAdd(Operation *op);
/// How well the operand of an add of equal shapes that is `value`'s only use is
/// computed with that add: 0 not at all.
int rankProducer(Value value);

/// Whether each row and column of the result is the one of half its number.
bool doublesPlanes(ResizeNearestOp op);

/// The body of a kernel over work items [begin, end).
using KernelBody = function_ref<void(KernelBuilder &kb, ArrayRef<Value> buffers,
                                     Value scratch, Val begin, Val end)>;

class KernelFamily;

/// A kernel that a conversion needs.
struct KernelRequest {
  /// What it does, and everything that its body depends on, as text.
  StringRef opName, key;
  StringRef strategy;
  /// A sentence for readers.
  std::string comment;
  TypeRange buffers;
  const StepInfo &info;
  KernelBody body;
};

/// What kernels are made for.
class KernelTarget {
public:
  virtual ~KernelTarget() = default;
  /// "cpu", "gpu".
  virtual StringRef getName() const = 0;
  /// All families; of those with the same strategy the first that can take an
  /// op does.
  virtual ArrayRef<std::unique_ptr<KernelFamily>> getFamilies() const = 0;
  /// Whether the threads of a block share the elements of a work item.
  virtual bool hasBlocks() const = 0;
  /// Whether a step can fail the run with its `fault`.
  virtual bool reportsFaults() const = 0;
  /// Whether blocks copy to shared memory while they compute.
  virtual bool hasAsyncCopies() const { return false; }
  /// The most elements of a buffer.
  virtual int64_t maxElements() const = 0;
  /// Makes the kernel in `module`.
  virtual Operation *createKernel(ModuleOp module,
                                  const KernelRequest &request) = 0;
  /// Runs `kernel` on `args`.
  virtual Operation *createCall(OpBuilder &b, Location loc, Operation *kernel,
                                ValueRange args, const StepInfo &info) = 0;
};

/// One conversion of a module.
class Lowering {
public:
  Lowering(ModuleOp module, KernelTarget &target, OpBuilder &body)
      : target(target), module(module), body(body) {}

  /// The flat buffer that holds `tensor`; a constant's becomes a global.
  Value buffer(Value tensor);
  /// The flat buffer that the op's result is written to.
  Value output(Value result) { return buffer(result); }
  /// A flat buffer for an intermediate of an op that takes several steps.
  Value temporary(Type element, int64_t count);
  /// Makes `result` another name of the buffer of `source`.
  void alias(Value result, Value source) { buffers[result] = buffer(source); }
  void assign(Value tensor, Value flat) { buffers[tensor] = flat; }
  /// The elements of a flat buffer from `first` on that a tensor of the type of
  /// `tensor` takes.
  Value part(Value flat, int64_t first, Value tensor);
  /// Whether `buffer` was made by part(flat, first, ...).
  static bool isPart(Value buffer, Value flat, int64_t first);
  /// The element of its memory at which a buffer starts.
  static int64_t offsetOf(Value buffer);
  bool hasBuffer(Value tensor) const { return buffers.count(tensor); }

  /// A copy of `tensor` in another layout: what `make` returned the first time
  /// that somebody asked for this one.
  Value copy(Value tensor, StringRef layout, function_ref<Value()> make);

  /// A global with these bytes as flat elements; equal ones are shared.
  Value constant(ArrayRef<char> bytes, Type element);
  template <typename T>
  Value constant(ArrayRef<T> values, Type element) {
    return constant(
        ArrayRef<char>(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(T)),
        element);
  }
  /// A buffer of `count` elements that the runtime fills from the packed
  /// weights as `expand` says; one for each pair of weights and layout.
  Value expanded(WeightOp weights, DictionaryAttr expand, Type element,
                 int64_t count);

  /// A buffer of `count` elements that a kernel of @setup fills once, before
  /// all runs, from `constants`; one for each pair of weights and `layout`. The
  /// kernel's last argument is the buffer.
  Value setUp(WeightOp weights, StringRef layout, ValueRange constants,
              Type element, int64_t count, const StepInfo &info,
              KernelBody kernel);

  /// The same as float32 values, one for each term of each weight.
  Value values(WeightOp weights);

  /// Adds a step that runs kernel `key` (built on first use) on `args` for
  /// `op`. `key` names everything that the body depends on.
  void step(Operation *op, StringRef opName, const Twine &key,
            StringRef strategy, ValueRange args, const StepInfo &info,
            KernelBody kernel);

  /// The same of a step that prepares what those of `op` need.
  void prepare(Operation *op, StringRef opName, const Twine &key,
               StringRef strategy, ValueRange args, const StepInfo &info,
               KernelBody kernel);

  ModuleOp getModule() { return module; }
  /// Whether a step could not be made; its op has an error.
  bool hasFailed() const { return failed; }
  /// Elements of one work item of kernels that compute element by element.
  int64_t itemSize() const { return target.hasBlocks() ? 1024 : 4096; }
  KernelTarget &target;
  /// The next op's value id, set by the driver.
  int64_t valueId = -1;

private:
  /// The kernel of a request, made if it is new.
  Operation *getKernel(const KernelRequest &request);
  Value getGlobal(StringRef name, MemRefType type);

  ModuleOp module;
  bool failed = false;
  OpBuilder &body;
  DenseMap<Value, Value> buffers;
  DenseMap<std::pair<Value, Attribute>, Value> copies;
  llvm::StringMap<Value> sharedConstants;
  DenseMap<std::pair<Operation *, Attribute>, Value> expandedWeights;
  llvm::StringMap<Operation *> kernels;
  int64_t constantCount = 0;
};

/// A replaceable way to compute some ops.
class KernelFamily {
public:
  virtual ~KernelFamily() = default;
  /// The strategy's name in plans, kernel names and overrides.
  virtual StringRef getStrategy() const = 0;
  /// Whether the family computes `op`; if it knows the op but cannot, `reason`
  /// says why.
  virtual bool canTake(Operation *op, std::string &reason) const = 0;
  /// Whether `lower` of an op that `fuse-adds` has marked computes the add too.
  virtual bool computesAdds() const { return false; }
  /// How often products of `op`, a layer of fixed point, are done, for example
  /// once a plane of weights. For the cost model; called only after canTake.
  virtual double countRepeats(Operation *op) const { return 1; }
  /// Adds the steps of `op`. Called only after canTake.
  virtual LogicalResult lower(Operation *op, Lowering &lowering) const = 0;
};

std::unique_ptr<KernelFamily> createElementwiseFamily();
std::unique_ptr<KernelFamily> createIntegerFamily();
std::unique_ptr<KernelFamily> createUpsampleAddFamily();
std::unique_ptr<KernelFamily> createFixedPointFamily();
std::unique_ptr<KernelFamily> createQuantizationFamily();
std::unique_ptr<KernelFamily> createMovementFamily();
std::unique_ptr<KernelFamily> createGatherFamily();
std::unique_ptr<KernelFamily> createPoolFamily();

/// Appends the families above, which every target has.
void addSharedFamilies(std::vector<std::unique_ptr<KernelFamily>> &all);

//===----------------------------------------------------------------------===//
// Helpers of the families
//===----------------------------------------------------------------------===//

inline ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}
inline int64_t countOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}
inline Type storageOf(Value value) {
  return storageType(cast<RankedTensorType>(value.getType()).getElementType());
}
inline Type elementOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}
inline bool isFloatTensor(Value value) { return elementOf(value).isF32(); }
/// Whether stored integers are widened with their sign: signless ones are, bool
/// is not.
inline bool isSignedInteger(Type elementType) {
  return !elementType.isUnsignedInteger() && !elementType.isInteger(1);
}
int64_t product(ArrayRef<int64_t> sizes);
/// A flat buffer, of at least one element.
MemRefType flatType(Type element, int64_t count);

/// The name of the node that an op stands for; empty without one.
std::string nodeName(Operation *op);
/// "1x64x100x152".
std::string shapeKey(ArrayRef<int64_t> shape);
/// "f32", "i8", "u8f4" (unsigned 8 bits, fraction 4), ...: everything about the
/// element type that a kernel depends on.
std::string typeKey(Type elementType);
std::string typeKey(Value tensor);
/// An optional attribute's float32.
inline std::optional<float> toFloat(std::optional<APFloat> value) {
  if (!value)
    return std::nullopt;
  return value->convertToFloat();
}
/// The bits of a float: what is printed of it may be rounded.
inline std::string floatKey(float value) {
  return llvm::utohexstr(llvm::bit_cast<uint32_t>(value), true);
}

/// A call of `emit(firstIndex, lanes)` for runs of 16 elements of [lo, hi) and
/// then for each of the rest (lanes 1); on a block of threads for each element.
void forEachRun(KernelBuilder &kb, Val lo, Val hi,
                function_ref<void(Val, int64_t)> emit);

/// Adds a step, before those of `op`, that fails the run with `message` and the
/// first element of an integer tensor that `isBad`. `key` says what `isBad`
/// depends on.
void lowerCheck(Operation *op, Value tensor, Lowering &lowering,
                StringRef message, StringRef key,
                function_ref<Val(KernelBuilder &, Val)> isBad);

/// emit(item) for each item of [begin, end); a block of threads has one.
void forEachItem(KernelBuilder &kb, Val begin, Val end,
                 function_ref<void(Val)> emit);

/// Of a block that computes the elements [item * size, (item + 1) * size) of
/// [0, count): emit(element) for each.
void forEachElement(KernelBuilder &kb, Val item, int64_t count, int64_t size,
                    function_ref<void(Val)> emit);

/// Splits [0, count) in items of `size`; emits `inner(lo, hi)` for each item.
void forEachBlock(KernelBuilder &kb, Val begin, Val end, int64_t count,
                  int64_t size, function_ref<void(Val, Val)> inner);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_LOWERING_H
