# SPDX-License-Identifier: Apache-2.0
"""Networks on batches of 2 and 3 images give the interpreter's bits."""
import ctypes
import subprocess

import numpy as np

import cuda_text

# Of a batch of N: byte and 16-bit convolutions, depthwise and strided ones,
# what is between them, float layers.
NETWORK = """
  %x{n} = shift.quantize %image{n} : (tensor<{n}x3x9x11xf32>) -> tensor<{n}x3x9x11x!a>
  %c{n} = shift.conv2d %x{n}, %stem {{clamp_min = 0.0 : f32, dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}}
    : (tensor<{n}x3x9x11x!a>, tensor<32x3x3x3x!w>) -> tensor<{n}x32x9x11x!b>
  %d{n} = shift.conv2d %c{n}, %wide {{dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}}
    : (tensor<{n}x32x9x11x!b>, tensor<32x32x3x3x!w>) -> tensor<{n}x32x5x6x!a>
  %e{n} = shift.conv2d %d{n}, %depthwise {{dilations = array<i64: 1, 1>, group = 32 : i64,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}}
    : (tensor<{n}x32x5x6x!a>, tensor<32x1x3x3x!w>) -> tensor<{n}x32x5x6x!a>
  %f{n} = shift.add %d{n}, %e{n} {{clamp_min = 0.0 : f32}}
    : (tensor<{n}x32x5x6x!a>, tensor<{n}x32x5x6x!a>) -> tensor<{n}x32x5x6x!a>
  %g{n} = shift.group_norm %f{n}, %scale, %bias {{num_groups = 4 : i64}}
    : (tensor<{n}x32x5x6x!a>, tensor<32xf32>, tensor<32xf32>) -> tensor<{n}x32x5x6x!a>
  %h{n} = shift.max_pool %g{n} {{dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}}
    : (tensor<{n}x32x5x6x!a>) -> tensor<{n}x32x3x3x!a>
  %i{n} = shift.resize_nearest %h{n} {{rows = array<i64: 0, 0, 1, 1, 2>, columns = array<i64: 0, 0, 1, 1, 2, 2>}}
    : (tensor<{n}x32x3x3x!a>) -> tensor<{n}x32x5x6x!a>
  %j{n} = shift.concat %i{n}, %g{n} {{axis = 1 : i64}}
    : (tensor<{n}x32x5x6x!a>, tensor<{n}x32x5x6x!a>) -> tensor<{n}x64x5x6x!a>
  %y{n} = shift.dequantize %j{n} : (tensor<{n}x64x5x6x!a>) -> tensor<{n}x64x5x6xf32>
  %m{n} = onnx.GlobalAveragePool %y{n} : (tensor<{n}x64x5x6xf32>) -> tensor<{n}x64x1x1xf32>
  %t{n} = onnx.Softmax %y{n} {{axis = 1 : i64}} : (tensor<{n}x64x5x6xf32>) -> tensor<{n}x64x5x6xf32>
"""
BATCHES = (2, 3)


def weight(name, shape, seed):
    """A shift.weight of 1 bit codes: -2 and 8."""
    count = int(np.prod(shape))
    codes = np.random.default_rng(seed).integers(0, 256, (count + 7) // 8)
    if count % 8:
        codes[-1] &= (1 << count % 8) - 1
    data = codes.astype(np.uint8).tobytes().hex().upper()
    dims = "x".join(map(str, shape))
    return (f"  %{name} = shift.weight {{bits = 1 : i64, codes = "
            f'dense<"0x{data}"> : tensor<{len(codes)}xi8>, exponents = '
            f'array<i8: 1, 3>, name = "{name}", signs = array<i8: -1, 1>}}'
            f" : tensor<{dims}x!w>\n")


def module():
    arguments = ", ".join(
        f'%image{n}: tensor<{n}x3x9x11xf32> {{onnx.name = "image{n}"}}'
        for n in BATCHES)
    kinds = [(f"{kind}{n}", f"tensor<{n}x64x{size}xf32>") for n in BATCHES
             for kind, size in (("y", "5x6"), ("m", "1x1"), ("t", "5x6"))]
    results = ", ".join(f'{kind} {{onnx.name = "{name}"}}'
                        for name, kind in kinds)
    constants = weight("stem", (32, 3, 3, 3), 1)
    constants += weight("wide", (32, 32, 3, 3), 2)
    constants += weight("depthwise", (32, 1, 3, 3), 3)
    for name in ("scale", "bias"):
        constants += f"  %{name} = onnx.Constant dense<0.75> : tensor<32xf32>\n"
    return ("!a = !quant.uniform<i16:f32, 0.03125>\n"
            "!b = !quant.uniform<u8:f32, 0.25>\n"
            "!w = !shift.pow2<-10:5>\n"
            f"func.func @main({arguments}) -> ({results}) {{\n{constants}" +
            "".join(NETWORK.format(n=n) for n in BATCHES) + "  return " +
            ", ".join("%" + name for name, _ in kinds) + " : " +
            ", ".join(kind for _, kind in kinds) + "\n}\n")


def test_equals_the_interpreter(tmp_path):
    (tmp_path / "m.mlir").write_text(module())
    random = np.random.default_rng(0)
    images = {n: random.normal(size=(n, 3, 9, 11)).astype(np.float32)
              for n in BATCHES}
    flags = []
    for n, image in images.items():
        np.save(tmp_path / f"image{n}.npy", image)
        flags += ["--input", f"image{n}={tmp_path}/image{n}.npy"]
    subprocess.run([str(cuda_text.BUILD / "bin/shift-run"),
                    str(tmp_path / "m.mlir"), "--engine=reference", *flags,
                    f"--output-dir={tmp_path}/expected"], check=True)
    cuda_text.translate(tmp_path, tmp_path / "m.mlir")
    library = cuda_text.load(tmp_path)
    model = cuda_text.create(library, tmp_path / "m.weights.bin")
    expected = {f"{kind}{n}": np.load(tmp_path / f"expected/{kind}{n}.npy")
                for n in BATCHES for kind in "ymt"}
    outputs = {name: np.zeros_like(array) for name, array in expected.items()}

    def views(arrays):
        return [(ctypes.c_char * a.nbytes).from_buffer(a) for a in arrays]
    cuda_text.run_host(library, model, views(images.values()),
                       views(outputs.values()))
    library.shift_cuda_destroy(model)
    for name, output in outputs.items():
        assert np.abs(expected[name]).max() > 0
        assert output.tobytes() == expected[name].tobytes(), name
