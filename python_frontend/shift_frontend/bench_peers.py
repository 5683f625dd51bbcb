# SPDX-License-Identifier: Apache-2.0
"""Convolutions and models in other libraries, for shift-bench --compare.

    python -m shift_frontend.bench_peers --threads=2

Reads one JSON object a line from stdin and answers each with one on stdout:

* ``{"op": "check", "peer": P}``: whether the library is installed
* ``{"op": "load", "peer": P, "conv": {...}}`` or ``{..., "model": "m.onnx",
  "input_shapes": {...}, "cache": folder}``: ``{"id": N}``; models that are
  quantized are kept in the folder for the next time, unless it is empty
* ``{"op": "run", "id": N, "iterations": K}``: ``{"seconds": S}``, of K runs
* ``{"op": "free", "id": N}``

A failure answers ``{"error": text}``. Peers are onnxruntime and openvino in
float32; onnxruntime-int8 on the model with QuantizeLinear/DequantizeLinear
pairs, as onnxruntime.quantization writes them with a scale per channel; and
openvino-int8 on what NNCF makes of the model. A single convolution is the same
QuantizeLinear/DequantizeLinear model for both.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional

import numpy as np

Run = Callable[[], None]
LIBRARIES = ("onnxruntime", "openvino")


def conv_model(conv: Mapping[str, Any], is_int8: bool) -> Any:
    """An ONNX model of one convolution with random weights and a bias.

    With `is_int8` input and output are unsigned 8-bit integers, as they are
    inside a quantized network.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(1)
    fan_in = np.prod(conv["weights"][1:])
    weights = random.normal(0, (2 / fan_in) ** 0.5, conv["weights"])
    bias = random.normal(0, 0.1, conv["weights"][0])
    window = {key: conv[key] for key in ("strides", "dilations", "pads", "group")}
    element = TensorProto.UINT8 if is_int8 else TensorProto.FLOAT
    nodes: List[Any] = []
    constants: Dict[str, np.ndarray] = {}
    if is_int8:
        scale = np.abs(weights).max(axis=(1, 2, 3)) / 127
        codes = np.rint(weights / scale[:, None, None, None])
        constants = {
            "s": np.float32(1 / 32),
            "z": np.uint8(128),
            "ws": scale.astype(np.float32),
            "wz": np.zeros(len(scale), np.int8),
            "wq": codes.astype(np.int8),
            "bq": np.rint(bias / scale * 32).astype(np.int32),
            "bs": (scale / 32).astype(np.float32),
            "bz": np.zeros(len(scale), np.int32),
        }
        dequantize = "DequantizeLinear"
        nodes = [
            helper.make_node(dequantize, ["x", "s", "z"], ["xf"]),
            helper.make_node(dequantize, ["wq", "ws", "wz"], ["w"], axis=0),
            helper.make_node(dequantize, ["bq", "bs", "bz"], ["b"], axis=0),
            helper.make_node("Conv", ["xf", "w", "b"], ["yf"], **window),
            helper.make_node("QuantizeLinear", ["yf", "s", "z"], ["y"]),
        ]
    else:
        constants = {
            "w": weights.astype(np.float32),
            "b": bias.astype(np.float32),
        }
        nodes = [helper.make_node("Conv", ["x", "w", "b"], ["y"], **window)]
    graph = helper.make_graph(
        nodes,
        "conv",
        [helper.make_tensor_value_info("x", element, conv["input"])],
        [helper.make_tensor_value_info("y", element, conv["output"])],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    opset = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


def random_input(shape: List[int], element: str) -> np.ndarray:
    """Normal float32 values, or any 8-bit ones."""
    random = np.random.default_rng(1)
    if "uint8" in element:
        return random.integers(0, 256, shape, np.uint8)
    if "float" not in element and "f32" not in element:
        raise ValueError(f"expected float32 inputs, got {element}")
    return random.standard_normal(shape, np.float32)


def reshape_openvino(model: Any, shapes: Mapping[str, List[int]]) -> None:
    """Gives an OpenVINO model's inputs these shapes."""
    import openvino

    if shapes:
        model.reshape({k: openvino.PartialShape(v) for k, v in shapes.items()})


def model_hash(path: str) -> Any:
    """Of the model with the external data that it names, wherever that lies."""
    import onnx

    model = onnx.load(path)
    return hashlib.sha256(model.SerializeToString(deterministic=True))


class Server:
    """What is loaded, by id."""

    def __init__(self, threads: int, folder: Path) -> None:
        self.threads = threads
        self.folder = folder
        self.runs: Dict[int, Run] = {}
        self.next_id = 0

    def session(self, path: str) -> Any:
        """An ONNX Runtime session whose threads stop when a run ends."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.force_spinning_stop", "1")
        return onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )

    def onnxruntime(self, path: str, shapes: Mapping[str, List[int]]) -> Run:
        """A run of the model in ONNX Runtime on buffers that stay."""
        session = self.session(path)
        binding = session.io_binding()
        for value in session.get_inputs():
            shape = shapes.get(value.name, value.shape)
            binding.bind_cpu_input(value.name, random_input(shape, value.type))
        for value in session.get_outputs():
            binding.bind_output(value.name, "cpu")
        return lambda: session.run_with_iobinding(binding)

    def openvino(self, path: str, shapes: Mapping[str, List[int]]) -> Run:
        """A run of the model in OpenVINO, float32 where it is float."""
        import openvino

        core = openvino.Core()
        model = core.read_model(path)
        reshape_openvino(model, shapes)
        compiled = core.compile_model(
            model,
            "CPU",
            {
                "INFERENCE_NUM_THREADS": self.threads,
                "NUM_STREAMS": 1,
                "INFERENCE_PRECISION_HINT": "f32",
            },
        )
        request = compiled.create_infer_request()
        for i, value in enumerate(compiled.inputs):
            element = str(value.get_element_type())
            array = random_input(list(value.shape), element)
            request.set_input_tensor(i, openvino.Tensor(array))
        return request.infer

    def kept(
        self, request: Mapping[str, Any], ending: str, make: Callable[[Path], None]
    ) -> str:
        """A file made from the request's model; in its cache it stays."""
        key = model_hash(request["model"])
        key.update(json.dumps(request.get("input_shapes", {})).encode())
        key.update(__import__(request["peer"].partition("-")[0]).__version__.encode())
        folder = Path(request.get("cache") or self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{request['peer']}-{key.hexdigest()[:16]}{ending}"
        if not target.exists():
            # An .xml that is there is whole, and so is its .bin.
            part = target.with_name("part-" + target.name)
            make(part)
            for made in sorted(folder.glob(part.stem + ".*")):
                made.replace(target.with_suffix(made.suffix))
        return str(target)

    def quantize_onnxruntime(
        self, path: str, shapes: Mapping[str, List[int]], target: Path
    ) -> None:
        """The model with 8-bit weights and activations as QDQ pairs."""
        import onnx
        from onnx import version_converter
        from onnxruntime.quantization import (
            CalibrationDataReader,
            QuantFormat,
            QuantType,
            quantize_static,
        )

        feed: Optional[Dict[str, np.ndarray]] = {
            value.name: random_input(shapes.get(value.name, value.shape), value.type)
            for value in self.session(path).get_inputs()
        }

        class OneInput(CalibrationDataReader):
            def get_next(self) -> Optional[Dict[str, np.ndarray]]:
                nonlocal feed
                result, feed = feed, None
                return result

        model = onnx.load(path)
        opset = max(one.version for one in model.opset_import if not one.domain)
        # A scale per channel is an attribute of opset 13.
        if opset < 13:
            model = version_converter.convert_version(model, 13)
        quantize_static(
            model,
            str(target),
            OneInput(),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
        )

    def quantize_openvino(
        self, path: str, shapes: Mapping[str, List[int]], target: Path
    ) -> None:
        """The model with 8-bit weights and activations, by NNCF."""
        import nncf
        import openvino

        model = openvino.Core().read_model(path)
        reshape_openvino(model, shapes)
        feed = {
            value.get_any_name(): random_input(
                list(value.shape), str(value.get_element_type())
            )
            for value in model.inputs
        }
        openvino.save_model(
            nncf.quantize(model, nncf.Dataset([feed]), subset_size=1),
            str(target),
            compress_to_fp16=False,
        )

    def load(self, request: Mapping[str, Any]) -> Dict[str, Any]:
        library, _, suffix = request["peer"].partition("-")
        is_int8 = suffix == "int8"
        shapes = request.get("input_shapes", {})
        if "conv" in request:
            path = str(self.folder / "conv.onnx")
            model = conv_model(request["conv"], is_int8)
            Path(path).write_bytes(model.SerializeToString())
        else:
            path = request["model"]
            if is_int8:
                make = getattr(self, f"quantize_{library}")
                ending = ".onnx" if library == "onnxruntime" else ".xml"
                path = self.kept(request, ending, partial(make, path, shapes))
        self.next_id += 1
        self.runs[self.next_id] = getattr(self, library)(path, shapes)
        return {"id": self.next_id}

    def check(self, request: Mapping[str, Any]) -> Dict[str, Any]:
        """Fails as an import of what the peer needs does."""
        library = request["peer"].partition("-")[0]
        if library not in LIBRARIES:
            raise ValueError(f"expected {' or '.join(LIBRARIES)}, got {library}")
        if request["peer"] == "openvino-int8":
            __import__("nncf")
        return {"version": __import__(library).__version__}

    def run(self, request: Mapping[str, Any]) -> Dict[str, Any]:
        run = self.runs[request["id"]]
        start = time.perf_counter()
        for _ in range(request["iterations"]):
            run()
        return {"seconds": time.perf_counter() - start}

    def free(self, request: Mapping[str, Any]) -> Dict[str, Any]:
        self.runs.pop(request["id"], None)
        return {}

    def answer(self, line: str) -> Dict[str, Any]:
        """The answer to one request; a failure is an answer too."""
        try:
            request = json.loads(line)
            handlers = {
                "check": self.check,
                "load": self.load,
                "run": self.run,
                "free": self.free,
            }
            return handlers[request["op"]](request)
        except Exception as error:  # Whatever a library throws.
            text = " ".join(str(error).split()) or type(error).__name__
            return {"error": text}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    # What libraries print is no answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="shift-bench-") as folder:
        server = Server(arguments.threads, Path(folder))
        for line in sys.stdin:
            print(json.dumps(server.answer(line)), file=answers, flush=True)


if __name__ == "__main__":
    main()
