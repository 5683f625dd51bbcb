//===- EmitVectors.cpp - Moving elements of vectors -----------------------===//
// SPDX-License-Identifier: Apache-2.0
// Bytes and halves move within and between words by __byte_perm.
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace shift::cuda;

namespace {
/// An element of one of several vectors.
struct Source {
  size_t vector;
  int64_t lane;
};
} // namespace

/// A literal as an unsigned one.
static Expression asWord(const Expression &x) {
  if (!x.literal || x.literal->isNonNegative())
    return x;
  return makeName("0x" +
                  llvm::utohexstr(x.literal->sextOrTrunc(32).getZExtValue(),
                                  /*LowerCase=*/true));
}

/// A word of bytes `selector` (a hexadecimal digit each, lowest first) of the
/// eight bytes of a and b.
static Expression permute(const Expression &a, const Expression &b,
                          unsigned selector) {
  std::string digits =
      llvm::utohexstr(selector, /*LowerCase=*/true, /*Width=*/4);
  Expression result =
      makeCall("__byte_perm", {asWord(a), asWord(b), makeName("0x" + digits)});
  result.isUnsigned = true;
  return result;
}

/// A word of four bytes, each of one of `words`.
static Expression gatherBytes(ArrayRef<Expression> words,
                              ArrayRef<std::pair<size_t, unsigned>> bytes) {
  /// The word of `bytes`, at most two of them different.
  auto combine = [&](ArrayRef<std::pair<size_t, unsigned>> part) {
    size_t first = part[0].first, second = first;
    for (auto [word, byte] : part)
      if (word != first)
        second = word;
    unsigned selector = 0;
    for (auto [i, source] : llvm::enumerate(part))
      selector |= (source.second + (source.first == first ? 0 : 4)) << 4 * i;
    if (first == second && part.size() == 4 && selector == 0x3210)
      return words[first];
    return permute(words[first],
                   first == second ? makeInteger(0) : words[second], selector);
  };
  std::set<size_t> used;
  for (auto [word, byte] : bytes)
    used.insert(word);
  if (used.size() <= 2)
    return combine(bytes);
  return permute(combine(bytes.take_front(2)), combine(bytes.drop_front(2)),
                 0x5410);
}

/// A vector of elements of others.
static Expression select(KernelEmitter &e, VectorType type,
                         ArrayRef<Value> vectors, ArrayRef<Source> sources) {
  SmallVector<Expression> texts;
  for (Value vector : vectors)
    texts.push_back(e.getAtom(vector));
  auto typeOf = [&](size_t vector) {
    return cast<VectorType>(vectors[vector].getType());
  };
  unsigned bytes = bitsOf(type.getElementType()) / 8;
  bool isWhole = type.getNumElements() * bytes % 4 == 0 &&
                 llvm::all_of(llvm::seq(vectors.size()), [&](size_t i) {
                   return typeOf(i).getNumElements() * bytes % 4 == 0;
                 });
  if (!isPacked(type) || !isWhole) {
    SmallVector<Expression> lanes;
    for (Source source : sources)
      lanes.push_back(
          makeLane(texts[source.vector], typeOf(source.vector), source.lane));
    return assembleLanes(e, type, lanes);
  }
  SmallVector<Expression> words, result;
  SmallVector<size_t> firstWord;
  for (auto [i, text] : llvm::enumerate(texts)) {
    firstWord.push_back(words.size());
    words.append(makeWords(text, typeOf(i)));
  }
  SmallVector<std::pair<size_t, unsigned>> positions;
  for (Source source : sources)
    for (unsigned byte = 0; byte < bytes; ++byte) {
      size_t at = source.lane * bytes + byte;
      positions.push_back({firstWord[source.vector] + at / 4, at % 4});
    }
  for (size_t i = 0; i < positions.size(); i += 4)
    result.push_back(gatherBytes(words, ArrayRef(positions).slice(i, 4)));
  return assembleWords(type, result);
}

/// The statement form of an op that moves elements.
static LogicalResult bindSelection(KernelEmitter &e, Operation *op,
                                   ArrayRef<Value> vectors,
                                   ArrayRef<Source> sources,
                                   unsigned result = 0) {
  for (Type type :
       llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (cppType(type).empty())
      return e.refuse(op, "expected types that CUDA C++ has, got " +
                              llvm::to_string(type));
  Value bound = op->getResult(result);
  e.bind(bound, select(e, cast<VectorType>(bound.getType()), vectors, sources));
  return success();
}

static LogicalResult emitShuffle(KernelEmitter &e, vector::ShuffleOp op) {
  int64_t first = op.getV1VectorType().getNumElements();
  SmallVector<Source> sources;
  for (int64_t lane : op.getMask()) {
    if (lane < 0)
      sources.push_back({0, 0});
    else if (lane < first)
      sources.push_back({0, lane});
    else
      sources.push_back({1, lane - first});
  }
  return bindSelection(e, op, {op.getV1(), op.getV2()}, sources);
}

static LogicalResult emitExtractSlice(KernelEmitter &e,
                                      vector::ExtractStridedSliceOp op) {
  auto number = [](ArrayAttr list) {
    return cast<IntegerAttr>(list[0]).getInt();
  };
  if (op.getOffsets().size() != 1)
    return e.refuse(op, "expected vectors of one dimension");
  SmallVector<Source> sources;
  for (int64_t i = 0; i < number(op.getSizes()); ++i)
    sources.push_back(
        {0, number(op.getOffsets()) + i * number(op.getStrides())});
  return bindSelection(e, op, op.getSource(), sources);
}

static LogicalResult emitInterleave(KernelEmitter &e, vector::InterleaveOp op) {
  SmallVector<Source> sources;
  for (int64_t i = 0; i < op.getSourceVectorType().getNumElements(); ++i) {
    sources.push_back({0, i});
    sources.push_back({1, i});
  }
  return bindSelection(e, op, {op.getLhs(), op.getRhs()}, sources);
}

static LogicalResult emitDeinterleave(KernelEmitter &e,
                                      vector::DeinterleaveOp op) {
  for (unsigned result : {0, 1}) {
    SmallVector<Source> sources;
    for (int64_t i = result; i < op.getSourceVectorType().getNumElements();
         i += 2)
      sources.push_back({0, i});
    if (failed(bindSelection(e, op, op.getSource(), sources, result)))
      return failure();
  }
  return success();
}

/// The one index of an element, if it is known.
template <typename Op>
static FailureOr<int64_t> findLane(KernelEmitter &e, Op op, VectorType type,
                                   Type element) {
  if (type.getRank() != 1 || isa<VectorType>(element) || cppType(type).empty())
    return e.refuse(op, "expected an element of a vector of one dimension");
  ArrayRef<int64_t> position = op.getStaticPosition();
  if (position.size() != 1 || ShapedType::isDynamic(position[0]) ||
      position[0] < 0)
    return e.refuse(op, "expected a constant position");
  return position[0];
}

static LogicalResult emitExtract(KernelEmitter &e, vector::ExtractOp op) {
  VectorType type = op.getSourceVectorType();
  FailureOr<int64_t> lane = findLane(e, op, type, op.getType());
  if (failed(lane))
    return failure();
  Expression vector = e.getAtom(op.getSource());
  e.bind(op.getResult(), makeLane(vector, type, *lane));
  return success();
}

static LogicalResult emitInsert(KernelEmitter &e, vector::InsertOp op) {
  VectorType type = op.getDestVectorType();
  FailureOr<int64_t> lane =
      findLane(e, op, type, op.getValueToStore().getType());
  if (failed(lane))
    return failure();
  Expression value = e.get(op.getValueToStore());
  Expression vector = e.getAtom(op.getDest());
  unsigned bytes = bitsOf(type.getElementType()) / 8;
  if (isPacked(type) && type.getNumElements() * bytes % 4 == 0) {
    SmallVector<Expression> words = makeWords(vector, type);
    size_t at = *lane * bytes;
    unsigned selector = 0x3210;
    for (unsigned byte = 0; byte < bytes; ++byte) {
      unsigned shift = 4 * ((at + byte) % 4);
      selector = (selector & ~(0xfu << shift)) | (4 + byte) << shift;
    }
    words[at / 4] = permute(words[at / 4], value, selector);
    e.bind(op.getResult(), assembleWords(type, words));
    return success();
  }
  SmallVector<Expression> lanes;
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    lanes.push_back(i == *lane ? value : makeLane(vector, type, i));
  e.bind(op.getResult(), assembleLanes(e, type, lanes));
  return success();
}

static Printed emitFromElements(KernelEmitter &e, vector::FromElementsOp op,
                                Operands x) {
  return assembleLanes(e, op.getType(), x);
}

static LogicalResult emitBroadcast(KernelEmitter &e, vector::BroadcastOp op) {
  auto type = cast<VectorType>(op.getType());
  if (isa<VectorType>(op.getSourceType()) || cppType(type).empty())
    return e.refuse(op,
                    "expected a number and a vector that CUDA C++ has, got " +
                        llvm::to_string(type));
  Expression scalar = e.getAtom(op.getSource());
  unsigned bytes = bitsOf(type.getElementType()) / 8;
  int64_t words = type.getNumElements() * bytes / 4;
  if (!isPacked(type) || scalar.literal || words == 0) {
    SmallVector<Expression> lanes(type.getNumElements(), scalar);
    e.bind(op.getResult(), assembleLanes(e, type, lanes));
    return success();
  }
  Expression word =
      permute(scalar, makeInteger(0), bytes == 1 ? 0x0000 : 0x1010);
  if (words > 1)
    word = e.makeAtom(word, IntegerType::get(op.getContext(), 32), "word");
  e.bind(op.getResult(),
         assembleWords(type, SmallVector<Expression>(words, word)));
  return success();
}

static Printed emitBitCast(KernelEmitter &e, vector::BitCastOp op, Operands x) {
  auto from = cast<VectorType>(op.getSourceVectorType());
  auto to = cast<VectorType>(op.getResultVectorType());
  if (cppType(from) == cppType(to)) {
    Expression same = x[0];
    // Literals of elements are those of the old type.
    same.lanes.clear();
    return same;
  }
  auto isWord = [](VectorType type) {
    return bitsOf(type.getElementType()) <= 32;
  };
  if (!isWord(from) || !isWord(to))
    return e.refuse(op, "expected elements of at most 32 bits");
  Expression vector =
      x[0].lanes.empty() ? e.makeAtom(x[0], from, "bits") : x[0];
  SmallVector<Expression> words;
  for (const Expression &word : makeWords(vector, from)) {
    words.push_back(word);
    if (from.getElementType().isF32())
      words.back() = makeCall("__float_as_int", words.back());
    if (to.getElementType().isF32())
      words.back() = makeCall("__int_as_float", words.back());
  }
  return assembleWords(to, words);
}

/// Sums of integers, in order.
static Printed emitReduction(KernelEmitter &e, vector::ReductionOp op,
                             Operands x) {
  VectorType type = op.getSourceVectorType();
  if (op.getKind() != vector::CombiningKind::ADD || op.getAcc() ||
      !type.getElementType().isInteger(32))
    return e.refuse(op, "expected a sum of i32");
  Expression vector = e.makeAtom(x[0], type, "terms");
  Expression sum = KernelEmitter::asUnsigned(makeLane(vector, type, 0),
                                             type.getElementType());
  for (int64_t i = 1; i < type.getNumElements(); ++i)
    sum = makeBinary(sum, "+", makeLane(vector, type, i), Precedence::Additive);
  sum.isUnsigned = true;
  return sum;
}

void shift::cuda::registerVectorEmitters(EmitterTable &table) {
  table.statement<vector::ShuffleOp>(emitShuffle);
  table.statement<vector::ExtractStridedSliceOp>(emitExtractSlice);
  table.statement<vector::InterleaveOp>(emitInterleave);
  table.statement<vector::DeinterleaveOp>(emitDeinterleave);
  table.statement<vector::ExtractOp>(emitExtract);
  table.statement<vector::InsertOp>(emitInsert);
  table.pure<vector::FromElementsOp>(emitFromElements);
  table.statement<vector::BroadcastOp>(emitBroadcast);
  table.pure<vector::BitCastOp>(emitBitCast);
  table.pure<vector::ReductionOp>(emitReduction);
}
