# SPDX-License-Identifier: Apache-2.0
"""Every exporter variant: valid ONNX, the promised ops, PyTorch's numbers."""

from collections import Counter
from pathlib import Path
from typing import Dict

import numpy as np
import onnx
import pytest
import torch

from shift_frontend import export
from shift_frontend.fcos import FCOS, FCOSConfig
from shift_frontend.fcos.decode import DetectorDescription

ort = pytest.importorskip("onnxruntime")

SIZE = "64x96"
SMALL = [
    "--width=16",
    "--channels=64",
    "--classes=5",
    "--depth=2",
    f"--size={SIZE}",
]

# Model, norm, box, batch norm, opset, upsample: every value of each occurs,
# every backbone with folded, frozen and visible batch norm.
VARIANTS = [
    ("fcos_r18", "gn", "exp", "plain", 13, "size"),
    ("fcos_r18", "none", "relu", "frozen", 11, "scale"),
    ("fcos_r18", "gn", "relu", "frozen-chain", 12, "size"),
    ("fcos_r18", "gn", "exp", "folded", 9, "size"),
    ("fcos_r18", "gn", "relu", "plain", 9, "scale"),
    ("fcos_r18", "none", "exp", "folded", 14, "scale"),
    ("fcos_r18", "none", "exp", "frozen-chain", 15, "size"),
    ("fcos_r18", "gn", "exp", "plain", 16, "scale"),
    ("fcos_r50", "gn", "exp", "folded", 11, "size"),
    ("fcos_r50", "gn", "relu", "frozen", 13, "size"),
    ("fcos_r50", "none", "exp", "plain", 17, "size"),
    ("fcos_r101", "gn", "exp", "frozen", 17, "size"),
    ("fcos_r101", "none", "relu", "folded", 13, "scale"),
    ("fcos_r101", "gn", "exp", "plain", 11, "size"),
    ("fcos_x101", "gn", "exp", "folded", 13, "size"),
    ("fcos_x101", "none", "relu", "frozen", 11, "size"),
    ("fcos_x101", "gn", "relu", "plain", 17, "scale"),
    ("fcos_mobilenetv2", "gn", "exp", "folded", 17, "size"),
    ("fcos_mobilenetv2", "none", "relu", "frozen", 13, "scale"),
    ("fcos_mobilenetv2", "gn", "relu", "plain", 11, "size"),
    ("fcos_mobilenetv2", "none", "exp", "frozen-chain", 9, "size"),
]


def same_model(
    model: str, norm: str, box: str, batch_norm: str, upsample: str
) -> FCOS:
    """The PyTorch model that the command line exports."""
    frozen = "frozen" if batch_norm.startswith("frozen") else "batch"
    result = FCOS(
        FCOSConfig(
            model[len("fcos_") :],
            5,
            16,
            64,
            2,
            5,
            norm,
            box,
            frozen,
            upsample=upsample,
        )
    )
    export.randomise(result, 0)
    return result.eval()


def run_onnx(path: Path, x: np.ndarray) -> Dict[str, np.ndarray]:
    """Outputs by name, without graph optimisations."""
    options = ort.SessionOptions()
    options.graph_optimization_level = (
        ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    )
    options.log_severity_level = 3
    session = ort.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"image": x})))


def check_ops(
    ops: Counter, norm: str, box: str, batch_norm: str, opset: int
) -> None:
    """The graph holds what the variant promises, and only that."""
    assert (ops["BatchNormalization"] > 0) == (batch_norm == "plain")
    assert (ops["Sqrt"] > 0) == (batch_norm == "frozen-chain")
    assert ops["InstanceNormalization"] == (20 if norm == "gn" else 0)
    assert ops["GroupNormalization"] == 0
    assert ops["Exp"] == (5 if box == "exp" else 0)
    upsampling = "Upsample" if opset == 9 else "Resize"
    assert ops[upsampling] == 2 and ops["Upsample"] + ops["Resize"] == 2


@pytest.mark.parametrize(
    "model, norm, box, batch_norm, opset, upsample",
    VARIANTS,
    ids=lambda value: str(value),
)
def test_variant(
    tmp_path: Path, model, norm, box, batch_norm, opset, upsample
) -> None:
    path = tmp_path / "fcos.onnx"
    assert (
        export.main(
            [
                f"--model={model}",
                f"--norm={norm}",
                f"--box={box}",
                f"--batch-norm={batch_norm}",
                f"--opset={opset}",
                f"--upsample={upsample}",
                *SMALL,
                "-o",
                str(path),
            ]
        )
        == 0
    )
    proto = onnx.load(str(path))
    onnx.checker.check_model(proto, full_check=True)
    assert [(o.domain, o.version) for o in proto.opset_import] == [("", opset)]
    check_ops(
        Counter(n.op_type for n in proto.graph.node),
        norm,
        box,
        batch_norm,
        opset,
    )
    x = (
        np.random.default_rng(1)
        .standard_normal((1, 3, 64, 96))
        .astype(np.float32)
    )
    got = run_onnx(path, x)
    with torch.no_grad():
        levels = same_model(model, norm, box, batch_norm, upsample)(
            torch.from_numpy(x)
        )
    assert list(got) == [
        f"{kind}_p{level}"
        for kind in ("cls_logits", "bbox", "centerness")
        for level in (3, 4, 5, 6, 7)
    ]
    for level, tensors in zip((3, 4, 5, 6, 7), levels):
        for kind, tensor in zip(("cls_logits", "bbox", "centerness"), tensors):
            expected = tensor.numpy()
            assert np.isfinite(expected).all()
            assert expected.size == 1 or expected.std() > 1e-3
            np.testing.assert_allclose(
                got[f"{kind}_p{level}"],
                expected,
                rtol=1e-3,
                atol=1e-3,
                err_msg=f"{kind}_p{level}",
            )


def test_group_norm_arrives_as_instance_normalization(tmp_path: Path) -> None:
    path = tmp_path / "fcos.onnx"
    export.main(["--model=fcos_r18", "--norm=gn", *SMALL, "-o", str(path)])
    nodes = onnx.load(str(path)).graph.node
    producer = {output: node for node in nodes for output in node.output}
    users: Dict[str, list] = {}
    for node in nodes:
        for name in node.input:
            users.setdefault(name, []).append(node)
    norms = [n for n in nodes if n.op_type == "InstanceNormalization"]
    for norm in norms:
        assert producer[norm.input[0]].op_type == "Reshape"
        chain, node = [], norm
        for _ in range(3):
            (node,) = users[node.output[0]]
            chain.append(node.op_type)
        assert chain == ["Reshape", "Mul", "Add"]


def test_shared_head_weights_are_stored_once(tmp_path: Path) -> None:
    path = tmp_path / "fcos.onnx"
    export.main(["--model=fcos_r18", "--norm=none", *SMALL, "-o", str(path)])
    graph = onnx.load(str(path)).graph
    weights = Counter(n.input[1] for n in graph.node if n.op_type == "Conv")
    # Two towers of two convolutions and three predictions, on five levels.
    assert sorted(weights.values())[-8:] == [1] + [5] * 7


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.onnx", "b.onnx", "c.onnx")]
    for path, seed in zip(paths, (3, 3, 4)):
        export.main(
            [
                "--model=fcos_r18",
                *SMALL,
                "--norm=none",
                f"--seed={seed}",
                "-o",
                str(path),
            ]
        )
    first, second, third = (path.read_bytes() for path in paths)
    assert first == second != third


def test_description_lies_beside_the_model(tmp_path: Path) -> None:
    path = tmp_path / "fcos.onnx"
    export.main(["--model=fcos_r18", "--box=relu", *SMALL, "-o", str(path)])
    detector = DetectorDescription.from_json(tmp_path / "fcos.json")
    assert detector.strides == [8, 16, 32, 64, 128]
    assert (detector.box, detector.box_unit) == ("relu", "pixels")
    assert detector.image_input["size"] == [64, 96]
    names = [o.name for o in onnx.load(str(path)).graph.output]
    assert names == (
        detector.outputs["cls"]
        + detector.outputs["box"]
        + detector.outputs["centerness"]
    )


def test_wrong_usage_is_refused(tmp_path: Path, capsys) -> None:
    with pytest.raises(SystemExit) as exit_info:
        export.main(["--size=64", "-o", str(tmp_path / "x.onnx")])
    assert exit_info.value.code == 2
    assert "expected HEIGHTxWIDTH, got '64'" in capsys.readouterr().err
    missing = tmp_path / "missing" / "x.onnx"
    assert export.main(["--model=fcos_r18", *SMALL, "-o", str(missing)]) == 1
    assert "missing" in capsys.readouterr().err


def test_batch_norm_must_fit_the_model(tmp_path: Path) -> None:
    model = FCOS(FCOSConfig("r18", 3, 8, 32, 1))
    with pytest.raises(
        ValueError, match="'frozen' does not fit the model's layers"
    ):
        export.export_onnx(model, str(tmp_path / "x"), (64, 64), 13, "frozen")
