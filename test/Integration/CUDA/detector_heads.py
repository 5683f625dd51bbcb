# SPDX-License-Identifier: Apache-2.0
"""Modules of shift.decode whose heads are the inputs, and values for them."""
import json

import numpy as np

RESULTS = ("boxes", "scores", "labels", "count")


class Decode:
    """One shift.decode: a description, its heads by name, the input's size, the
    least value of boxes."""

    def __init__(self, detector, heads, size, images=1, least=0):
        self.detector = {"max_detections": 20, **detector}
        self.heads = {name: (images, *shape) for name, shape in heads.items()}
        self.size = size
        self.images = images
        self.least = least

    def result_types(self):
        n, most = self.images, self.detector["max_detections"]
        return (f"tensor<{n}x{most}x4xf32>", f"tensor<{n}x{most}xf32>",
                f"tensor<{n}x{most}xi32>", f"tensor<{n}xi32>")


def type_of(shape):
    return "tensor<" + "x".join(map(str, shape)) + "xf32>"


def module_of(decodes):
    """@main with the heads CASE_HEAD and the outputs CASE_boxes and so on."""
    arguments, results, returned, types, lines = [], [], [], [], []
    for case, decode in decodes.items():
        values, heads = [], []
        for name, shape in decode.heads.items():
            port = f"{case}_{name}"
            values.append(f"%{port}")
            heads.append(type_of(shape))
            arguments.append(
                f'%{port}: {heads[-1]} {{onnx.name = "{port}"}}')
        names = [f"%{case}_{result}" for result in RESULTS]
        returned += names
        types += decode.result_types()
        results += [f'{kind} {{onnx.name = "{name[1:]}"}}'
                    for name, kind in zip(names, decode.result_types())]
        text = json.dumps(decode.detector).replace('"', '\\"')
        lines.append(
            f"{', '.join(names)} = shift.decode {', '.join(values)} {{"
            f'detector = "{text}", '
            f"head_names = {json.dumps(list(decode.heads))}, "
            f"input_height = {decode.size[0]} : i64, "
            f"input_width = {decode.size[1]} : i64}}"
            f" : ({', '.join(heads)}) -> ({', '.join(decode.result_types())})")
    body = "\n  ".join(lines)
    return (f"func.func @main({', '.join(arguments)})\n"
            f"    -> ({', '.join(results)}) {{\n  {body}\n"
            f"  return {', '.join(returned)} : {', '.join(types)}\n}}\n")


def values_of(decodes, kind, seed):
    """Heads by their names in the module; `kind` says what scores are like.
    Names of boxes begin with b."""
    random = np.random.default_rng(seed)
    values = {}
    for case, decode in decodes.items():
        for name, shape in decode.heads.items():
            x = random.normal(size=shape) * 2
            if name.startswith("b"):
                x = np.abs(x) * 8 + decode.least
            elif kind == "ties":
                x = np.round(x)
            elif kind == "all":
                x[:] = 4
            elif kind == "none":
                x[:] = -100
            if kind == "special":
                hit = random.integers(0, 12, size=shape)
                for i, bad in enumerate(
                        (np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-42)):
                    x[hit == i] = bad
            values[f"{case}_{name}"] = x.astype(np.float32)
    return values
