# SPDX-License-Identifier: Apache-2.0
"""Random kernels of integer arithmetic, loops and ifs: the CUDA text, run by
the host shim, against arith's meaning in Python integers."""
import ctypes
import random

import pytest

import cuda_text

LANES = 32
KERNELS = 40
WIDTHS = [8, 16, 32, 64]


def signed(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def unsigned(value, bits):
    return value & ((1 << bits) - 1)


def quotient(a, b):
    """Towards zero."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


BINARY = {
    "addi": lambda a, b, n: a + b,
    "subi": lambda a, b, n: a - b,
    "muli": lambda a, b, n: a * b,
    "andi": lambda a, b, n: a & b,
    "ori": lambda a, b, n: a | b,
    "xori": lambda a, b, n: a ^ b,
    "minsi": lambda a, b, n: min(a, b),
    "maxsi": lambda a, b, n: max(a, b),
    "minui": lambda a, b, n: min(unsigned(a, n), unsigned(b, n)),
    "maxui": lambda a, b, n: max(unsigned(a, n), unsigned(b, n)),
}
# The second operand is a constant, an amount or a positive divisor.
CONSTANT = {
    "shli": lambda a, b, n: a << b,
    "shrsi": lambda a, b, n: a >> b,
    "shrui": lambda a, b, n: unsigned(a, n) >> b,
    "divsi": lambda a, b, n: quotient(a, b),
    "remsi": lambda a, b, n: a - b * quotient(a, b),
    "divui": lambda a, b, n: unsigned(a, n) // b,
    "remui": lambda a, b, n: unsigned(a, n) % b,
    "floordivsi": lambda a, b, n: a // b,
}
COMPARE = {
    "eq": lambda a, b, n: a == b,
    "slt": lambda a, b, n: a < b,
    "sge": lambda a, b, n: a >= b,
    "ult": lambda a, b, n: unsigned(a, n) < unsigned(b, n),
    "uge": lambda a, b, n: unsigned(a, n) >= unsigned(b, n),
}


class Kernel:
    """MLIR text and, beside each value's name, a function of the lane's
    environment."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0

    def fresh(self):
        self.count += 1
        return f"%v{self.count}"

    def pick(self, scope, bits=None):
        known = [v for v in scope if bits is None or v[1] == bits]
        return self.random.choice(known) if known else None

    def constant(self, lines, bits, value):
        name = self.fresh()
        lines.append(f"{name} = arith.constant {value} : i{bits}")
        return name, bits, lambda env: value

    def operation(self, scope, lines):
        """Adds one op to `lines` and its result to `scope`."""
        a = self.pick(scope)
        name, bits = self.fresh(), a[1]
        kind = self.random.choice(
            ["binary"] * 4 + ["constant"] * 2 +
            ["divide", "select", "convert", "clz"])
        if kind == "binary":
            b = self.pick(scope, bits)
            op = self.random.choice(list(BINARY))
            lines.append(f"{name} = arith.{op} {a[0]}, {b[0]} : i{bits}")
            result = bits, lambda env: signed(
                BINARY[op](env[a[0]], env[b[0]], bits), bits)
        elif kind == "constant":
            op = self.random.choice(list(CONSTANT))
            most = bits - 1 if op.startswith("sh") else 100
            value = self.random.randint(op.startswith("sh") ^ 1, most)
            b = self.constant(lines, bits, value)
            lines.append(f"{name} = arith.{op} {a[0]}, {b[0]} : i{bits}")
            result = bits, lambda env: signed(
                CONSTANT[op](env[a[0]], value, bits), bits)
        elif kind == "divide":
            # By -30, -26, ... -2, 2, ... 30: none overflows.
            b = self.pick(scope, bits)
            mask = self.constant(lines, bits, 60)[0]
            offset = self.constant(lines, bits, 30)[0]
            lines.append(f"{name}m = arith.andi {b[0]}, {mask} : i{bits}")
            lines.append(f"{name}d = arith.subi {name}m, {offset} : i{bits}")
            lines.append(f"{name} = arith.floordivsi {a[0]}, {name}d : "
                         f"i{bits}")
            result = bits, lambda env: env[a[0]] // ((env[b[0]] & 60) - 30)
        elif kind == "select":
            b, c = self.pick(scope, bits), self.pick(scope, bits)
            predicate = self.random.choice(list(COMPARE))
            lines.append(f"{name}c = arith.cmpi {predicate}, {a[0]}, {b[0]} : "
                         f"i{bits}")
            lines.append(f"{name} = arith.select {name}c, {b[0]}, {c[0]} : "
                         f"i{bits}")
            result = bits, lambda env: (
                env[b[0]] if COMPARE[predicate](env[a[0]], env[b[0]], bits)
                else env[c[0]])
        elif kind == "convert":
            to = self.random.choice([n for n in WIDTHS if n != bits])
            op = "trunci" if to < bits else self.random.choice(
                ["extsi", "extui"])
            lines.append(f"{name} = arith.{op} {a[0]} : i{bits} to i{to}")
            result = to, lambda env: signed(
                unsigned(env[a[0]], bits) if op == "extui" else env[a[0]], to)
        else:
            lines.append(f"{name} = math.ctlz {a[0]} : i{bits}")
            result = bits, lambda env: bits - unsigned(
                env[a[0]], bits).bit_length()
        scope.append((name, result[0]))
        return lambda env: env.__setitem__(name, result[1](env))

    def block(self, scope, lines, size, depth):
        """Adds `size` ops; returns what runs them."""
        steps = []
        for _ in range(size):
            kind = self.random.random()
            if depth < 2 and kind < 0.08:
                steps.append(self.loop(scope, lines, depth))
            elif depth < 2 and kind < 0.18:
                steps.append(self.branch(scope, lines, depth))
            else:
                steps.append(self.operation(scope, lines))
        return lambda env: [step(env) for step in steps]

    def loop(self, scope, lines, depth):
        count = self.random.randint(1, 3)
        inits = [self.pick(scope) for _ in range(count)]
        trips = self.random.randint(1, 4)
        name = self.fresh()
        args = [f"{name}a{i}" for i in range(count)]
        types = ", ".join(f"i{v[1]}" for v in inits)
        carried = ", ".join(f"{a} = {v[0]}" for a, v in zip(args, inits))
        lines.append(f"{name}:{count} = scf.for {name}i = %c0 to %c{trips} step "
                     f"%c1 iter_args({carried}) -> ({types}) {{")
        inner = scope + [(a, v[1]) for a, v in zip(args, inits)]
        body = self.block(inner, lines, self.random.randint(1, 6), depth + 1)
        nexts = [self.pick(inner, v[1]) for v in inits]
        lines.append(f"scf.yield {', '.join(v[0] for v in nexts)} : {types}")
        lines.append("}")
        results = [f"{name}#{i}" for i in range(count)]
        scope += [(r, v[1]) for r, v in zip(results, inits)]

        def run(env):
            values = [env[v[0]] for v in inits]
            for _ in range(trips):
                env.update(zip(args, values))
                body(env)
                values = [env[v[0]] for v in nexts]
            env.update(zip(results, values))
        return run

    def branch(self, scope, lines, depth):
        a = self.pick(scope)
        b = self.pick(scope, a[1])
        count = self.random.randint(1, 2)
        kinds = [self.pick(scope)[1] for _ in range(count)]
        types = ", ".join(f"i{bits}" for bits in kinds)
        name = self.fresh()
        predicate = self.random.choice(list(COMPARE))
        lines.append(f"{name}c = arith.cmpi {predicate}, {a[0]}, {b[0]} : "
                     f"i{a[1]}")
        lines.append(f"{name}:{count} = scf.if {name}c -> ({types}) {{")
        sides = []
        for side in range(2):
            inner = list(scope)
            body = self.block(inner, lines, self.random.randint(0, 4),
                              depth + 1)
            yields = [self.pick(inner, bits) for bits in kinds]
            lines.append(f"scf.yield {', '.join(v[0] for v in yields)} : "
                         f"{types}")
            lines.append("}" if side else "} else {")
            sides.append((body, yields))
        results = [f"{name}#{i}" for i in range(count)]
        scope += list(zip(results, kinds))

        def run(env):
            body, yields = sides[not COMPARE[predicate](
                env[a[0]], env[b[0]], a[1])]
            body(env)
            env.update([(r, env[v[0]]) for r, v in zip(results, yields)])
        return run

    def build(self, number):
        """The text of kernel `number` and its meaning for a lane."""
        lines, scope = [], [(f"%x{bits}", bits) for bits in WIDTHS]
        run = self.block(scope, lines, 25, 0)
        # All that nothing uses yet goes to the result.
        total = "%x64"
        parts = []
        for name, bits in scope[len(WIDTHS):]:
            wide = name
            if bits < 64:
                wide = self.fresh()
                lines.append(f"{wide} = arith.extsi {name} : i{bits} to i64")
            rotated, one = self.fresh(), self.fresh()
            lines.append(f"{rotated} = arith.muli {total}, %k31 : i64")
            lines.append(f"{one} = arith.addi {rotated}, {wide} : i64")
            total = one
            parts.append(name)

        def meaning(inputs):
            env = {f"%x{bits}": value for bits, value in zip(WIDTHS, inputs)}
            run(env)
            value = inputs[3]
            for name in parts:
                value = value * 31 + env[name]
            return signed(value, 64)
        text = f"""
    gpu.func @k{number}(%b8: memref<{LANES}xi8>, %b16: memref<{LANES}xi16>,
        %b32: memref<{LANES}xi32>, %b64: memref<{LANES}xi64>,
        %y: memref<{LANES * KERNELS}xi64>) kernel
        attributes {{known_block_size = array<i32: {LANES}, 1, 1>}} {{
      %tx = gpu.thread_id x
      %k31 = arith.constant 31 : i64
""" + "".join(f"      %c{i} = arith.constant {i} : index\n" for i in range(5)) \
            + "".join(f"      %x{n} = memref.load %b{n}[%tx] : "
                      f"memref<{LANES}xi{n}>\n" for n in WIDTHS) \
            + "".join(f"      {line}\n" for line in lines) + f"""
      %at0 = arith.constant {number * LANES} : index
      %at = arith.addi %at0, %tx : index
      memref.store {total}, %y[%at] : memref<{LANES * KERNELS}xi64>
      gpu.return
    }}
"""
        return text, meaning


def module(kernels):
    names = [f"%b{n}" for n in WIDTHS] + ["%y"]
    types = [f"memref<{LANES}xi{n}>" for n in WIDTHS] \
        + [f"memref<{LANES * KERNELS}xi64>"]
    arguments = ", ".join(f"{n} : {t}" for n, t in zip(names, types))
    interface = ", ".join(
        f'{n}: {t} {{shift.name = "{n[1:]}", shift.role = "'
        f'{"output" if n == "%y" else "input"}", shift.type = '
        f'{t.replace("memref", "tensor")}}}' for n, t in zip(names, types))
    launches = "".join(
        f"    gpu.launch_func @m::@k{i} blocks in (%c1, %c1, %c1) threads in "
        f"(%n, %c1, %c1) args({arguments})\n" for i in range(KERNELS))
    return f"""module attributes {{gpu.container_module}} {{
  gpu.module @m {{{"".join(kernels)}  }}
  func.func @main({interface}) {{
    %c1 = arith.constant 1 : index
    %n = arith.constant {LANES} : index
{launches}    return
  }}
}}
"""


def run_text(folder, inputs):
    """The integers that m.cu gives; signed overflow ends the process."""
    library = cuda_text.load(folder, "-Wno-tautological-compare",
                             "-fsanitize=signed-integer-overflow",
                             "-fsanitize-trap=signed-integer-overflow")
    model = cuda_text.create(library, folder / "m.weights.bin")
    assert not isinstance(model, str), model
    kinds = [ctypes.c_int8, ctypes.c_int16, ctypes.c_int32, ctypes.c_int64]
    arrays = [(kind * LANES)(*values) for kind, values in zip(kinds, inputs)]
    output = (ctypes.c_int64 * (LANES * KERNELS))()
    cuda_text.run_host(library, model, arrays, [output])
    library.shift_cuda_destroy(model)
    return list(output)


@pytest.mark.parametrize("seed", range(3))
def test_text_computes_what_arith_says(tmp_path, seed):
    generator = random.Random(1000 + seed)
    inputs = [[generator.choice(
        [0, 1, -1, (1 << (n - 1)) - 1, -(1 << (n - 1)),
         signed(generator.getrandbits(n), n)]) for _ in range(LANES)]
        for n in WIDTHS]
    built = [Kernel(seed * KERNELS + i).build(i) for i in range(KERNELS)]
    (tmp_path / "m.mlir").write_text(module([text for text, _ in built]))
    cuda_text.translate(tmp_path, tmp_path / "m.mlir")
    got = run_text(tmp_path, inputs)
    for i, (_, meaning) in enumerate(built):
        for lane in range(LANES):
            expected = meaning([values[lane] for values in inputs])
            assert got[i * LANES + lane] == expected, \
                f"kernel k{i} of {tmp_path / 'm.cu'}, lane {lane}"
