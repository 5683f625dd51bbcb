//===- ConvShape.cpp - Convolution shapes of real networks ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "ConvShape.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Support/ConvWindow.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace shift::bench {

std::vector<int64_t> ConvShape::output() const {
  std::vector<int64_t> result{input[0], weights[0]};
  for (int i : {0, 1})
    result.push_back(convOutputSize(
        input[2 + i], ConvWindow{weights[2 + i], strides[i], dilations[i],
                                 pads[i], pads[i + 2]}));
  return result;
}

int64_t ConvShape::macs() const {
  int64_t count = 1;
  for (int64_t size : output())
    count *= size;
  return count * weights[1] * weights[2] * weights[3];
}

static std::string joinSizes(ArrayRef<int64_t> sizes, StringRef separator) {
  return join(map_range(sizes, [](int64_t s) { return std::to_string(s); }),
              separator);
}

std::string ConvShape::describe() const {
  std::string text = joinSizes(weights, "x") + " " +
                     joinSizes(ArrayRef(input).drop_front(2), "x");
  auto isOne = [](int64_t size) { return size == 1; };
  if (!all_of(strides, isOne))
    text += " /" + joinSizes(strides, "x");
  if (!all_of(dilations, isOne))
    text += " dilation " + joinSizes(dilations, "x");
  if (group != 1)
    text += " group " + std::to_string(group);
  return text;
}

/// "1x3x8x8" as `count` numbers of at least `least`.
static std::optional<std::vector<int64_t>>
parseSizes(StringRef text, size_t count, int64_t least) {
  SmallVector<StringRef> parts;
  text.split(parts, 'x');
  std::vector<int64_t> sizes;
  for (StringRef part : parts) {
    int64_t size;
    // No network has larger ones, and products stay within 64 bits.
    if (part.getAsInteger(10, size) || size < least || size > (1 << 14))
      return std::nullopt;
    sizes.push_back(size);
  }
  if (sizes.size() != count)
    return std::nullopt;
  return sizes;
}

/// A line's shape, or what is wrong with it.
static std::string parseShape(StringRef line, ConvShape &shape) {
  SmallVector<StringRef> words;
  SplitString(line, words);
  if (words.size() != 8)
    return "expected name, repeat, input, weights, strides, dilations, pads, "
           "group, got " +
           std::to_string(words.size()) + " words";
  shape.name = words[0].str();
  struct Field {
    const char *name;
    size_t count;
    int64_t least;
    std::vector<int64_t> *target;
  };
  std::vector<int64_t> repeat, group;
  const Field fields[] = {{"repeat", 1, 1, &repeat},
                          {"input", 4, 1, &shape.input},
                          {"weights", 4, 1, &shape.weights},
                          {"strides", 2, 1, &shape.strides},
                          {"dilations", 2, 1, &shape.dilations},
                          {"pads", 4, 0, &shape.pads},
                          {"group", 1, 1, &group}};
  for (auto [field, word] : zip_equal(fields, ArrayRef(words).drop_front())) {
    auto sizes = parseSizes(word, field.count, field.least);
    if (!sizes)
      return ("expected " + Twine(field.name) + " as " + Twine(field.count) +
              " numbers from " + Twine(field.least) + " joined by x, got '" +
              word + "'")
          .str();
    *field.target = std::move(*sizes);
  }
  shape.repeat = repeat[0];
  shape.group = group[0];
  if (shape.weights[1] * shape.group != shape.input[1] ||
      shape.weights[0] % shape.group != 0)
    return "group " + std::to_string(shape.group) +
           " fits not the channels of input and weights";
  std::vector<int64_t> output = shape.output();
  if (output[2] < 1 || output[3] < 1)
    return "the window is larger than the padded input";
  return {};
}

Expected<std::vector<ConvShape>> readShapes(const std::string &path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return pipelines::makeError("cannot read '" + path +
                                "': " + buffer.getError().message());
  std::vector<ConvShape> shapes;
  SmallVector<StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n');
  for (auto [i, line] : enumerate(lines)) {
    StringRef text = line.split('#').first.trim();
    if (text.empty())
      continue;
    std::string error = parseShape(text, shapes.emplace_back());
    if (!error.empty())
      return pipelines::makeError("'" + path + "', line " + Twine(i + 1) +
                                  ": " + error);
  }
  if (shapes.empty())
    return pipelines::makeError("'" + path + "': expected shapes, got none");
  return shapes;
}

/// The shape of a convolution with these values and attributes.
template <typename Op>
static ConvShape shapeOf(Op op, mlir::Value input, mlir::Value weights) {
  auto sizes = [](mlir::Value value) {
    return cast<mlir::ShapedType>(value.getType()).getShape().vec();
  };
  ConvShape shape;
  // A name is one word of a line.
  shape.name = op.getNodeName().value_or("").str();
  for (char &c : shape.name)
    if (isSpace(c) || c == '#')
      c = '_';
  if (shape.name.empty())
    shape.name = "conv";
  shape.input = sizes(input);
  shape.weights = sizes(weights);
  shape.strides = op.getStrides().vec();
  shape.dilations = op.getDilations().vec();
  shape.pads = op.getPads().vec();
  shape.group = op.getGroup();
  return shape;
}

std::vector<ConvShape> findShapes(mlir::ModuleOp module) {
  std::vector<ConvShape> shapes;
  module.walk([&](mlir::Operation *op) {
    ConvShape shape;
    if (auto conv = dyn_cast<mlir::onnx::ConvOp>(op))
      shape = shapeOf(conv, conv.getX(), conv.getW());
    else if (auto conv = dyn_cast<mlir::shift::Conv2DOp>(op))
      shape = shapeOf(conv, conv.getInput(), conv.getWeights());
    if (shape.input.size() != 4)
      return;
    auto found = find_if(shapes, [&](const ConvShape &other) {
      return other.input == shape.input && other.weights == shape.weights &&
             other.strides == shape.strides &&
             other.dilations == shape.dilations && other.pads == shape.pads &&
             other.group == shape.group;
    });
    if (found == shapes.end())
      shapes.push_back(std::move(shape));
    else
      ++found->repeat;
  });
  return shapes;
}

void printShapes(ArrayRef<ConvShape> shapes, StringRef model, raw_ostream &os) {
  os << "# Made by: shift-bench --print-shapes --model "
     << sys::path::filename(model) << "\n"
     << "# name repeat input weights strides dilations pads group\n";
  for (const ConvShape &shape : shapes)
    os << shape.name << " " << shape.repeat << " "
       << joinSizes(shape.input, "x") << " " << joinSizes(shape.weights, "x")
       << " " << joinSizes(shape.strides, "x") << " "
       << joinSizes(shape.dilations, "x") << " " << joinSizes(shape.pads, "x")
       << " " << shape.group << "\n";
}

} // namespace shift::bench
