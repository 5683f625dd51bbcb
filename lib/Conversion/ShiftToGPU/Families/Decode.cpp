//===- Decode.cpp - From heads to boxes on GPUs ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Scores of every place, the best ones of each level, sorted; their boxes; and
// one block an image that suppresses.
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/Families.h"
#include "lib/Conversion/ShiftToGPU/HeadKernel.h"
#include "lib/Conversion/ShiftToGPU/TopCandidates.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;
using Predicate = arith::CmpIPredicate;

namespace {
constexpr int64_t threads = 256;

/// Labels that count at one place: all classes, or the best alone.
int64_t labelsAPlace(const DetectorHead &head) {
  const detection::DetectorDescription &description = head.description;
  return description.head.isBestClassOnly ? 1
                                          : int64_t(description.classes.size());
}

CandidateLayout makeLayout(const DetectorHead &head) {
  SmallVector<int64_t> counts;
  for (const detection::HeadLevel &level : head.levels)
    counts.push_back(level.places() * labelsAPlace(head));
  return CandidateLayout(head.images, counts,
                         head.description.candidatesPerLevel);
}

/// Adds the steps of one decode.
class DecodeLowering {
public:
  DecodeLowering(DecodeOp op, const DetectorHead &head, Lowering &lowering)
      : op(op), head(head), layout(makeLayout(head)), lowering(lowering) {
    for (Value tensor : op.getHeads()) {
      heads.push_back(lowering.buffer(tensor));
      sizes.push_back(countOf(tensor) / head.images);
    }
    llvm::raw_string_ostream os(key);
    os << op.getDetector() << ' ' << head.inputHeight << 'x' << head.inputWidth
       << ' ' << head.images;
    for (auto [name, tensor] :
         llvm::zip_equal(op.getHeadNames(), op.getHeads()))
      os << ' ' << name << shapeKey(shapeOf(tensor));
  }

  void run() {
    Builder b(op.getContext());
    Value orders =
        lowering.temporary(b.getI32Type(), layout.images * layout.positions);
    int64_t valueId = std::exchange(lowering.valueId, -1);
    for (size_t level = 0; level < head.levels.size(); ++level)
      lowerScores(level, orders);
    Value keys = lowerTopCandidates(op, layout, orders, lowering);
    int64_t count = layout.images * layout.slots;
    Value boxes = lowering.temporary(b.getF32Type(), count * 4);
    Value scores = lowering.temporary(b.getF32Type(), count);
    Value labels = lowering.temporary(b.getI32Type(), count);
    lowerBoxes(keys, boxes, scores, labels);
    lowering.valueId = valueId;
    lowerSuppression(boxes, scores, labels);
  }

private:
  void step(StringRef name, const Twine &more, ValueRange args, int64_t blocks,
            StringRef reason, KernelBody body) {
    StepInfo info;
    info.extent = blocks;
    info.threads = threads;
    info.reason = reason;
    lowering.step(op, name, key + more, "decode", args, info, body);
  }

  /// The numbers of the heads that hold values of a level.
  SmallVector<size_t> headsOf(const detection::HeadLevel &level) const {
    SmallVector<size_t> used{level.cls.output, level.box.output};
    if (head.description.objRole())
      used.push_back(level.obj.output);
    llvm::sort(used);
    used.erase(llvm::unique(used), used.end());
    return used;
  }

  /// A thread has a place of the level and all its labels.
  void lowerScores(size_t number, Value orders) {
    const detection::HeadLevel &level = head.levels[number];
    const CandidateLevel &candidates = layout.levels[number];
    int64_t parts = llvm::divideCeil(level.places(), threads);
    SmallVector<size_t> used = headsOf(level);
    SmallVector<Value> args;
    for (size_t i : used)
      args.push_back(heads[i]);
    args.push_back(orders);
    step(
        "decode_scores", " " + Twine(number), args, layout.images * parts,
        "level " + std::to_string(number) +
            ", the order of each candidate's score",
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
          Val image = block / parts, part = block % parts;
          Val first = image * layout.positions + candidates.first;
          SmallVector<Value> in(heads.size());
          for (auto [i, buffer] : llvm::zip(used, buffers))
            in[i] = buffer;
          HeadKernel kernel(kb, head, level, in, sizes, image);
          forEachElement(kb, part, level.places(), threads, [&](Val place) {
            emitPlace(kb, kernel, place, buffers.back(),
                      first + place * labelsAPlace(head));
          });
          emitGap(kb, part, parts, number, buffers.back(),
                  image * layout.positions);
        });
  }

  void emitPlace(KernelBuilder &kb, HeadKernel &kernel, Val place, Value orders,
                 Val first) {
    Val isBox = kernel.isNumber(kernel.box(place));
    Val objectness = kernel.objectness(place);
    auto emit = [&](Val label, Val at) {
      Val probability = kernel.probability(place, label);
      Val score = kernel.score(probability, objectness);
      Val isIn = kb.bitAnd(kernel.exceeds(probability, score),
                           kb.bitAnd(kernel.isNumber(score), isBox));
      Val order = orderOf(kb, score);
      kb.store(kb.select(isIn, order, kb.constant(order.type(), 0)), orders,
               at);
    };
    if (head.description.head.isBestClassOnly)
      return emit(kernel.bestLabel(place), first);
    kb.loop(kb.index(0), kb.index(labelsAPlace(head)), 1,
            [&](Val label) { emit(label, first + label); });
  }

  /// No candidates between the level's last one and the next level.
  void emitGap(KernelBuilder &kb, Val part, int64_t parts, size_t number,
               Value orders, Val imageFirst) {
    const CandidateLevel &level = layout.levels[number];
    int64_t first = level.first + level.count;
    int64_t end = number + 1 < layout.levels.size()
                      ? layout.levels[number + 1].first
                      : layout.positions;
    kb.loop(part * threads + kb.thread() + first, kb.index(end),
            parts * threads, [&](Val at) {
              kb.store(kb.constant(kb.i(32), 0), orders, imageFirst + at);
            });
  }

  /// A thread has one of the sorted candidates.
  void lowerBoxes(Value keys, Value boxes, Value scores, Value labels) {
    SmallVector<Value> args(heads);
    args.append({keys, boxes, scores, labels});
    step(
        "decode_boxes", "", args, layout.images * layout.slots / threads,
        "box, score and label of each candidate that is left",
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
          ArrayRef<Value> in = buffers.take_front(heads.size());
          ArrayRef<Value> own = buffers.drop_front(heads.size());
          Val at = block * threads + kb.thread();
          Val image = at / layout.slots;
          Val key = kb.load(own[0], at);
          Val isThere =
              kb.compare(Predicate::ne, key, kb.constant(key.type(), 0));
          kb.ifThenElse(
              isThere,
              [&] { emitCandidate(kb, key, image, at, in, own.drop_front()); },
              [&] { kb.store(kb.constant(kb.i(32), -1), own[3], at); });
        });
  }

  void emitCandidate(KernelBuilder &kb, Val key, Val image, Val at,
                     ArrayRef<Value> in, ArrayRef<Value> out) {
    Val position = layout.positionOf(kb, key);
    Val number = layout.levelOf(kb, position);
    for (size_t i = 0; i < head.levels.size(); ++i) {
      auto emit = [&] {
        HeadKernel kernel(kb, head, head.levels[i], in, sizes, image);
        Val index = position - layout.levels[i].first;
        int64_t labels = labelsAPlace(head);
        Val place = index / labels;
        Val label = head.description.head.isBestClassOnly
                        ? kernel.bestLabel(place)
                        : index % labels;
        emitStore(kb, kernel, place, label, at, out);
      };
      if (head.levels.size() == 1)
        emit();
      else
        kb.ifThen(kb.compare(Predicate::eq, number, kb.index(int64_t(i))),
                  emit);
    }
  }

  void emitStore(KernelBuilder &kb, HeadKernel &kernel, Val place, Val label,
                 Val at, ArrayRef<Value> out) {
    MLIRFloatOps ops(kb, 1);
    BoxVal box =
        detection::clipBox(ops, kernel.box(place), float(head.inputWidth),
                           float(head.inputHeight));
    storeBox(kb, box, out[0], at);
    Val objectness = kernel.objectness(place);
    kb.store(kernel.score(kernel.probability(place, label), objectness), out[1],
             at);
    kb.store(kb.fromIndex(label, 32), out[2], at);
  }

  static void storeBox(KernelBuilder &kb, const BoxVal &box, Value buffer,
                       Val row) {
    int64_t i = 0;
    for (Val side : {box.x0, box.y0, box.x1, box.y1})
      kb.store(side, buffer, row * 4 + i++);
  }

  void lowerSuppression(Value boxes, Value scores, Value labels);

  DecodeOp op;
  const DetectorHead &head;
  CandidateLayout layout;
  Lowering &lowering;
  SmallVector<Value> heads;
  SmallVector<int64_t> sizes;
  std::string key;
};

/// What one block knows while it suppresses an image's candidates.
class Suppression {
public:
  /// Candidates: `boxes`, `scores`, `labels`, from `first` on. Results: the
  /// next four, from row `firstRow` on.
  Suppression(KernelBuilder &kb, const DetectorHead &head,
              const CandidateLayout &layout, ArrayRef<Value> buffers, Val image)
      : kb(kb), ops(kb, 1), iou(head.description.nmsIou),
        limit(head.description.maxDetections), slots(layout.slots),
        buffers(buffers), first(image * slots), firstRow(image * limit),
        image(image) {}

  void emit();

private:
  enum {
    Boxes,
    Scores,
    Labels,
    ResultScores,
    ResultLabels,
    Count,
    ResultBoxes
  };

  Val isThere(Val label) {
    return kb.compare(Predicate::sge, label, kb.constant(label.type(), 0));
  }
  BoxVal loadBox(int buffer, Val row);
  /// Whether a kept box suppresses this thread's.
  Val suppresses(Val otherLabel, const BoxVal &other);
  /// The first thread that `isLeft`; their number if none.
  Val findFirst(Val isLeft);
  /// Suppresses a block's candidates from `tile` on; returns how many are kept
  /// in all.
  Val emitTile(Val tile, Val kept);
  void emitRow(Val row);
  void clearFrom(Val kept);

  KernelBuilder &kb;
  MLIRFloatOps ops;
  float iou;
  int64_t limit, slots;
  ArrayRef<Value> buffers;
  Val first, firstRow, image;
  Value next;
  /// This thread's candidate.
  Val at, label;
  BoxVal box;
};
} // namespace

BoxVal Suppression::loadBox(int buffer, Val row) {
  auto side = [&](int64_t i) { return kb.load(buffers[buffer], row * 4 + i); };
  Val x0 = side(0), y0 = side(1), x1 = side(2), y1 = side(3);
  return {x0, y0, x1, y1};
}

Val Suppression::suppresses(Val otherLabel, const BoxVal &other) {
  Val overlap = detection::overlapOf(ops, other, box);
  return kb.bitAnd(kb.compare(Predicate::eq, otherLabel, label),
                   kb.compare(arith::CmpFPredicate::OGT, overlap,
                              kb.constantFloat(kb.f32(), iou)));
}

Val Suppression::findFirst(Val isLeft) {
  Val zero = kb.index(0);
  kb.barrier();
  kb.ifThen(kb.compare(Predicate::eq, kb.thread(), zero),
            [&] { kb.store(kb.constant(kb.i(32), threads), next, zero); });
  kb.barrier();
  kb.ifThen(isLeft, [&] {
    kb.atomic(arith::AtomicRMWKind::mins, kb.fromIndex(kb.thread(), 32), next,
              zero);
  });
  kb.barrier();
  return kb.toIndex(kb.load(next, zero));
}

void Suppression::emitRow(Val row) {
  int64_t i = 0;
  for (Val side : {box.x0, box.y0, box.x1, box.y1})
    kb.store(side, buffers[ResultBoxes], row * 4 + i++);
  kb.store(kb.load(buffers[Scores], at), buffers[ResultScores], row);
  kb.store(label, buffers[ResultLabels], row);
}

Val Suppression::emitTile(Val tile, Val kept) {
  at = first + tile + kb.thread();
  label = kb.load(buffers[Labels], at);
  Val exists = isThere(label);
  // Boxes that are not there are those of the tile's first candidate.
  box = loadBox(Boxes, kb.select(exists, at, first + tile));
  Val isLeft = kb.loopCarried(
      kb.index(0), kept, 1, {exists}, [&](Val k, ArrayRef<Val> carried) {
        Val row = firstRow + k;
        Val goes = suppresses(kb.load(buffers[ResultLabels], row),
                              loadBox(ResultBoxes, row));
        return SmallVector<Val>{kb.bitAnd(carried[0], ops.negate(goes))};
      })[0];
  auto goesOn = [&](ArrayRef<Val> values) {
    return kb.bitAnd(kb.compare(Predicate::ult, values[0], kb.index(threads)),
                     kb.compare(Predicate::ult, values[1], kb.index(limit)));
  };
  return kb.whileLoop(
      {findFirst(isLeft), kept, isLeft}, goesOn, [&](ArrayRef<Val> values) {
        Val winner = values[0];
        kb.ifThen(kb.compare(Predicate::eq, kb.thread(), winner),
                  [&] { emitRow(firstRow + values[1]); });
        Val place = first + tile + winner;
        Val goes =
            suppresses(kb.load(buffers[Labels], place), loadBox(Boxes, place));
        Val isLater = kb.compare(Predicate::ugt, kb.thread(), winner);
        Val stays = kb.bitAnd(kb.bitAnd(values[2], isLater), ops.negate(goes));
        return SmallVector<Val>{findFirst(stays), values[1] + 1, stays};
      })[1];
}

void Suppression::clearFrom(Val kept) {
  Val none = kb.constantFloat(kb.f32(), 0.0);
  kb.loop(kept + kb.thread(), kb.index(limit), threads, [&](Val k) {
    Val row = firstRow + k;
    for (int64_t i = 0; i < 4; ++i)
      kb.store(none, buffers[ResultBoxes], row * 4 + i);
    kb.store(none, buffers[ResultScores], row);
    kb.store(kb.constant(kb.i(32), 0), buffers[ResultLabels], row);
  });
}

void Suppression::emit() {
  next = kb.shared(kb.i(32), 1, "next");
  Val zero = kb.index(0);
  // Candidates are sorted: behind the first that is not there, none is.
  SmallVector<Val> end = kb.whileLoop(
      {zero, zero},
      [&](ArrayRef<Val> values) {
        Val tile = kb.min(values[0], kb.index(slots - threads));
        Val isInside = kb.compare(Predicate::ult, values[0], kb.index(slots));
        Val isOpen = kb.compare(Predicate::ult, values[1], kb.index(limit));
        return kb.bitAnd(kb.bitAnd(isInside, isOpen),
                         isThere(kb.load(buffers[Labels], first + tile)));
      },
      [&](ArrayRef<Val> values) {
        Val kept = emitTile(values[0], values[1]);
        return SmallVector<Val>{values[0] + threads, kept};
      });
  Val kept = end[1];
  clearFrom(kept);
  kb.ifThen(kb.compare(Predicate::eq, kb.thread(), zero),
            [&] { kb.store(kb.fromIndex(kept, 32), buffers[Count], image); });
}

void DecodeLowering::lowerSuppression(Value boxes, Value scores, Value labels) {
  step("decode_suppress", "",
       {boxes, scores, labels, lowering.output(op.getScores()),
        lowering.output(op.getLabels()), lowering.output(op.getCount()),
        lowering.output(op.getBoxes())},
       layout.images,
       "keeps, best first, what no kept box of its class overlaps too much",
       [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val image, Val) {
         Suppression(kb, head, layout, buffers, image).emit();
       });
}

namespace {
class DecodeFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "decode"; }

  bool canTake(Operation *op, std::string &) const override {
    return isa<DecodeOp>(op);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    FailureOr<DetectorHead> head = readDetectorHead(cast<DecodeOp>(op));
    if (failed(head))
      return failure();
    DecodeLowering(cast<DecodeOp>(op), *head, lowering).run();
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::cuda::createDecodeFamily() {
  return std::make_unique<DecodeFamily>();
}
