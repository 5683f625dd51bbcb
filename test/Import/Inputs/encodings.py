# SPDX-License-Identifier: Apache-2.0
"""Writes models whose initializers use each encoding of ONNX.

Each argument is NAME=FILE; the names are the functions below. Text tests call
it for what ONNX's text form cannot say.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

VALUES = [1.0, -2.5, 0.5]


def stored(dtype: str) -> bytes:
    """The values as NumPy stores this type."""
    return np.array(VALUES, dtype).tobytes()


def tensor(name: str, kind: int, **fields: object) -> TensorProto:
    """A tensor of three elements with these fields set."""
    made = TensorProto(name=name, data_type=kind, dims=[3])
    for field, value in fields.items():
        if field == "raw_data":
            made.raw_data = value
        else:
            getattr(made, field).extend(value)
    return made


def external(location: str, **extra: str) -> TensorProto:
    """A float tensor of three elements in another file."""
    made = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3])
    made.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **extra}.items():
        made.external_data.add(key=key, value=value)
    return made


def model(weights: list[TensorProto], repeat: bool = False) -> onnx.ModelProto:
    """Returns every initializer, and x + the first one."""
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])]
    for weight in weights:
        info = helper.make_tensor_value_info(weight.name, weight.data_type, [3])
        outputs.append(info)
        if repeat:
            inputs.append(info)
    node = helper.make_node("Add", ["x", weights[0].name], ["y"], name="n")
    graph = helper.make_graph([node], "g", inputs, outputs, weights)
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    )


def fields(_: Path) -> onnx.ModelProto:
    """Typed fields of every type."""
    half = np.array(VALUES, np.float16).view(np.uint16).tolist()
    brain = (np.array(VALUES, np.float32).view(np.uint32) >> 16).tolist()
    kind = TensorProto
    return model(
        [
            tensor("float", kind.FLOAT, float_data=VALUES),
            tensor("double", kind.DOUBLE, double_data=VALUES),
            tensor("half", kind.FLOAT16, int32_data=half),
            tensor("brain", kind.BFLOAT16, int32_data=brain),
            tensor("int8", kind.INT8, int32_data=[1, -2, 3]),
            tensor("uint8", kind.UINT8, int32_data=[1, 200, 3]),
            tensor("int16", kind.INT16, int32_data=[1, -2, 3]),
            tensor("uint16", kind.UINT16, int32_data=[1, 40000, 3]),
            tensor("int32", kind.INT32, int32_data=[1, -2, 3]),
            tensor("uint32", kind.UINT32, uint64_data=[1, 2**31, 3]),
            tensor("int64", kind.INT64, int64_data=[1, -2, 3]),
            tensor("uint64", kind.UINT64, uint64_data=[1, 2**63, 3]),
            tensor("bool", kind.BOOL, int32_data=[1, 0, 1]),
        ]
    )


def raw(_: Path) -> onnx.ModelProto:
    """raw_data of the types that are stored otherwise than they are used."""
    brain = (np.array(VALUES, np.float32).view(np.uint32) >> 16).astype("<u2")
    kind = TensorProto
    return model(
        [
            tensor("f", kind.FLOAT, raw_data=stored("<f4")),
            tensor("d", kind.DOUBLE, raw_data=stored("<f8")),
            tensor("h", kind.FLOAT16, raw_data=stored("<f2")),
            tensor("b", kind.BFLOAT16, raw_data=brain.tobytes()),
            tensor("t", kind.BOOL, raw_data=bytes([1, 0, 7])),
        ],
        repeat=True,
    )


def short(_: Path) -> onnx.ModelProto:
    """Too few bytes."""
    return model([tensor("w", TensorProto.FLOAT, raw_data=bytes(8))])


def few(_: Path) -> onnx.ModelProto:
    """Too few typed elements."""
    return model([tensor("w", TensorProto.FLOAT, float_data=[1.0])])


def negative(_: Path) -> onnx.ModelProto:
    """A negative dimension."""
    made = model([tensor("w", TensorProto.FLOAT, float_data=VALUES)])
    made.graph.initializer[0].dims[0] = -3
    return made


def huge(_: Path) -> onnx.ModelProto:
    """Dimensions whose product overflows."""
    made = model([tensor("w", TensorProto.FLOAT, float_data=VALUES)])
    made.graph.initializer[0].dims[:] = [2**31 - 1] * 3
    return made


def inside(folder: Path) -> onnx.ModelProto:
    """External data at an offset."""
    data = bytes(4) + np.array(VALUES, "<f4").tobytes()
    (folder / "weights.bin").write_bytes(data)
    return model([external("weights.bin", offset="4", length="12")])


def beyond(folder: Path) -> onnx.ModelProto:
    """External data past the end of its file."""
    (folder / "weights.bin").write_bytes(bytes(12))
    return model([external("weights.bin", offset="4")])


def parent(_: Path) -> onnx.ModelProto:
    """External data above the folder."""
    return model([external("sub/../../weights.bin")])


def absolute(_: Path) -> onnx.ModelProto:
    """External data by an absolute path."""
    return model([external("/etc/hostname")])


def link(folder: Path) -> onnx.ModelProto:
    """External data behind a link that leaves the folder."""
    path = folder / "link.bin"
    if not path.is_symlink():
        os.symlink("/etc/hostname", path)
    return model([external("link.bin")])


def main() -> None:
    for argument in sys.argv[1:]:
        name, path = argument.split("=", 1)
        made = globals()[name](Path(path).parent)
        Path(path).write_bytes(made.SerializeToString())


if __name__ == "__main__":
    main()
