//===- TopCandidates.cpp - The best of many scored places -----------------===//
// SPDX-License-Identifier: Apache-2.0
// Radix selection: digit by digit, from the highest, all blocks count the
// digits of the keys that can still be the last one kept, and one block a level
// chooses the digit. What is kept is gathered, sorted in runs by one block
// each, and merged by ranks.
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/TopCandidates.h"

using namespace mlir;
using namespace mlir::shift::cuda;
using Predicate = arith::CmpIPredicate;

namespace {
constexpr int digitBits = 8, digits = 1 << digitBits;
/// Threads of a block that counts or gathers, one a digit, and its positions.
constexpr int64_t threads = digits, blockPositions = 8 * threads;
/// Keys that a block sorts with half as many threads.
constexpr int runBits = 10;
constexpr int64_t runKeys = 1 << runBits;
/// Runs that are merged at once.
constexpr int64_t mergedRuns = 32;

/// The numbers of a segment's selection: digits that are known of the last key
/// that stays, how many of those that begin so stay, and the place of the next
/// digit, negative when nothing is to be found out any more.
enum { Prefix, Left, Place, StateSize };

/// One image's level, as a block of positions sees it.
struct Segment {
  Val image, level, number, firstPosition;
};

/// Emits the kernels over the buffers of one selection.
class Selection {
public:
  Selection(Operation *op, const CandidateLayout &layout, Value orders,
            Lowering &lowering)
      : op(op), layout(layout), orders(orders), lowering(lowering),
        i32(IntegerType::get(op->getContext(), 32)),
        i64(IntegerType::get(op->getContext(), 64)) {}

  Value run() {
    counts = lowering.temporary(i32, layout.segments() * digits);
    states = lowering.temporary(i64, layout.segments() * StateSize);
    filled = lowering.temporary(i32, layout.segments());
    selected = lowering.temporary(i64, layout.images * layout.slots);
    clear();
    bool isCut = llvm::any_of(layout.levels, [](const CandidateLevel &level) {
      return level.kept < level.count;
    });
    for (int place = firstPlace(); isCut && place >= 0; place -= digitBits) {
      count();
      choose();
    }
    gather();
    Value sorted = sortRuns();
    for (int64_t run = runKeys; run < layout.slots; run *= mergedRuns)
      sorted = merge(sorted, run);
    return sorted;
  }

private:
  /// The place of the highest digit that a key has.
  int firstPlace() const {
    return (32 + layout.positionBits - 1) / digitBits * digitBits;
  }

  void step(StringRef name, const Twine &key, ValueRange args, int64_t blocks,
            int64_t blockThreads, StringRef reason, KernelBody body) {
    StepInfo info;
    info.extent = blocks;
    info.threads = blockThreads;
    info.reason = reason;
    lowering.step(op, name, layout.key() + " " + key, "decode", args, info,
                  body);
  }

  /// Calls emit(i) for the elements of `count` that a thread of all has.
  static void forAll(KernelBuilder &kb, Val block, int64_t count,
                     function_ref<void(Val)> emit) {
    forEachElement(kb, block, count, threads, emit);
  }

  void clear() {
    int64_t keys = layout.images * layout.slots;
    int64_t bins = layout.segments() * digits;
    step(
        "decode_clear", "", {counts, states, filled, selected},
        llvm::divideCeil(std::max(keys, bins), threads), threads,
        "the start of a selection",
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
          Val zero = kb.constant(kb.i(32), 0), none = kb.constant(kb.i(64), 0);
          forAll(kb, block, bins,
                 [&](Val i) { kb.store(zero, buffers[0], i); });
          forAll(kb, block, layout.segments(), [&](Val i) {
            Val level = i % int64_t(layout.levels.size());
            Val kept = layout.pick(
                kb, level, [](const CandidateLevel &one) { return one.kept; });
            Val left = kb.fromIndex(kept, 64);
            Val place = kb.constant(kb.i(64), firstPlace());
            kb.store(none, buffers[1], i * StateSize + Prefix);
            kb.store(left, buffers[1], i * StateSize + Left);
            kb.store(place, buffers[1], i * StateSize + Place);
            kb.store(zero, buffers[2], i);
          });
          forAll(kb, block, keys,
                 [&](Val i) { kb.store(none, buffers[3], i); });
        });
  }

  int64_t blocksAnImage() const { return layout.positions / blockPositions; }

  Segment segmentOf(KernelBuilder &kb, Val block) const {
    Segment s;
    s.image = block / blocksAnImage();
    s.firstPosition = block % blocksAnImage() * blockPositions;
    s.level = layout.levelOf(kb, s.firstPosition);
    s.number = s.image * int64_t(layout.levels.size()) + s.level;
    return s;
  }

  /// emit(key) for each candidate of a block's positions.
  void forEachKey(KernelBuilder &kb, const Segment &s, Value from,
                  function_ref<void(Val)> emit) {
    kb.loop(kb.thread(), kb.index(blockPositions), threads, [&](Val i) {
      Val position = s.firstPosition + i;
      Val order = kb.load(from, s.image * layout.positions + position);
      Val isThere =
          kb.compare(Predicate::ne, order, kb.constant(order.type(), 0));
      kb.ifThen(isThere, [&] { emit(layout.makeKey(kb, order, position)); });
    });
  }

  void count() {
    step(
        "decode_count", "", {orders, states, counts},
        layout.images * blocksAnImage(), threads,
        "counts the next digit of the candidates that may be the last to stay",
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
          Segment s = segmentOf(kb, block);
          Value bins = kb.shared(kb.i(32), digits, "bins");
          Val zero = kb.constant(kb.i(32), 0), one = kb.constant(kb.i(32), 1);
          kb.store(zero, bins, kb.thread());
          kb.barrier();
          Val prefix = kb.load(buffers[1], s.number * StateSize + Prefix);
          Val place = kb.load(buffers[1], s.number * StateSize + Place);
          Val bits = kb.constant(place.type(), digitBits);
          Val isOpen =
              kb.compare(Predicate::sge, place, kb.constant(place.type(), 0));
          kb.ifThen(isOpen, [&] {
            auto above = [&](Val key) {
              return kb.shr(kb.shr(key, place), bits);
            };
            forEachKey(kb, s, buffers[0], [&](Val key) {
              Val matches =
                  kb.compare(Predicate::eq, above(key), above(prefix));
              kb.ifThen(matches, [&] {
                Val digit = kb.bitAnd(kb.shr(key, place),
                                      kb.constant(key.type(), digits - 1));
                kb.atomic(arith::AtomicRMWKind::addi, one, bins,
                          kb.toIndex(digit));
              });
            });
          });
          kb.barrier();
          Val found = kb.load(bins, kb.thread());
          kb.ifThen(kb.compare(Predicate::ne, found, zero), [&] {
            kb.atomic(arith::AtomicRMWKind::addi, found, buffers[2],
                      s.number * digits + kb.thread());
          });
        });
  }

  /// The sums of the values of this thread and those before it.
  static Val emitPrefixSum(KernelBuilder &kb, Val value, Value memory) {
    kb.store(value, memory, kb.thread());
    for (int64_t distance = 1; distance < threads; distance *= 2) {
      kb.barrier();
      Val hasOther =
          kb.compare(Predicate::uge, kb.thread(), kb.index(distance));
      Val from = kb.select(hasOther, kb.thread() - distance, kb.thread());
      Val other = kb.load(memory, from);
      value = kb.select(hasOther, value + other, value);
      kb.barrier();
      kb.store(value, memory, kb.thread());
    }
    kb.barrier();
    return value;
  }

  void choose() {
    step("decode_choose", "", {states, counts}, layout.segments(), threads,
         "the next digit of the last candidate that stays",
         [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val segment,
             Val) {
           Val state = segment * StateSize;
           Val prefix = kb.load(buffers[0], state + Prefix);
           Val left = kb.load(buffers[0], state + Left);
           Val place = kb.load(buffers[0], state + Place);
           // The highest digits come first.
           Val digit = kb.index(digits - 1) - kb.thread();
           Val bin = segment * digits + digit;
           Val own = kb.load(buffers[1], bin);
           kb.store(kb.constant(kb.i(32), 0), buffers[1], bin);
           Value sums = kb.shared(kb.i(32), threads, "sums");
           Val upToOwn = emitPrefixSum(kb, own, sums);
           Val all = kb.load(sums, kb.index(threads - 1));
           auto wide = [&](Val x) { return kb.convert(x, kb.i(64)); };
           Val isOpen =
               kb.compare(Predicate::sge, place, kb.constant(place.type(), 0));
           Val isCut =
               kb.bitAnd(isOpen, kb.compare(Predicate::sgt, wide(all), left));
           Val before = wide(upToOwn - own);
           Val isLast =
               kb.bitAnd(kb.compare(Predicate::slt, before, left),
                         kb.compare(Predicate::sge, wide(upToOwn), left));
           kb.ifThen(kb.bitAnd(isCut, isLast), [&] {
             kb.store(kb.bitOr(prefix, kb.shl(kb.fromIndex(digit, 64), place)),
                      buffers[0], state + Prefix);
             kb.store(left - before, buffers[0], state + Left);
             kb.store(place - digitBits, buffers[0], state + Place);
           });
           // All that begin with the prefix stay.
           Val isFirst = kb.compare(Predicate::eq, kb.thread(), kb.index(0));
           Val isWhole = kb.compare(Predicate::sle, wide(all), left);
           kb.ifThen(kb.bitAnd(isFirst, kb.bitAnd(isOpen, isWhole)), [&] {
             kb.store(kb.constant(kb.i(64), -1), buffers[0], state + Place);
           });
         });
  }

  void gather() {
    step(
        "decode_gather", "", {orders, states, filled, selected},
        layout.images * blocksAnImage(), threads,
        "moves the candidates that stay to slots, in any order",
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
          Segment s = segmentOf(kb, block);
          Val last = kb.load(buffers[1], s.number * StateSize + Prefix);
          Val first = layout.pick(kb, s.level, [](const CandidateLevel &one) {
            return one.keptFirst;
          });
          forEachKey(kb, s, buffers[0], [&](Val key) {
            kb.ifThen(kb.compare(Predicate::sge, key, last), [&] {
              Val slot =
                  kb.atomic(arith::AtomicRMWKind::addi,
                            kb.constant(kb.i(32), 1), buffers[2], s.number);
              kb.store(key, buffers[3],
                       s.image * layout.slots + first + kb.toIndex(slot));
            });
          });
        });
  }

  /// Bitonic sort of a run in shared memory.
  Value sortRuns() {
    Value sorted = lowering.temporary(i64, layout.images * layout.slots);
    constexpr int64_t pairs = runKeys / 2;
    step(
        "decode_sort", "", {selected, sorted},
        layout.images * layout.slots / runKeys, pairs,
        "bitonic sort of " + std::to_string(runKeys) + " keys a block",
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
          Value keys = kb.shared(kb.i(64), runKeys, "keys");
          Val start = block * runKeys, thread = kb.thread();
          for (int64_t half : {int64_t(0), pairs})
            kb.store(kb.load(buffers[0], start + thread + half), keys,
                     thread + half);
          Val one = kb.index(1);
          kb.loop(one, kb.index(runBits + 1), 1, [&](Val size) {
            kb.loop(kb.index(0), size, 1, [&](Val done) {
              kb.barrier();
              Val distance = kb.shl(one, size - done - 1);
              Val rest = kb.bitAnd(thread, distance - 1);
              Val a = (thread - rest) * 2 + rest, b = a + distance;
              Val x = kb.load(keys, a), y = kb.load(keys, b);
              Val isFalling = kb.compare(
                  Predicate::eq, kb.bitAnd(a, kb.shl(one, size)), kb.index(0));
              Val isSorted = kb.compare(Predicate::sgt, x, y);
              kb.ifThen(kb.compare(Predicate::ne, isFalling, isSorted), [&] {
                kb.store(y, keys, a);
                kb.store(x, keys, b);
              });
            });
          });
          kb.barrier();
          for (int64_t half : {int64_t(0), pairs})
            kb.store(kb.load(keys, thread + half), buffers[1],
                     start + thread + half);
        });
    return sorted;
  }

  /// How many keys of a sorted run come before `key`, which is of another one;
  /// equal ones, which are zeros, by the order of the runs.
  Val emitRank(KernelBuilder &kb, Value keys, Val start, Val length,
               int64_t largest, Val key, Val isEarlier) {
    int bits = llvm::Log2_64(largest) + 1;
    return kb.loopCarried(
        kb.index(0), kb.index(bits), 1, {kb.index(0)},
        [&](Val i, ArrayRef<Val> carried) {
          Val end = carried[0] + kb.shl(kb.index(1), kb.index(bits - 1) - i);
          Val other = kb.load(keys, start + kb.min(end, length) - 1);
          Val isBefore = kb.bitOr(
              kb.compare(Predicate::sgt, other, key),
              kb.bitAnd(isEarlier, kb.compare(Predicate::eq, other, key)));
          Val isInside = kb.compare(Predicate::ule, end, length);
          return SmallVector<Val>{
              kb.select(kb.bitAnd(isInside, isBefore), end, carried[0])};
        })[0];
  }

  /// Groups of sorted runs to sorted ones: a key's place is its rank in all.
  Value merge(Value runs, int64_t run) {
    Value merged = lowering.temporary(i64, layout.images * layout.slots);
    step(
        "decode_merge", std::to_string(run), {runs, merged},
        layout.images * layout.slots / threads, threads,
        "merges sorted runs of " + std::to_string(run) + " keys",
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
          Val at = block * threads + kb.thread();
          Val image = at / layout.slots, slot = at % layout.slots;
          Val start = image * layout.slots, own = slot / run;
          Val key = kb.load(buffers[0], at);
          Val first = own / mergedRuns * mergedRuns;
          int64_t count = llvm::divideCeil(layout.slots, run);
          Val end = kb.min(first + mergedRuns, kb.index(count));
          Val rank = kb.loopCarried(
              first, end, 1, {slot % run}, [&](Val other, ArrayRef<Val> sum) {
                Val length =
                    kb.min(kb.index(run), kb.index(layout.slots) - other * run);
                Val isEarlier = kb.compare(Predicate::ult, other, own);
                Val before = emitRank(kb, buffers[0], start + other * run,
                                      length, run, key, isEarlier);
                Val isOwn = kb.compare(Predicate::eq, other, own);
                return SmallVector<Val>{sum[0] +
                                        kb.select(isOwn, kb.index(0), before)};
              })[0];
          kb.store(key, buffers[1], start + first * run + rank);
        });
    return merged;
  }

  Operation *op;
  const CandidateLayout &layout;
  Value orders;
  Lowering &lowering;
  Type i32, i64;
  Value counts, states, filled, selected;
};
} // namespace

CandidateLayout::CandidateLayout(int64_t images, ArrayRef<int64_t> counts,
                                 int64_t limit)
    : images(images) {
  for (int64_t count : counts) {
    int64_t kept = std::min(count, limit);
    levels.push_back({positions, count, kept, slots});
    positions += llvm::alignTo(count, blockPositions);
    slots += kept;
  }
  slots = llvm::alignTo(slots, runKeys);
  positionBits = std::max<int>(llvm::Log2_64_Ceil(positions), 1);
}

std::string CandidateLayout::key() const {
  std::string key = std::to_string(images);
  for (const CandidateLevel &level : levels)
    key += " " + std::to_string(level.count) + ":" + std::to_string(level.kept);
  return key;
}

Val CandidateLayout::levelOf(KernelBuilder &kb, Val position) const {
  Val level = kb.index(0);
  for (size_t i = 1; i < levels.size(); ++i)
    level = kb.select(
        kb.compare(Predicate::uge, position, kb.index(levels[i].first)),
        kb.index(int64_t(i)), level);
  return level;
}

Val CandidateLayout::pick(
    KernelBuilder &kb, Val level,
    function_ref<int64_t(const CandidateLevel &)> number) const {
  Val picked = kb.index(number(levels.front()));
  for (size_t i = 1; i < levels.size(); ++i)
    picked = kb.select(kb.compare(Predicate::eq, level, kb.index(int64_t(i))),
                       kb.index(number(levels[i])), picked);
  return picked;
}

Val CandidateLayout::makeKey(KernelBuilder &kb, Val order, Val position) const {
  Val high = kb.convert(order, kb.i(64), /*isSigned=*/false);
  Val low = kb.index((int64_t(1) << positionBits) - 1) - position;
  return kb.bitOr(kb.shl(high, kb.constant(kb.i(64), positionBits)),
                  kb.fromIndex(low, 64));
}

Val CandidateLayout::positionOf(KernelBuilder &kb, Val key) const {
  int64_t mask = (int64_t(1) << positionBits) - 1;
  Val low = kb.bitAnd(key, kb.constant(kb.i(64), mask));
  return kb.index(mask) - kb.toIndex(low);
}

Val mlir::shift::cuda::orderOf(KernelBuilder &kb, Val score) {
  Val zero = kb.constantFloat(kb.f32(), 0.0);
  Val isZero = kb.compare(arith::CmpFPredicate::OEQ, score, zero);
  Val bits = kb.bitcast(kb.select(isZero, zero, score), kb.i(32));
  Val sign = kb.shr(bits, kb.constant(kb.i(32), 31));
  Val top = kb.constant(kb.i(32), INT32_MIN);
  return kb.bitXor(bits, kb.bitOr(sign, top));
}

Value mlir::shift::cuda::lowerTopCandidates(Operation *op,
                                            const CandidateLayout &layout,
                                            Value orders, Lowering &lowering) {
  return Selection(op, layout, orders, lowering).run();
}
