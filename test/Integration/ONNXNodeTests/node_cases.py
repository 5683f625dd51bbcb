# SPDX-License-Identifier: Apache-2.0
"""ONNX's backend node tests: reading, freezing and comparing cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

import unsupported

# Operands that a static compiler needs to know, by operator. Clip's and Pad's
# last ones are values, but attributes of our ops.
CONSTANT_OPERANDS: dict[str, tuple[int, ...]] = {
    "Clip": (1, 2),
    "ConstantOfShape": (0,),
    "Dropout": (1, 2),
    "Expand": (1,),
    "Pad": (1, 2, 3),
    "Range": (0, 1, 2),
    "ReduceMean": (1,),
    "ReduceSum": (1,),
    "Reshape": (1,),
    "Resize": (1, 2, 3),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Unsqueeze": (1,),
    "Upsample": (1,),
}

RTOL = 1e-3
ATOL = 1e-5


@dataclass
class Case:
    """One node test: its model with constants in place, inputs, outputs."""

    name: str
    model: onnx.ModelProto
    inputs: dict[str, np.ndarray] = field(default_factory=dict)
    outputs: list[np.ndarray] = field(default_factory=list)
    reason: str | None = None


def node_test_root() -> Path:
    """The folder of the node tests in the installed onnx package."""
    return Path(onnx.__file__).parent / "backend/test/data/node"


def all_ops(graph: onnx.GraphProto) -> set[str]:
    """Operators of a graph and of the graphs in its attributes."""
    ops = set()
    for node in graph.node:
        ops.add(node.op_type)
        for attribute in node.attribute:
            graphs = [attribute.g] if attribute.HasField("g") else []
            for inner in graphs + list(attribute.graphs):
                ops |= all_ops(inner)
    return ops


def type_names(model: onnx.ModelProto) -> set[str]:
    """Element types of the inputs and outputs; "" for what is no tensor."""
    names = set()
    for value in [*model.graph.input, *model.graph.output]:
        if value.type.HasField("tensor_type"):
            kind = value.type.tensor_type.elem_type
            names.add(onnx.TensorProto.DataType.Name(kind))
        else:
            names.add("")
    return names


def frozen_inputs(graph: onnx.GraphProto) -> set[str]:
    """Graph inputs that decide constant operands, also through other nodes."""
    producers = {out: node for node in graph.node for out in node.output}
    pending = [
        node.input[i]
        for node in graph.node
        for i in CONSTANT_OPERANDS.get(node.op_type, ())
        if i < len(node.input)
    ]
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        if not name or name in seen:
            continue
        seen.add(name)
        producer = producers.get(name)
        if producer and producer.op_type != "Shape":
            pending.extend(producer.input)
    return seen & {value.name for value in graph.input}


def data_dependent_ops(graph: onnx.GraphProto, frozen: set[str]) -> set[str]:
    """Operators that compute on what is only known when the model runs."""
    data = {value.name for value in graph.input} - frozen
    ops = set()
    for node in graph.node:
        if data & set(node.input):
            ops.add(node.op_type)
            if node.op_type not in ("Shape", "Size"):
                data |= set(node.output)
    return ops


def other_ops(model: onnx.ModelProto) -> set[str]:
    """Operators of a model that we do not support."""
    known = unsupported.SUPPORTED_OPS | unsupported.CONSTANT_OPS
    return all_ops(model.graph) - known


def reason_for(name: str, model: onnx.ModelProto) -> str | None:
    """The written reason why a case cannot run, or None."""
    if name in unsupported.UNSUPPORTED_CASES:
        return unsupported.UNSUPPORTED_CASES[name]
    names = type_names(model)
    if "" in names:
        return unsupported.NON_TENSOR
    for kind in sorted(names):
        if kind in unsupported.UNSUPPORTED_TYPES:
            return unsupported.UNSUPPORTED_TYPES[kind]
    for op in sorted(other_ops(model)):
        return f"op {op} is not in the supported list"
    frozen = frozen_inputs(model.graph)
    dependent = data_dependent_ops(model.graph, frozen)
    for op in sorted(dependent & unsupported.CONSTANT_OPS):
        return f"op {op} is supported on constants only"
    return None


def read_tensor(path: Path) -> np.ndarray:
    """The array of a TensorProto file."""
    tensor = onnx.TensorProto()
    tensor.ParseFromString(path.read_bytes())
    return numpy_helper.to_array(tensor)


def as_imported(array: np.ndarray) -> np.ndarray:
    """The array as the importer's types have it: every float is float32."""
    is_float = array.dtype.kind == "f" or array.dtype.name == "bfloat16"
    return array.astype(np.float32) if is_float else array


def load_case(folder: Path) -> Case:
    """Reads one case; those that have a reason have no arrays."""
    name = folder.name.removeprefix("test_")
    model = onnx.load(folder / "model.onnx")
    case = Case(name, model, reason=reason_for(name, model))
    names = type_names(model)
    if "" in names or names & set(unsupported.UNSUPPORTED_TYPES):
        return case
    data = folder / "test_data_set_0"
    frozen = frozen_inputs(model.graph)
    values = list(model.graph.input)
    del model.graph.input[:]
    for i, value in enumerate(values):
        array = read_tensor(data / f"input_{i}.pb")
        if value.name in frozen:
            model.graph.initializer.append(
                numpy_helper.from_array(array, value.name)
            )
        else:
            model.graph.input.append(value)
            case.inputs[value.name] = as_imported(array)
    for i in range(len(model.graph.output)):
        case.outputs.append(as_imported(read_tensor(data / f"output_{i}.pb")))
    return case


def difference(actual: np.ndarray, expected: np.ndarray) -> str | None:
    """What is wrong with one output, or None."""
    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        return (
            f"expected {expected.dtype}{list(expected.shape)}, "
            f"got {actual.dtype}{list(actual.shape)}"
        )
    if expected.dtype.kind != "f":
        wrong = int(np.sum(actual != expected))
        return f"{wrong} integers differ" if wrong else None
    if np.allclose(actual, expected, RTOL, ATOL, equal_nan=True):
        return None
    with np.errstate(invalid="ignore"):
        gap = np.nan_to_num(np.abs(actual - expected), nan=np.inf)
    return f"values differ by up to {gap.max():g}"
