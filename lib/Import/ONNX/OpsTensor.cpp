//===- OpsTensor.cpp - Import of ops that move or make tensors ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "OpRegistry.h"
#include "shift/Reference/Interpreter.h"

using llvm::Twine;
using mlir::NamedAttribute;
using mlir::Value;

namespace shift::import {

static Value int64Constant(NodeImporter &n, llvm::ArrayRef<int64_t> values,
                           bool isScalar = false) {
  reference::Tensor tensor(reference::DType::I64, {});
  if (!isScalar)
    tensor = reference::Tensor(reference::DType::I64,
                               {static_cast<int64_t>(values.size())});
  llvm::copy(values, tensor.data<int64_t>());
  return n.constantOfTensor(tensor, n.builder.getIntegerType(64));
}

static Value floatConstant(NodeImporter &n, llvm::ArrayRef<float> values,
                           bool isScalar = false) {
  reference::Tensor tensor(reference::DType::F32, {});
  if (!isScalar)
    tensor = reference::Tensor(reference::DType::F32,
                               {static_cast<int64_t>(values.size())});
  llvm::copy(values, tensor.data<float>());
  return n.constantOfTensor(tensor, n.builder.getF32Type());
}

static void importConstant(NodeImporter &n) {
  if (n.hasAttr("value"))
    n.result(n.constant(n.tensorAttr("value"),
                        n.node.output_size() ? n.node.output(0) : ""));
  else if (n.hasAttr("value_float"))
    n.result(floatConstant(n, {n.floatAttr("value_float", 0)}, true));
  else if (n.hasAttr("value_floats"))
    n.result(floatConstant(n, n.floatsAttr("value_floats")));
  else if (n.hasAttr("value_int"))
    n.result(int64Constant(n, {n.intAttr("value_int", 0)}, true));
  else if (n.hasAttr("value_ints"))
    n.result(int64Constant(n, n.intsAttr("value_ints")));
  else
    n.fail("expected value, value_float, value_floats, value_int or "
           "value_ints; strings and sparse tensors are not supported");
}

static void importIdentity(NodeImporter &n) {
  Value x = n.input(0);
  // Weights that are shared through Identity stay one constant.
  if (x.getDefiningOp<dialect::ConstantOp>())
    n.result(x);
  else
    n.result(n.make<dialect::IdentityOp>(x, {}, shapeOf(x), elementOf(x)));
}

static void importDropout(NodeImporter &n) {
  if (n.opset >= 12 && n.has(2)) {
    auto training = n.requireTensor(2, "training_mode");
    if (training && training->size() == 1 && training->bytes[0] != 0)
      n.fail("training_mode is not supported; export the model in evaluation "
             "mode");
  }
  Value x = n.input(0);
  n.result(n.make<dialect::DropoutOp>(x, {}, shapeOf(x), elementOf(x)));
}

static void importConcat(NodeImporter &n) {
  if (!n.hasAttr("axis"))
    n.fail("expected an attribute 'axis', got none");
  n.result(n.infer<dialect::ConcatOp>(
      n.allInputs(), {n.integer("axis", n.intAttr("axis", 0))}));
}

/// Parts of equal size; from opset 18 on the last may be smaller.
static Ints equalParts(NodeImporter &n, int64_t total) {
  int64_t outputs = n.node.output_size();
  int64_t count = n.opset >= 18 ? n.intAttr("num_outputs", outputs) : outputs;
  if (count != outputs || count < 1) {
    n.fail("expected " + Twine(count) + " outputs, got " + Twine(outputs));
    return {};
  }
  int64_t part = (total + count - 1) / count;
  if (n.opset < 18 && total % count != 0)
    n.fail("expected a dimension that divides into " + Twine(count) +
           " parts, got " + Twine(total));
  Ints parts;
  for (int64_t left = total; count > 0; --count) {
    parts.push_back(std::min(part, left));
    left -= parts.back();
  }
  return parts;
}

static void importSplit(NodeImporter &n) {
  Value x = n.input(0);
  int64_t axis = n.axisOf(n.intAttr("axis", 0), rankOf(x));
  if (n.failed())
    return;
  Ints parts;
  if (n.opset < 13 && n.hasAttr("split"))
    parts = n.intsAttr("split");
  else if (n.opset >= 13 && n.has(1))
    parts = n.constantInts(1, "split");
  else
    parts = equalParts(n, shapeOf(x)[axis]);
  if (!n.failed() && int64_t(parts.size()) != n.node.output_size())
    n.fail("expected " + Twine(parts.size()) + " outputs, got " +
           Twine(n.node.output_size()));
  mlir::Operation *op = n.inferOp<dialect::SplitOp>(
      x, {n.integer("axis", axis), n.ints("split", parts)});
  if (op)
    for (Value value : op->getResults())
      n.result(value);
}

static void importSlice(NodeImporter &n) {
  Value data = n.input(0);
  Ints starts, ends, axes, steps;
  bool hasAxes, hasInputs = n.opset >= 10;
  if (hasInputs) {
    starts = n.constantInts(1, "starts");
    ends = n.constantInts(2, "ends");
    hasAxes = n.has(3);
    if (hasAxes)
      axes = n.constantInts(3, "axes");
    steps = n.has(4) ? n.constantInts(4, "steps") : Ints(starts.size(), 1);
  } else {
    starts = n.intsAttr("starts");
    ends = n.intsAttr("ends");
    hasAxes = n.hasAttr("axes");
    axes = n.intsAttr("axes");
    steps = Ints(starts.size(), 1);
  }
  if (!hasAxes)
    for (size_t i = 0; i < starts.size(); ++i)
      axes.push_back(i);
  Ints sorted = n.axesOf(axes, rankOf(data));
  for (int64_t &axis : axes)
    axis = n.axisOf(axis, rankOf(data));
  n.result(n.infer<dialect::SliceOp>(
      data, {n.ints("starts", starts), n.ints("ends", ends),
             n.ints("axes", axes), n.ints("steps", steps)}));
}

static int64_t countOf(llvm::ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

/// Resolves 0 (copied) and -1 (inferred) of Reshape's shape.
static Ints resolveShape(NodeImporter &n, Ints shape,
                         llvm::ArrayRef<int64_t> source) {
  bool allowZero = n.opset >= 14 && n.intAttr("allowzero", 0) != 0;
  int64_t inferred = -1;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && !allowZero) {
      if (i >= source.size())
        n.fail("shape entry " + Twine(i) + " is 0, but the data has rank " +
               Twine(source.size()));
      else
        shape[i] = source[i];
    } else if (shape[i] == -1) {
      if (inferred >= 0)
        n.fail("expected at most one -1 in the shape");
      inferred = i;
    }
  }
  if (inferred < 0 || n.failed())
    return shape;
  shape[inferred] = 1;
  auto checked = tensorType(shape, n.builder.getF32Type());
  if (!checked) {
    n.fail("shape: " + llvm::toString(checked.takeError()));
    return shape;
  }
  int64_t known = countOf(shape), total = countOf(source);
  if (known == 0 || total % known != 0)
    n.fail("expected a shape that divides " + Twine(total) +
           " elements, got one of " + Twine(known) + " and -1");
  else
    shape[inferred] = total / known;
  return shape;
}

static void importReshape(NodeImporter &n) {
  Value data = n.input(0);
  Ints shape = resolveShape(n, n.constantInts(1, "shape"), shapeOf(data));
  n.result(n.make<dialect::ReshapeOp>(data, {}, shape, elementOf(data)));
}

static void importFlatten(NodeImporter &n) {
  Value data = n.input(0);
  int64_t rank = rankOf(data), axis = n.intAttr("axis", 1);
  // The end of the shape is a valid axis here.
  axis = axis == rank ? rank : n.axisOf(axis, rank);
  if (n.failed())
    return;
  Ints shape{countOf(shapeOf(data).take_front(axis)),
             countOf(shapeOf(data).drop_front(axis))};
  n.result(n.make<dialect::FlattenOp>(data, {n.integer("axis", axis)}, shape,
                                      elementOf(data)));
}

/// The axes of Squeeze and Unsqueeze: an attribute, an input since opset 13.
static std::optional<Ints> readAxes(NodeImporter &n) {
  if (n.opset >= 13)
    return n.has(1) ? std::optional(n.constantInts(1, "axes")) : std::nullopt;
  return n.hasAttr("axes") ? std::optional(n.intsAttr("axes")) : std::nullopt;
}

static void importSqueeze(NodeImporter &n) {
  Value data = n.input(0);
  llvm::ArrayRef<int64_t> source = shapeOf(data);
  Ints axes, shape;
  if (auto given = readAxes(n)) {
    axes = n.axesOf(*given, source.size());
  } else {
    for (size_t i = 0; i < source.size(); ++i)
      if (source[i] == 1)
        axes.push_back(i);
  }
  for (size_t i = 0; i < source.size(); ++i) {
    if (!llvm::is_contained(axes, int64_t(i)))
      shape.push_back(source[i]);
    else if (source[i] != 1)
      n.fail("expected dimension " + Twine(i) + " to be 1, got " +
             Twine(source[i]));
  }
  n.result(n.make<dialect::SqueezeOp>(data, {n.ints("axes", axes)}, shape,
                                      elementOf(data)));
}

static void importUnsqueeze(NodeImporter &n) {
  Value data = n.input(0);
  auto given = readAxes(n);
  if (!given) {
    n.fail("expected axes, got none");
    return;
  }
  int64_t rank = rankOf(data) + given->size();
  Ints axes = n.axesOf(*given, rank), shape;
  const int64_t *next = shapeOf(data).begin();
  if (n.failed())
    return;
  for (int64_t i = 0; i < rank; ++i)
    shape.push_back(llvm::is_contained(axes, i) ? 1 : *next++);
  n.result(n.make<dialect::UnsqueezeOp>(data, {n.ints("axes", axes)}, shape,
                                        elementOf(data)));
}

static void importTranspose(NodeImporter &n) {
  Value data = n.input(0);
  Ints reversed;
  for (int64_t i = rankOf(data); i-- > 0;)
    reversed.push_back(i);
  n.result(n.infer<dialect::TransposeOp>(
      data, {n.ints("perm", n.intsAttr("perm", reversed))}));
}

static void importGather(NodeImporter &n) {
  n.result(n.infer<dialect::GatherOp>(
      {n.input(0), n.input(1)}, {n.integer("axis", n.intAttr("axis", 0))}));
}

/// The shape is known: no op remains.
static void importShape(NodeImporter &n) {
  llvm::ArrayRef<int64_t> shape = shapeOf(n.input(0));
  int64_t rank = shape.size();
  auto resolve = [&](int64_t index) {
    return std::clamp<int64_t>(index < 0 ? index + rank : index, 0, rank);
  };
  int64_t start = resolve(n.intAttr("start", 0));
  int64_t end = resolve(n.intAttr("end", rank));
  n.result(
      int64Constant(n, shape.slice(start, std::max<int64_t>(0, end - start))));
}

static void importConstantOfShape(NodeImporter &n) {
  Ints shape = n.constantInts(0, "shape");
  mlir::ElementsAttr value = n.tensorAttr("value");
  if (n.failed())
    return;
  if (!value)
    value = mlir::DenseElementsAttr::get(
        mlir::RankedTensorType::get({1}, n.builder.getF32Type()), 0.0f);
  if (value.getNumElements() != 1) {
    n.fail("expected one element as value, got " +
           Twine(value.getNumElements()));
    return;
  }
  auto type = tensorType(shape, value.getElementType());
  if (!type) {
    n.fail("shape: " + llvm::toString(type.takeError()));
    return;
  }
  constexpr int64_t maxConstant = 1 << 16;
  auto dense = llvm::dyn_cast<mlir::DenseElementsAttr>(value);
  if (dense && (*type).getNumElements() <= maxConstant)
    n.result(n.constant(mlir::DenseElementsAttr::get(
        *type, *dense.value_begin<mlir::Attribute>())));
  else
    n.result(n.make<dialect::ConstantOfShapeOp>(
        {}, {n.builder.getNamedAttr("value", value)}, shape,
        value.getElementType()));
}

/// The result is the input broadcast with `shape`, in both directions.
static void importExpand(NodeImporter &n) {
  Value x = n.input(0);
  Ints shape = n.constantInts(1, "shape");
  llvm::ArrayRef<int64_t> source = shapeOf(x);
  while (shape.size() < source.size())
    shape.insert(shape.begin(), 1);
  for (size_t i = 0; i < source.size(); ++i) {
    int64_t &dim = shape[shape.size() - 1 - i];
    int64_t other = source[source.size() - 1 - i];
    if (dim != other && dim != 1 && other != 1)
      n.fail("expected shapes that broadcast, got " + Twine(other) + " and " +
             Twine(dim));
    dim = dim == 1 ? other : dim;
  }
  n.result(n.make<dialect::ExpandOp>(x, {}, shape, elementOf(x)));
}

static void importCast(NodeImporter &n) {
  Value x = n.input(0);
  if (!n.hasAttr("to"))
    n.fail("expected an attribute 'to', got none");
  int64_t to = n.intAttr("to", 1);
  if (n.failed())
    return;
  auto element = elementType(static_cast<int32_t>(std::clamp<int64_t>(
                                 to, 0, std::numeric_limits<int32_t>::max())),
                             n.builder.getContext());
  if (!element) {
    n.fail("attribute 'to': " + llvm::toString(element.takeError()));
    return;
  }
  n.result(n.make<dialect::CastOp>(x, {}, shapeOf(x), *element));
}

/// Pads of the given axes (opset 18) become pads of all dimensions.
static Ints spreadPads(NodeImporter &n, const Ints &pads, int64_t rank) {
  if (!n.has(3))
    return pads;
  Ints axes = n.constantInts(3, "axes"), all(2 * rank, 0);
  n.axesOf(axes, rank);
  if (!n.failed() && pads.size() != 2 * axes.size())
    n.fail("expected " + Twine(2 * axes.size()) + " pads, got " +
           Twine(pads.size()));
  if (n.failed())
    return all;
  for (size_t i = 0; i < axes.size(); ++i) {
    int64_t axis = n.axisOf(axes[i], rank);
    all[axis] = pads[i];
    all[axis + rank] = pads[i + axes.size()];
  }
  return all;
}

static void importPad(NodeImporter &n) {
  Value data = n.input(0);
  Ints pads;
  mlir::TypedAttr value;
  if (n.opset >= 11) {
    pads = n.constantInts(1, "pads");
    value = n.constantScalar(2, "constant_value");
    if (value && value.getType() != elementOf(data))
      n.fail("expected constant_value of the data's type");
    if (n.opset >= 18)
      pads = spreadPads(n, pads, rankOf(data));
  } else {
    pads = n.intsAttr("pads");
    if (n.hasAttr("value"))
      value = n.builder.getF32FloatAttr(n.floatAttr("value", 0));
  }
  llvm::SmallVector<NamedAttribute> attrs{
      n.ints("pads", pads), n.string("mode", n.stringAttr("mode", "constant"))};
  if (value)
    attrs.push_back(n.builder.getNamedAttr("constant_value", value));
  n.result(n.infer<dialect::PadOp>(data, attrs));
}

llvm::ArrayRef<OpEntry> tensorOps() {
  constexpr Folding never = Folding::Never, folds = Folding::Constants;
  static const OpEntry table[] = {
      {"Cast", 7, 27, 1, 1, 0, folds, importCast,
       "half, bfloat16 and double are float32"},
      {"Concat", 7, 27, 1, -1, 0, folds, importConcat, ""},
      {"Constant", 7, 27, 0, 0, 0, never, importConstant,
       "no strings, no sparse tensors"},
      {"ConstantOfShape", 9, 27, 1, 1, 0, never, importConstantOfShape,
       "shape is a constant"},
      {"Dropout", 7, 27, 1, 3, 0, never, importDropout,
       "inference only, first output only"},
      {"Expand", 8, 27, 2, 2, 0, folds, importExpand, "shape is a constant"},
      {"Flatten", 7, 27, 1, 1, 0, folds, importFlatten, ""},
      {"Gather", 7, 27, 2, 2, 0, folds, importGather, ""},
      {"Identity", 7, 27, 1, 1, 0, never, importIdentity, "tensors only"},
      {"Pad", 7, 27, 1, 4, 0, never, importPad,
       "pads, constant_value and axes are constants"},
      {"Reshape", 7, 27, 2, 2, 0, folds, importReshape, "shape is a constant"},
      {"Shape", 7, 27, 1, 1, 0, never, importShape, "becomes a constant"},
      {"Slice", 7, 27, 1, 5, 0, folds, importSlice,
       "starts, ends, axes and steps are constants"},
      {"Split", 7, 27, 1, 2, 0, never, importSplit, "split is a constant"},
      {"Squeeze", 7, 27, 1, 2, 0, folds, importSqueeze, "axes are constants"},
      {"Transpose", 7, 27, 1, 1, 0, folds, importTranspose, ""},
      {"Unsqueeze", 7, 27, 1, 2, 0, folds, importUnsqueeze,
       "axes are constants"},
  };
  return table;
}

} // namespace shift::import
