//===- Vectors.cpp - Vectors as words, int4 and the like ------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"

using namespace mlir;
using namespace shift::cuda;

static int64_t bytesOf(VectorType type) {
  return type.getNumElements() * bitsOf(type.getElementType()) / 8;
}

static StringRef memberName(int64_t i) {
  return StringRef("xyzw").substr(i, 1);
}

static bool areLiterals(ArrayRef<Expression> lanes) {
  return llvm::all_of(
      lanes, [](const Expression &lane) { return lane.literal.has_value(); });
}

/// Literals of bytes or halves as words.
static SmallVector<Expression> packLiterals(VectorType type,
                                            ArrayRef<Expression> lanes) {
  unsigned bits = bitsOf(type.getElementType());
  unsigned wordBits = std::min<int64_t>(bytesOf(type) * 8, 32);
  size_t perWord = wordBits / bits;
  SmallVector<Expression> words;
  for (size_t i = 0; i < lanes.size(); i += perWord) {
    APInt word(wordBits, 0);
    for (size_t j = 0; j < perWord; ++j)
      word.insertBits(lanes[i + j].literal->sextOrTrunc(bits), j * bits);
    words.push_back(
        makeInteger(word, IntegerType::get(type.getContext(), wordBits)));
  }
  return words;
}

SmallVector<Expression> shift::cuda::makeWords(const Expression &vector,
                                               VectorType type) {
  if (isPacked(type) && !vector.lanes.empty() && areLiterals(vector.lanes))
    return packLiterals(type, vector.lanes);
  int64_t words = bytesOf(type) / 4;
  if (words <= 1)
    return {vector};
  SmallVector<Expression> result;
  for (int64_t i = 0; i < words; ++i)
    result.push_back(!isPacked(type) && !vector.lanes.empty()
                         ? vector.lanes[i]
                         : makeMember(vector, memberName(i)));
  return result;
}

Expression shift::cuda::makeLane(const Expression &vector, VectorType type,
                                 int64_t i) {
  if (type.getNumElements() == 1)
    return vector;
  if (!vector.lanes.empty())
    return vector.lanes[i];
  if (!isPacked(type))
    return makeMember(vector, memberName(i));
  int64_t bits = bitsOf(type.getElementType());
  int64_t wordBits = std::min<int64_t>(bytesOf(type) * 8, 32);
  int64_t perWord = wordBits / bits, shift = i % perWord * bits;
  Expression word = makeWords(vector, type)[i / perWord];
  if (shift)
    word = makeBinary(word, ">>", makeInteger(shift), Precedence::Shift);
  // The highest one comes with its sign.
  return shift == wordBits - bits
             ? word
             : makeCall(cppType(type.getElementType()), word);
}

Expression shift::cuda::assembleWords(VectorType type,
                                      ArrayRef<Expression> words) {
  return words.size() == 1 ? words[0]
                           : makeCall("make_" + cppType(type), words);
}

Expression shift::cuda::assembleLanes(KernelEmitter &emitter, VectorType type,
                                      ArrayRef<Expression> lanes) {
  if (lanes.size() == 1)
    return lanes[0];
  Expression result;
  if (!isPacked(type)) {
    result = makeCall("make_" + cppType(type), lanes);
    if (llvm::all_of(lanes, [](const Expression &lane) {
          return lane.isAtom && lane.variables.empty();
        }))
      result.lanes.assign(lanes.begin(), lanes.end());
    return result;
  }
  if (areLiterals(lanes)) {
    result = assembleWords(type, packLiterals(type, lanes));
    result.lanes.assign(lanes.begin(), lanes.end());
    return result;
  }
  if (bytesOf(type) == 2) {
    Expression low =
        makeBinary(lanes[0], "&", makeName("0xff"), Precedence::BitAnd);
    Expression high =
        makeBinary(lanes[1], "<<", makeInteger(8), Precedence::Shift);
    return makeCall("int16_t", makeBinary(low, "|", high, Precedence::BitOr));
  }
  bool isBytes = type.getElementType().isInteger(8);
  (isBytes ? emitter.needs.packBytes : emitter.needs.packHalves) = true;
  size_t perWord = isBytes ? 4 : 2;
  SmallVector<Expression> words;
  for (size_t i = 0; i < lanes.size(); i += perWord)
    words.push_back(makeCall(isBytes ? "packBytes" : "packHalves",
                             lanes.slice(i, perWord)));
  return assembleWords(type, words);
}
