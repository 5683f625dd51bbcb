//===- ONNXExporter.cpp - The onnx and shift dialects to ONNX -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Target/ONNX/ONNXExporter.h"
#include "GraphWriter.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXPorts.h"
#include "dialects/ONNX/IR/ONNXTypeInference.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "shift/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <climits>

using namespace shift::onnx_export;
using llvm::createStringError;
using llvm::StringRef;
using llvm::Twine;
using shift::ExportedActivations;

namespace {
/// Lets protobuf write to an LLVM stream.
class StreamOutput : public google::protobuf::io::CopyingOutputStream {
public:
  explicit StreamOutput(llvm::raw_ostream &os) : os(os) {}
  bool Write(const void *data, int size) override {
    os.write(static_cast<const char *>(data), size);
    return true;
  }

private:
  llvm::raw_ostream &os;
};
} // namespace

/// Element types that QuantizeLinear and its like have only since opset 21.
static bool has16Bits(mlir::TypeRange types, ExportedActivations activations) {
  return llvm::any_of(types, [&](mlir::Type type) {
    if (auto format = mlir::shift::getFixedPoint(type))
      return activations == ExportedActivations::QuantizeDequantize &&
             format->storageBits > 8;
    return mlir::getElementTypeOrSelf(type).isInteger(16);
  });
}

template <typename Op>
static bool isDilated(mlir::Operation *op) {
  auto pool = llvm::dyn_cast<Op>(op);
  return pool && llvm::any_of(pool.getDilations(),
                              [](int64_t dilation) { return dilation != 1; });
}

/// Whether `ceil_mode` drops a last window that starts in the padding, which
/// older opsets do not say.
template <typename Op>
static bool dropsLastWindow(Op pool, mlir::Value input,
                            llvm::ArrayRef<int64_t> kernel) {
  if (!pool.getCeilMode())
    return false;
  auto from = mlir::onnx::shapeOf(input).drop_front(2);
  auto to = mlir::onnx::shapeOf(pool.getResult()).drop_front(2);
  for (size_t i = 0; i < kernel.size(); ++i) {
    int64_t extent = (kernel[i] - 1) * pool.getDilations()[i] + 1;
    int64_t room = from[i] + pool.getPads()[i] +
                   pool.getPads()[i + kernel.size()] - extent;
    int64_t stride = pool.getStrides()[i];
    if ((room + stride - 1) / stride + 1 != to[i])
      return true;
  }
  return false;
}

static int64_t poolOpset(mlir::Operation *op) {
  namespace dialect = mlir::onnx;
  bool drops = false;
  if (auto pool = llvm::dyn_cast<dialect::MaxPoolOp>(op))
    drops = dropsLastWindow(pool, pool.getX(), pool.getKernelShape());
  else if (auto pool = llvm::dyn_cast<dialect::AveragePoolOp>(op))
    drops = dropsLastWindow(pool, pool.getX(), pool.getKernelShape());
  else if (auto pool = llvm::dyn_cast<mlir::shift::MaxPoolOp>(op))
    drops = dropsLastWindow(pool, pool.getInput(), pool.getKernel());
  else if (auto pool = llvm::dyn_cast<mlir::shift::AveragePoolOp>(op))
    drops = dropsLastWindow(pool, pool.getInput(), pool.getKernel());
  if (drops)
    return 22;
  return isDilated<dialect::AveragePoolOp>(op) ||
                 isDilated<mlir::shift::AveragePoolOp>(op)
             ? 19
             : 13;
}

/// Arithmetic on integers of 8 and 16 bits, and shapes with a 0.
static bool isOfOpset14(mlir::Operation *op) {
  namespace dialect = mlir::onnx;
  auto type = llvm::cast<mlir::RankedTensorType>(op->getResult(0).getType());
  if (llvm::isa<dialect::AddOp, dialect::SubOp, dialect::MulOp, dialect::DivOp>(
          op))
    return type.getElementType().isInteger(8) ||
           type.getElementType().isInteger(16);
  if (llvm::isa<dialect::ReshapeOp>(op))
    return llvm::is_contained(type.getShape(), 0);
  return llvm::isa<dialect::HardSwishOp>(op);
}

int64_t shift::onnx_export::requiredOpset(mlir::Operation *op,
                                          ExportedActivations activations) {
  namespace dialect = mlir::onnx;
  bool quantizes =
      llvm::isa<dialect::QuantizeLinearOp, dialect::DequantizeLinearOp>(op) ||
      llvm::isa<mlir::shift::ShiftDialect>(op->getDialect());
  if (quantizes && (has16Bits(op->getResultTypes(), activations) ||
                    has16Bits(op->getOperandTypes(), activations)))
    return 21;
  if (int64_t opset = poolOpset(op); opset > 13)
    return opset;
  if (auto pad = llvm::dyn_cast<dialect::PadOp>(op))
    if (pad.getMode() == "wrap")
      return 19;
  if (auto resize = llvm::dyn_cast<dialect::ResizeOp>(op)) {
    if (resize.getCoordinateTransformationMode() == "half_pixel_symmetric")
      return 19;
    if (resize.getAntialias() != 0)
      return 18;
  }
  if (auto shape = llvm::dyn_cast<dialect::ShapeOp>(op))
    if (shape.getStart() != 0 || shape.getEnd())
      return 15;
  return op->getNumResults() > 0 && isOfOpset14(op) ? 14 : 13;
}

/// The IR version that came with an opset.
static int64_t irVersionOf(int64_t opset) {
  return opset >= 21 ? 10 : opset >= 19 ? 9 : opset >= 15 ? 8 : 7;
}

/// Declares an input or output. Fixed point is float32 in ONNX.
static llvm::Error declare(::onnx::ValueInfoProto &info, StringRef name,
                           mlir::Type type) {
  info.set_name(name.str());
  auto ranked = llvm::dyn_cast<mlir::RankedTensorType>(type);
  auto dtype = shift::reference::storageType(type);
  if (!ranked || !ranked.hasStaticShape() || !dtype)
    return createStringError("'" + name +
                             "': expected a tensor of numbers "
                             "or fixed point, of static shape");
  int32_t dataType = mlir::shift::getFixedPoint(type)
                         ? int32_t(::onnx::TensorProto::FLOAT)
                         : dataTypeOf(*dtype);
  ::onnx::TypeProto_Tensor *tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(dataType);
  // Scalars have a shape too, of no dimensions.
  tensor->mutable_shape();
  for (int64_t dim : ranked.getShape())
    tensor->mutable_shape()->add_dim()->set_dim_value(dim);
  return llvm::Error::success();
}

static const EmitterTable &emitters() {
  static const EmitterTable table = [] {
    EmitterTable made;
    addOnnxEmitters(made);
    addShiftEmitters(made);
    return made;
  }();
  return table;
}

static llvm::Error emitOp(GraphWriter &writer, mlir::Operation &op) {
  StringRef name = op.getName().getStringRef();
  std::string where = ("'" + name + "'").str();
  if (auto node = op.getAttrOfType<mlir::StringAttr>("node_name"))
    where += (" (node '" + node.getValue() + "')").str();
  auto emitter = emitters().find(name);
  if (emitter == emitters().end())
    return createStringError(where + ": this op has no form in ONNX; export "
                                     "modules of onnx and shift ops only");
  writer.startOp(&op);
  std::string error = emitter->second(writer, &op);
  if (!error.empty())
    return createStringError(where + ": " + error);
  return llvm::Error::success();
}

static llvm::Error exportFunction(mlir::func::FuncOp function,
                                  GraphWriter &writer,
                                  ::onnx::GraphProto &graph) {
  mlir::Block &block = function.front();
  std::vector<std::string> outputs;
  // Ports keep their names, so they are reserved before everything else.
  for (auto [i, value] : llvm::enumerate(block.getArguments())) {
    std::string name = writer.fresh(mlir::onnx::getInputName(function, i));
    if (llvm::Error error = declare(*graph.add_input(), name, value.getType()))
      return error;
    writer.bind(value, name);
  }
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    std::string name = writer.fresh(mlir::onnx::getOutputName(function, i));
    if (llvm::Error error = declare(*graph.add_output(), name, type))
      return error;
    outputs.push_back(name);
  }
  for (mlir::Operation &op : block.without_terminator())
    if (llvm::Error error = emitOp(writer, op))
      return error;
  for (auto [value, output] :
       llvm::zip_equal(block.getTerminator()->getOperands(), outputs))
    writer.addOutput(writer.nameOf(value), output);
  writer.finish();
  return llvm::Error::success();
}

/// The descriptions that the module carries.
static void addMetadata(mlir::ModuleOp module, ::onnx::ModelProto &model) {
  for (StringRef name : {"shift.detector", "shift.image_input"}) {
    auto text = module->getAttrOfType<mlir::StringAttr>(name);
    if (!text)
      continue;
    ::onnx::StringStringEntryProto *entry = model.add_metadata_props();
    entry->set_key(name.str());
    entry->set_value(text.str());
  }
}

llvm::Error shift::exportONNX(mlir::ModuleOp module, llvm::raw_ostream &os,
                              const ONNXExportOptions &options) {
  auto function = module.lookupSymbol<mlir::func::FuncOp>("main");
  if (!function || !llvm::hasSingleElement(function.getBody()))
    return createStringError(
        "expected a module with a function @main of one block");
  int64_t opset = 13;
  for (mlir::Operation &op : function.front().without_terminator())
    opset = std::max(opset, requiredOpset(&op, options.activations));
  ::onnx::ModelProto model;
  model.set_ir_version(irVersionOf(opset));
  model.set_producer_name("shift");
  model.add_opset_import()->set_version(opset);
  model.mutable_graph()->set_name("main");
  addMetadata(module, model);
  GraphWriter writer(*model.mutable_graph(), opset, options.activations);
  if (llvm::Error error =
          exportFunction(function, writer, *model.mutable_graph()))
    return error;
  if (model.ByteSizeLong() > INT_MAX)
    return createStringError("expected a model of at most 2 GiB, which is "
                             "protobuf's limit, got more");
  StreamOutput output(os);
  google::protobuf::io::CopyingOutputStreamAdaptor adaptor(&output);
  if (!model.SerializeToZeroCopyStream(&adaptor) || !adaptor.Flush())
    return createStringError("cannot encode the model");
  return llvm::Error::success();
}
