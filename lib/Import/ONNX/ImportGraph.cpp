//===- ImportGraph.cpp - The graph of a model to @main --------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "ImportGraph.h"
#include "OpRegistry.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/FormatVariadic.h"

using llvm::createStringError;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;
using mlir::Value;

namespace shift::import {

GraphImporter::GraphImporter(proto::GraphProto &graph, int64_t opset,
                             StringRef folder, const ImportOptions &options,
                             mlir::ModuleOp module)
    : graph(graph), opset(opset), folder(folder), options(options),
      module(module), builder(module.getContext()) {}

Error GraphImporter::run() {
  if (Error error = collectNames())
    return error;
  if (Error error = selectOutputs())
    return error;
  if (Error error = markNeeded())
    return error;
  // What the model asks for says more than the shapes of its inputs.
  for (int i : neededNodes.set_bits())
    if (Error error = checkOp(graph.node(i)))
      return error;
  if (Error error = createArguments())
    return error;
  for (int i : neededNodes.set_bits())
    if (Error error = importNode(i))
      return error;
  return finish();
}

std::string GraphImporter::describe(const proto::NodeProto &node) const {
  std::string name = printable(node.name());
  if (name.empty() && node.output_size())
    name = printable(node.output(0));
  return "node '" + name + "' (" + printable(node.op_type()) + ", opset " +
         std::to_string(opset) + ")";
}

Error GraphImporter::collectNames() {
  for (auto &tensor : *graph.mutable_initializer())
    if (!initializers.try_emplace(tensor.name(), &tensor).second)
      return createStringError("duplicate initializer '" +
                               printable(tensor.name()) + "'");
  for (const auto &tensor : graph.sparse_initializer())
    sparse.insert(tensor.values().name());
  for (int i = 0; i < graph.input_size(); ++i) {
    StringRef name = graph.input(i).name();
    if (name.empty())
      return createStringError("graph input " + Twine(i) + " has no name");
    // Old models repeat each initializer as an input.
    if (!initializers.contains(name) &&
        !graphInputs.try_emplace(name, i).second)
      return createStringError("duplicate graph input '" + printable(name) +
                               "'");
  }
  for (int i = 0; i < graph.node_size(); ++i)
    for (StringRef name : graph.node(i).output()) {
      if (name.empty())
        continue;
      bool isTaken = initializers.contains(name) || graphInputs.contains(name);
      if (isTaken || !producers.try_emplace(name, i).second)
        return createStringError(describe(graph.node(i)) + ": output '" +
                                 printable(name) + "' is already defined");
    }
  return Error::success();
}

/// "a, b, c and 12 more".
static std::string listNames(const std::vector<std::string> &names) {
  constexpr size_t limit = 20;
  std::string text;
  for (size_t i = 0; i < std::min(limit, names.size()); ++i)
    text += (i ? ", " : "") + printable(names[i]);
  if (names.size() > limit)
    text += " and " + std::to_string(names.size() - limit) + " more";
  return text.empty() ? "none" : text;
}

Error GraphImporter::selectOutputs() {
  outputNames = options.outputs;
  if (outputNames.empty())
    for (const auto &output : graph.output())
      outputNames.push_back(output.name());
  if (outputNames.empty())
    return createStringError("the graph has no outputs");
  llvm::StringSet<> seen;
  for (const std::string &name : outputNames) {
    if (!seen.insert(name).second)
      return createStringError("duplicate output '" + printable(name) + "'");
    if (producers.contains(name) || graphInputs.contains(name) ||
        initializers.contains(name))
      continue;
    if (options.outputs.empty())
      return createStringError("graph output '" + printable(name) +
                               "' is not computed by any node");
    std::vector<std::string> known;
    for (const auto &output : graph.output())
      known.push_back(output.name());
    for (const auto &node : graph.node())
      known.insert(known.end(), node.output().begin(), node.output().end());
    return createStringError("no value '" + printable(name) +
                             "' to return; the model has " + listNames(known));
  }
  return Error::success();
}

Error GraphImporter::markNeeded() {
  neededNodes.resize(graph.node_size());
  std::vector<StringRef> pending(outputNames.begin(), outputNames.end());
  while (!pending.empty()) {
    StringRef name = pending.back();
    pending.pop_back();
    if (name.empty() || !neededNames.insert(name).second)
      continue;
    auto producer = producers.find(name);
    if (producer == producers.end() || neededNodes.test(producer->second))
      continue;
    neededNodes.set(producer->second);
    const proto::NodeProto &node = graph.node(producer->second);
    pending.insert(pending.end(), node.input().begin(), node.input().end());
  }
  std::vector<std::string> names;
  for (const auto &input : graphInputs)
    names.push_back(input.first().str());
  llvm::sort(names);
  for (const auto &[name, shape] : options.inputShapes)
    if (!graphInputs.contains(name))
      return createStringError("no input '" + printable(name) +
                               "' to give a shape; the model has " +
                               listNames(names));
  return Error::success();
}

llvm::Expected<mlir::Type>
GraphImporter::inputType(const proto::ValueInfoProto &input) {
  std::string what = "input '" + printable(input.name()) + "'";
  if (!input.type().has_tensor_type())
    return createStringError(what + ": expected a tensor; sequences, maps and "
                                    "optionals are not supported");
  const auto &type = input.type().tensor_type();
  auto element = elementType(type.elem_type(), builder.getContext());
  if (!element)
    return createStringError(what + ": " + llvm::toString(element.takeError()));
  auto given = options.inputShapes.find(input.name());
  bool isGiven = given != options.inputShapes.end();
  std::string help =
      "; give its shape with --input-shape=" + printable(input.name()) +
      ":1x3x...";
  if (!type.has_shape() && !isGiven)
    return createStringError(what + ": the model gives no shape" + help);
  if (isGiven && type.has_shape() &&
      int(given->second.size()) != type.shape().dim_size())
    return createStringError(what + ": expected a shape of " +
                             Twine(type.shape().dim_size()) +
                             " dimensions, got " + Twine(given->second.size()));
  Ints shape;
  int rank = isGiven ? given->second.size() : type.shape().dim_size();
  for (int i = 0; i < rank; ++i) {
    int64_t known = -1;
    std::string symbol = "?";
    if (type.has_shape()) {
      const auto &dim = type.shape().dim(i);
      known = dim.has_dim_value() ? dim.dim_value() : -1;
      symbol = dim.has_dim_value() ? std::to_string(known)
                                   : printable(dim.dim_param());
    }
    if (!isGiven && known < 0)
      return createStringError(what + ": dimension " + Twine(i) + " ('" +
                               symbol + "') is not fixed" + help);
    if (isGiven && known >= 0 && known != given->second[i])
      return createStringError(what + ": the model fixes dimension " +
                               Twine(i) + " to " + Twine(known) + ", got " +
                               Twine(given->second[i]));
    shape.push_back(isGiven ? given->second[i] : known);
    if (known >= 0 || symbol.empty() || symbol == "?")
      continue;
    auto [entry, isNew] = symbols.try_emplace(symbol, shape.back());
    if (!isNew && entry->second != shape.back())
      return createStringError(what + ": dimension " + Twine(i) + " ('" +
                               symbol + "') is " + Twine(shape.back()) +
                               " here and " + Twine(entry->second) +
                               " in an input before");
  }
  auto result = tensorType(shape, *element);
  if (!result)
    return createStringError(what + ": " + llvm::toString(result.takeError()));
  return *result;
}

Error GraphImporter::createArguments() {
  llvm::SmallVector<mlir::Type> types;
  llvm::SmallVector<StringRef> names;
  for (const auto &input : graph.input()) {
    if (!graphInputs.contains(input.name()))
      continue;
    // A cut model has only the inputs that it still needs.
    if (!options.outputs.empty() && !neededNames.contains(input.name()))
      continue;
    auto type = inputType(input);
    if (!type)
      return type.takeError();
    types.push_back(*type);
    names.push_back(input.name());
  }
  mlir::Location loc = builder.getUnknownLoc();
  builder.setInsertionPointToEnd(module.getBody());
  function = mlir::func::FuncOp::create(builder, loc, "main",
                                        builder.getFunctionType(types, {}));
  mlir::Block *block = function.addEntryBlock();
  for (auto [i, name] : llvm::enumerate(names)) {
    function.setArgAttr(i, "onnx.name", builder.getStringAttr(name));
    values[name] = block->getArgument(i);
  }
  builder.setInsertionPointToEnd(block);
  return Error::success();
}

llvm::Expected<Value> GraphImporter::lookup(StringRef name) {
  auto found = values.find(name);
  if (found != values.end()) {
    if (found->second)
      return found->second;
    return createStringError("'" + printable(name) + "' is an output of " +
                             describe(graph.node(producers.lookup(name))) +
                             " that is not supported");
  }
  auto initializer = initializers.find(name);
  if (initializer == initializers.end()) {
    if (producers.contains(name))
      return createStringError(
          "'" + printable(name) + "' is computed later, by " +
          describe(graph.node(producers.lookup(name))) +
          "; the graph has a cycle or its nodes are not in order");
    if (sparse.contains(name))
      return createStringError("'" + printable(name) +
                               "' is a sparse initializer, which are not "
                               "supported; make it dense");
    return createStringError("'" + printable(name) +
                             "' is no input, initializer or output of a node");
  }
  auto value =
      tensorAttribute(*initializer->second, folder, builder.getContext());
  if (!value)
    return createStringError("initializer '" + printable(name) +
                             "': " + llvm::toString(value.takeError()));
  mlir::StringAttr nameAttr = builder.getStringAttr(name);
  Value constant = dialect::ConstantOp::create(
      builder, mlir::NameLoc::get(nameAttr), (*value).getShapedType(), *value,
      nameAttr, /*node_name=*/nullptr);
  values[name] = constant;
  return constant;
}

Error GraphImporter::gatherInputs(const proto::NodeProto &node,
                                  const OpEntry &entry,
                                  llvm::SmallVectorImpl<Value> &inputs) {
  for (auto [i, name] : llvm::enumerate(node.input())) {
    if (name.empty()) {
      inputs.push_back({});
      continue;
    }
    auto value = lookup(name);
    if (!value)
      return createStringError("input " + Twine(i) + ": " +
                               llvm::toString(value.takeError()));
    inputs.push_back(*value);
  }
  while (!inputs.empty() && !inputs.back())
    inputs.pop_back();
  int count = inputs.size();
  // Every input of an op with any number of them must be there.
  int required =
      entry.maxInputs < 0 ? std::max(entry.minInputs, count) : entry.minInputs;
  if (entry.maxInputs >= 0 && count > entry.maxInputs)
    return createStringError("expected at most " + Twine(entry.maxInputs) +
                             " inputs, got " + Twine(count));
  for (int i = 0; i < required; ++i)
    if (i >= count || !inputs[i])
      return createStringError("input " + Twine(i) + " is missing");
  for (int i = 0; i < std::min(entry.floatInputs, count); ++i)
    if (inputs[i] && !elementOf(inputs[i]).isF32())
      return createStringError("input " + Twine(i) +
                               ": expected a float tensor, got elements of " +
                               llvm::formatv("{0}", elementOf(inputs[i])));
  return Error::success();
}

Error GraphImporter::checkOp(const proto::NodeProto &node) const {
  const OpEntry *entry = findOp(node.op_type());
  std::string where = describe(node) + ": ";
  const char *help = "; cut the model before this node with --outputs, or "
                     "export it without this op";
  if (!node.domain().empty() && node.domain() != "ai.onnx")
    return createStringError(where + "unsupported domain '" +
                             printable(node.domain()) +
                             "'; only ONNX's own ops are supported" + help);
  if (opset == 0)
    return createStringError(where +
                             "the model names no opset of ONNX's own domain");
  if (!entry)
    return createStringError(where +
                             "unsupported op (shift-translate "
                             "--print-onnx-ops lists the supported ones)" +
                             help);
  if (opset < entry->first)
    return createStringError(where + "the op is supported from opset " +
                             Twine(entry->first) +
                             " on; convert the model to a newer opset");
  return Error::success();
}

Error GraphImporter::importNode(int index) {
  proto::NodeProto &node = *graph.mutable_node(index);
  const OpEntry *entry = findOp(node.op_type());
  std::string where = describe(node) + ": ";
  llvm::SmallVector<Value> inputs;
  if (Error error = gatherInputs(node, *entry, inputs))
    return createStringError(where + llvm::toString(std::move(error)));
  if (node.name().empty() && node.output_size())
    node.set_name(node.output(0));
  NodeImporter importer(node, opset, inputs, folder, builder,
                        entry->folding == Folding::Constants);
  entry->handler(importer);
  if (importer.failed())
    return createStringError(where + importer.failure());
  llvm::ArrayRef<Value> outputs = importer.outputs();
  for (int i = 0; i < node.output_size(); ++i)
    if (!node.output(i).empty())
      values[node.output(i)] = i < int(outputs.size()) ? outputs[i] : Value();
  return Error::success();
}

Error GraphImporter::finish() {
  llvm::SmallVector<Value> results;
  llvm::SmallVector<mlir::Type> types;
  for (const std::string &name : outputNames) {
    auto value = lookup(name);
    if (!value)
      return createStringError("output '" + printable(name) +
                               "': " + llvm::toString(value.takeError()));
    results.push_back(*value);
    types.push_back((*value).getType());
  }
  mlir::func::ReturnOp::create(builder, builder.getUnknownLoc(), results);
  function.setFunctionType(
      builder.getFunctionType(function.getArgumentTypes(), types));
  for (auto [i, name] : llvm::enumerate(outputNames))
    function.setResultAttr(i, "onnx.name", builder.getStringAttr(name));
  // Constants that became attributes or folded have no use.
  for (mlir::Operation &op :
       llvm::make_early_inc_range(llvm::reverse(function.front())))
    if (mlir::isOpTriviallyDead(&op))
      op.erase();
  return Error::success();
}

} // namespace shift::import
