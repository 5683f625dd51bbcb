# SPDX-License-Identifier: Apache-2.0
"""Gradients of differentiated modules against PyTorch autograd.

Weights are rounded to powers of two; in PyTorch the rounded values take the
gradient, which is what straight-through means.
"""
from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from training_module import functions, tool  # noqa: E402

TOLERANCE = 1e-5
# GroupNorm arrives as several nodes, whose constants lose their names.
NORM = {"/norm/InstanceNormalization/1": "norm.weight",
        "/norm/InstanceNormalization/2": "norm.bias"}


class Convolutions(nn.Module):
    """Strides, dilation, groups, pads, a fused clamp, shared weights."""

    shape = (2, 4, 11, 13)

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2)
        self.b = nn.Conv2d(6, 6, (1, 3), padding=(0, 2), dilation=(1, 2))
        self.c = nn.Conv2d(6, 6, 3, padding=1, groups=6, bias=False)

    def forward(self, x):
        x = F.relu(self.a(x))
        x = torch.clamp(self.b(x), -0.5, 0.75)
        return self.c(self.c(x)) + x


class Detector(nn.Module):
    """GroupNorm, an FPN level, a head on two levels, exp of a scaled output."""

    shape = (1, 3, 16, 24)

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.GroupNorm(4, 8)
        self.down = nn.Conv2d(8, 8, 3, stride=2, padding=1)
        self.head = nn.Conv2d(8, 5, 3, padding=1)
        self.scale = nn.Parameter(torch.tensor(0.3))
        nn.init.normal_(self.norm.weight)
        nn.init.normal_(self.norm.bias)

    def forward(self, x):
        fine = F.relu(self.norm(self.stem(x)))
        coarse = self.down(fine)
        fine = fine + F.interpolate(coarse, scale_factor=2, mode="nearest")
        boxes = [torch.exp(self.scale * self.head(level))
                 for level in (fine, coarse)]
        return boxes[0], torch.sigmoid(boxes[1])


class Classifier(nn.Module):
    """LeNet's parts: pools, a concatenation, linear layers."""

    shape = (3, 1, 12, 12)

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 4, 3)
        self.b = nn.Conv2d(1, 4, 3)
        self.first = nn.Linear(8 * 2 * 2, 10)
        self.last = nn.Linear(10, 3)

    def forward(self, x):
        x = torch.cat([self.a(x), torch.tanh(self.b(x))], 1)
        x = F.avg_pool2d(F.max_pool2d(x, 3, stride=2, padding=1), 2)
        return self.last(F.relu(self.first(x.flatten(1))))


def pairs(values: np.ndarray) -> np.ndarray:
    """Powers of two and zeros as (sign, exponent) in two dimensions more."""
    mantissa, exponent = np.frexp(values)
    signs = np.sign(values).astype(np.int8)
    assert np.all(np.abs(mantissa)[signs != 0] == 0.5)
    exponents = np.where(signs, exponent - 1, 0).astype(np.int8)
    return np.stack([signs, exponents], -1)[..., None, :]


def differentiate(model: nn.Module, folder: Path):
    """The training functions, and the parameters as numbers of the module."""
    model.eval()
    torch.onnx.export(model, torch.zeros(model.shape), folder / "m.onnx",
                      opset_version=13, do_constant_folding=False)
    tool("shift-compile", folder / "m.onnx", "--quantize-shift=-10:5",
         "--emit=mlir", "-o", folder / "q.mlir")
    tool("shift-translate", "--export-onnx", folder / "q.mlir",
         "-o", folder / "q.onnx")
    rounded = {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(folder / "q.onnx").graph.initializer
    }
    text = tool("shift-opt", folder / "q.mlir", "--extract-parameters",
                "--differentiate", "--canonicalize",
                "--mlir-elide-resource-strings-if-larger=1000000000")
    return functions(text, folder), rounded


def check(model: nn.Module, folder: Path, engine: str) -> None:
    parts, rounded = differentiate(model, folder)
    main, backward = parts["main"], parts["backward"]
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in rounded:
                parameter.copy_(torch.tensor(rounded[name]).reshape_as(parameter))
    state = dict(model.named_parameters())
    state.update({name: state[own] for name, own in NORM.items() if own in state})
    x = torch.tensor(np.random.default_rng(1).normal(size=model.shape),
                     dtype=torch.float32)
    arguments = [x.numpy()]
    for port in main.arguments[1:]:
        value = state[port.parameter].detach().numpy()
        arguments.append(pairs(value) if "pow2" in port.type else value)
    values = main.run(arguments, engine)
    outputs = model(x)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    for ours, theirs in zip(values, outputs):
        np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-4, atol=1e-5)

    grads = [torch.tensor(np.random.default_rng(2 + i).normal(size=y.shape),
                          dtype=torch.float32) for i, y in enumerate(outputs)]
    torch.autograd.backward(outputs, grads)
    residuals = {}
    for port, value in [*zip(main.arguments, arguments),
                        *zip(main.results, values)]:
        if port.residual is not None:
            residuals[port.residual] = value
    ours = backward.run(
        [*(grad.numpy() for grad in grads),
         *(residuals[i] for i in sorted(residuals))], engine)
    names = {NORM.get(port.parameter, port.parameter)
             for port in backward.results}
    assert names == {name for name, _ in model.named_parameters()}
    for port, grad in zip(backward.results, ours):
        wanted = state[port.parameter].grad.numpy()
        error = np.abs(grad.reshape(wanted.shape) - wanted).max()
        assert error <= TOLERANCE * np.abs(wanted).max(), port.parameter


@pytest.mark.parametrize("network", [Convolutions, Detector, Classifier])
def test_gradients_are_those_of_autograd(network, tmp_path):
    torch.manual_seed(0)
    check(network(), tmp_path, "reference")


FIXED = """
!a = !quant.uniform<i16:f32, 0.015625>
!b = !quant.uniform<i8<-64:63>:f32, 0.0625>
!c = !quant.uniform<u8:f32, 0.03125>
func.func @main(%x: tensor<2x4x9x11xf32>,
    %w: tensor<6x2x3x3x!shift.pow2<-6:1>> {shift.parameter = "w"},
    %b: tensor<6xf32> {shift.parameter = "b"},
    %v: tensor<6x6x1x1x!shift.pow2<-6:1>> {shift.parameter = "v"},
    %s: tensor<6xf32> {shift.parameter = "s"},
    %t: tensor<6xf32> {shift.parameter = "t"}) -> tensor<2x6x3x3xf32> {
  %q = shift.quantize %x : (tensor<2x4x9x11xf32>) -> tensor<2x4x9x11x!a>
  %0 = shift.conv2d %q, %w, %b {clamp_min = 0.0 : f32,
    dilations = array<i64: 1, 1>, group = 2 : i64,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}
    : (tensor<2x4x9x11x!a>, tensor<6x2x3x3x!shift.pow2<-6:1>>, tensor<6xf32>)
    -> tensor<2x6x5x6x!c>
  %1 = shift.conv2d %0, %v {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<2x6x5x6x!c>, tensor<6x6x1x1x!shift.pow2<-6:1>>)
    -> tensor<2x6x5x6x!b>
  %2 = shift.add %0, %1 {clamp_max = 2.5 : f32}
    : (tensor<2x6x5x6x!c>, tensor<2x6x5x6x!b>) -> tensor<2x6x5x6x!b>
  %3 = shift.group_norm %2, %s, %t {clamp_min = 0.0 : f32,
    epsilon = 1.0e-5 : f32, num_groups = 3 : i64}
    : (tensor<2x6x5x6x!b>, tensor<6xf32>, tensor<6xf32>)
    -> tensor<2x6x5x6x!c>
  %4 = shift.max_pool %3 {dilations = array<i64: 1, 1>,
    kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>,
    strides = array<i64: 2, 2>}
    : (tensor<2x6x5x6x!c>) -> tensor<2x6x3x3x!c>
  %5 = shift.requantize %4 {clamp_max = 1.75 : f32}
    : (tensor<2x6x3x3x!c>) -> tensor<2x6x3x3x!b>
  %y = shift.dequantize %5 : (tensor<2x6x3x3x!b>) -> tensor<2x6x3x3xf32>
  return %y : tensor<2x6x3x3xf32>
}
"""


def fixed(x, bits, low, high, clamp_min=-np.inf, clamp_max=np.inf, even=False):
    """Rounds, saturates and clamps; the gradient passes where design says."""
    scaled = x * 2.0 ** bits
    rounded = torch.round(scaled) if even else torch.floor(scaled + 0.5)
    value = rounded.clamp(low, high) / 2.0 ** bits
    value = value.clamp(clamp_min, clamp_max)
    inside = ((scaled >= low) & (scaled <= high)
              & (x > clamp_min) & (x < clamp_max))
    passed = torch.where(inside, x, x.detach())
    return passed + (value - passed).detach()


def fixed_model(x, w, b, v, s, t):
    """FIXED in float64, which holds all of its integers exactly."""
    q = fixed(x, 6, -32768, 32767, even=True)
    # The bias has the unit of the sum: of its channel's least exponent.
    least = torch.where(w != 0, w.abs(), torch.inf).amin((1, 2, 3)).detach()
    unit = least * 2.0 ** -6
    b = b + (torch.round(b / unit) * unit - b).detach()
    first = fixed(F.conv2d(q, w, b, stride=2, padding=1, groups=2),
                  5, 0, 255, clamp_min=0)
    second = fixed(F.conv2d(first, v), 4, -64, 63)
    total = fixed(first + second, 4, -64, 63, clamp_max=2.5)
    normal = fixed(F.group_norm(total, 3, s, t, 1e-5).float().double(),
                   5, 0, 255, clamp_min=0, even=True)
    pooled = F.max_pool2d(normal, 3, stride=2, padding=1)
    return fixed(pooled, 4, -64, 63, clamp_max=1.75)


def test_gradients_of_fixed_point_are_straight_through(tmp_path):
    random = np.random.default_rng(3)
    (tmp_path / "m.mlir").write_text(FIXED)
    parts = functions(tool("shift-opt", tmp_path / "m.mlir", "--differentiate"),
                      tmp_path)
    weights = [random.choice([-1, 0, 1], size=shape)
               * 2.0 ** random.integers(-6, 1, size=shape)
               for shape in [(6, 2, 3, 3), (6, 6, 1, 1)]]
    # Some inputs saturate.
    x = random.normal(scale=2, size=(2, 4, 9, 11)).astype(np.float32)
    vectors = [random.normal(size=6).astype(np.float32) for _ in range(3)]
    parameters = [weights[0], vectors[0], weights[1], vectors[1], vectors[2]]
    tensors = [torch.tensor(p, dtype=torch.float64, requires_grad=True)
               for p in parameters]
    y = fixed_model(torch.tensor(x).double(), *tensors)
    grad = random.normal(size=y.shape).astype(np.float32)
    y.backward(torch.tensor(grad).double())

    arguments = [x, *(pairs(p) if p.ndim == 4 else p for p in parameters)]
    values = parts["main"].run(arguments, "reference")
    np.testing.assert_array_equal(values[0], y.detach().numpy())
    residuals = {port.residual: value for port, value in
                 [*zip(parts["main"].arguments, arguments),
                  *zip(parts["main"].results, values)]
                 if port.residual is not None}
    ours = parts["backward"].run(
        [grad, *(residuals[i] for i in sorted(residuals))], "reference")
    for name, got, tensor in zip("wbvst", ours, tensors):
        wanted = tensor.grad.numpy()
        assert np.abs(wanted).max() > 0
        error = np.abs(got - wanted).max()
        assert error <= TOLERANCE * np.abs(wanted).max(), name
