# SPDX-License-Identifier: Apache-2.0
"""README's way from an ONNX file to a C++ program, as it is written there."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import cuda_text

BIN = pathlib.Path(os.environ.get("SHIFT_BIN", cuda_text.BUILD / "bin"))
INPUTS = cuda_text.ROOT / "test/Inputs"
CUDA_BIN = "/usr/local/cuda/bin"


def shell(folder, commands):
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:{CUDA_BIN}"}
    return subprocess.run(["bash", "-euc", commands], cwd=folder, text=True,
                          env=environment, capture_output=True)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """A folder with the example's sources, made as README says, and the
    commands that build and run it."""
    root = tmp_path_factory.mktemp("repository")
    (root / "test").symlink_to(cuda_text.ROOT / "test")
    (root / "build").mkdir()
    (root / "build/bin").symlink_to(BIN)
    text = (cuda_text.ROOT / "README.md").read_text()
    section = text.split("### From an ONNX file to a C++ program\n")[1]
    blocks = re.findall(r"```(\w+)\n(.*?)```", section.split("\n## ")[0], re.S)
    assert [kind for kind, _ in blocks] == ["sh", "cpp", "cmake", "sh"]
    (_, prepare), (_, program), (_, cmake), (_, build) = blocks
    done = shell(root, prepare)
    assert done.returncode == 0, done.stderr
    folder = root / "build/detect"
    (folder / "detect.cpp").write_text(program)
    (folder / "CMakeLists.txt").write_text(cmake)
    return folder, build


def test_finds_the_boxes_of_the_cpu_artefact(example):
    folder, _ = example
    shutil.copy(folder / "fcos.cu", folder / "m.cu")
    cuda_text.build(folder, [], ["-shared", "-Wl,-Bsymbolic", "-o",
                                 "libfcos.so"])
    done = shell(folder, "g++ -Wall -Wextra -Werror detect.cpp -L. -lfcos "
                 "-Wl,-rpath,. -o detect && ./detect image.f32")
    assert done.returncode == 0, done.stderr
    found = [line.split() for line in done.stdout.splitlines()]
    done = shell(folder, f"""
{BIN}/shift-compile {INPUTS}/fcos-bccd.onnx --quantize-shift=-10:5 \
  --detector={INPUTS}/fcos-bccd.json -o fcos.so
{BIN}/shift-run fcos.so --image {INPUTS}/bccd/BloodImage_00011.jpg \
  --json=boxes.json""")
    assert done.returncode == 0, done.stderr
    image, = json.loads((folder / "boxes.json").read_text())["images"]
    classes = json.loads((INPUTS / "fcos-bccd.json").read_text())["classes"]
    assert found and len(found) == len(image["detections"])
    for (label, score, *corners), detection in zip(found, image["detections"]):
        assert classes[int(label)] == detection["label"]
        assert score == f"{detection['score']:.4f}"
        # The image is twice as large as the network's input.
        assert all(abs(2 * float(ours) - theirs) < 0.11
                   for ours, theirs in zip(corners, detection["box"]))


@pytest.mark.skipif(not shutil.which("nvcc", path=os.environ["PATH"] + ":" +
                                     CUDA_BIN), reason="no nvcc")
def test_builds_with_nvcc(example):
    folder, build = example
    done = shell(folder, build)
    if "error: allocating the weights: " in done.stderr:  # no GPU
        assert done.returncode == 1
    else:
        assert done.returncode == 0 and done.stdout, done.stderr
