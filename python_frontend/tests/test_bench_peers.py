# SPDX-License-Identifier: Apache-2.0
"""What bench_peers keeps for the next run."""

from __future__ import annotations

from pathlib import Path

import pytest


def test_hash_covers_external_data(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    from shift_frontend.bench_peers import model_hash

    weights = onnx.TensorProto(name="w", data_type=onnx.TensorProto.FLOAT, dims=[1])
    weights.data_location = onnx.TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="w.bin")
    output = onnx.helper.make_tensor_value_info("w", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([], "g", [], [output], [weights])
    path = tmp_path / "m.onnx"
    path.write_bytes(onnx.helper.make_model(graph).SerializeToString())
    hashes = []
    for data in (b"\0\0\0\0", b"\0\0\x80?", b"\0\0\0\0"):
        (tmp_path / "w.bin").write_bytes(data)
        hashes.append(model_hash(str(path)).hexdigest())
    assert hashes[0] == hashes[2] != hashes[1]
