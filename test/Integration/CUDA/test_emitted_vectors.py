# SPDX-License-Identifier: Apache-2.0
"""Elements of vectors that lie in words: what moves where, run by the host
shim."""
import ctypes
import random
import struct

import pytest

import cuda_text

# Of each case the ops on %v (16 bytes or 8 halves) that give %r, and the bytes
# or halves that %r has.
ORDER = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]
BYTES = {
    "shuffle": (
        f"%r = vector.shuffle %v, %v {ORDER} : vector<16xi8>, vector<16xi8>",
        lambda v: [v[i] for i in ORDER]),
    "reverse": (
        f"%r = vector.shuffle %v, %v {list(range(15, -1, -1))} : "
        "vector<16xi8>, vector<16xi8>", lambda v: v[::-1]),
    "insert": (
        "%e = vector.extract %v[15] : i8 from vector<16xi8>\n"
        "%r = vector.insert %e, %v[5] : i8 into vector<16xi8>",
        lambda v: v[:5] + [v[15]] + v[6:]),
    "flip": (
        "%c = arith.constant dense<-128> : vector<16xi8>\n"
        "%r = arith.xori %v, %c : vector<16xi8>",
        lambda v: [b ^ -128 for b in v]),
    "add": (
        "%r = arith.addi %v, %v : vector<16xi8>",
        lambda v: [(2 * b + 128) % 256 - 128 for b in v]),
    "limit": (
        "%c = arith.constant dense<[0, 1, 2, 3, -4, 5, 6, 7, 8, 9, 10, 11, "
        "-100, 13, 14, 15]> : vector<16xi8>\n"
        "%r = arith.maxsi %v, %c : vector<16xi8>",
        lambda v: [max(a, b) for a, b in zip(
            v, [0, 1, 2, 3, -4, 5, 6, 7, 8, 9, 10, 11, -100, 13, 14, 15])]),
    "slices": (
        "%a = vector.extract_strided_slice %v {offsets = [3], sizes = [8], "
        "strides = [1]} : vector<16xi8> to vector<8xi8>\n"
        "%b, %c = vector.deinterleave %v : vector<16xi8> -> vector<8xi8>\n"
        "%r = vector.interleave %a, %c : vector<8xi8> -> vector<16xi8>",
        lambda v: [x for pair in zip(v[3:11], v[1::2]) for x in pair]),
    "pairs": (
        "%a = vector.extract_strided_slice %v {offsets = [6], sizes = [2], "
        "strides = [1]} : vector<16xi8> to vector<2xi8>\n"
        "%b = arith.addi %a, %a : vector<2xi8>\n"
        "%w = vector.bitcast %b : vector<2xi8> to vector<1xi16>\n"
        "%h = vector.extract %w[0] : i16 from vector<1xi16>\n"
        "%all = vector.broadcast %h : i16 to vector<8xi16>\n"
        "%r = vector.bitcast %all : vector<8xi16> to vector<16xi8>",
        lambda v: [(2 * b + 128) % 256 - 128 for b in v[6:8]] * 8),
    "elements": (
        "\n".join(f"%e{i} = vector.extract %v[{i}] : i8 from vector<16xi8>"
                  for i in range(16)) +
        "\n%r = vector.from_elements " +
        ", ".join(f"%e{i * 7 % 16}" for i in range(16)) + " : vector<16xi8>",
        lambda v: [v[i * 7 % 16] for i in range(16)]),
    "floats": (
        "%w = vector.bitcast %v : vector<16xi8> to vector<4xf32>\n"
        "%n = arith.negf %w : vector<4xf32>\n"
        "%r = vector.bitcast %n : vector<4xf32> to vector<16xi8>",
        lambda v: [b ^ -128 if i % 4 == 3 else b for i, b in enumerate(v)]),
    "halves": (
        "%w = vector.bitcast %v : vector<16xi8> to vector<8xi16>\n"
        "%e = vector.extract %w[6] : i16 from vector<8xi16>\n"
        "%i = vector.insert %e, %w[1] : i16 into vector<8xi16>\n"
        "%s = vector.shuffle %i, %i [7, 6, 5, 4, 3, 2, 1, 0] : vector<8xi16>, "
        "vector<8xi16>\n"
        "%r = vector.bitcast %s : vector<8xi16> to vector<16xi8>",
        lambda v: struct.unpack("16b", struct.pack("8h", *reversed(
            [h if i != 1 else struct.unpack("8h", struct.pack("16b", *v))[6]
             for i, h in enumerate(struct.unpack(
                 "8h", struct.pack("16b", *v)))])))),
}


def module():
    kernels, launches = "", ""
    interface = ", ".join(
        f'%{n}: memref<{size}xi8> {{shift.name = "{n}", shift.role = "{role}", '
        f"shift.type = tensor<{size}xi8>}}" for n, size, role in [
            ("x", 512, "input"), ("y", 512 * len(BYTES), "output")])
    types = f"memref<512xi8>, %y : memref<{512 * len(BYTES)}xi8>"
    for i, (name, (text, _)) in enumerate(BYTES.items()):
        kernels += f"""
    gpu.func @{name}_case(%x: memref<512xi8>, %y: memref<{512 * len(BYTES)}xi8>)
        kernel attributes {{known_block_size = array<i32: 32, 1, 1>}} {{
      %tx = gpu.thread_id x
      %c16 = arith.constant 16 : index
      %start = arith.constant {512 * i} : index
      %at = arith.muli %tx, %c16 : index
      %to = arith.addi %at, %start : index
      %v = vector.load %x[%at] : memref<512xi8>, vector<16xi8>
      {text}
      vector.store %r, %y[%to] : memref<{512 * len(BYTES)}xi8>, vector<16xi8>
      gpu.return
    }}
"""
        launches += (f"    gpu.launch_func @m::@{name}_case blocks in (%c1, %c1, "
                     f"%c1) threads in (%n, %c1, %c1) args(%x : {types})\n")
    return f"""module attributes {{gpu.container_module}} {{
  gpu.module @m {{{kernels}  }}
  func.func @main({interface}) {{
    %c1 = arith.constant 1 : index
    %n = arith.constant 32 : index
{launches}    return
  }}
}}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """The 512 bytes of input, and each case's output."""
    folder = tmp_path_factory.mktemp("vectors")
    (folder / "m.mlir").write_text(module())
    cuda_text.translate(folder, folder / "m.mlir")
    library = cuda_text.load(folder)
    model = cuda_text.create(library, folder / "m.weights.bin")
    generator = random.Random(5)
    values = [generator.randrange(-128, 128) for _ in range(512)]
    x = (ctypes.c_int8 * 512)(*values)
    y = (ctypes.c_int8 * (512 * len(BYTES)))()
    cuda_text.run_host(library, model, [x], [y])
    library.shift_cuda_destroy(model)
    return values, list(y)


@pytest.mark.parametrize("name", BYTES)
def test_elements_move_where_they_should(result, name):
    values, output = result
    start = 512 * list(BYTES).index(name)
    for i in range(0, 512, 16):
        expected = BYTES[name][1](values[i:i + 16])
        assert output[start + i:start + i + 16] == list(expected)
