# SPDX-License-Identifier: Apache-2.0
"""Programs that check their data: errors are the CPU artefact's, whoever waits
for the run."""
import ctypes
import subprocess

import numpy as np
import pytest

import cuda_text

MODULE = """
!q = !quant.uniform<i16<-512:511>:f32, 0.0625>
func.func @main(%x: tensor<7x4xf32> {onnx.name = "x"},
                %i: tensor<3000xi64> {onnx.name = "i"},
                %q: tensor<3000x!q> {onnx.name = "q"})
    -> (tensor<3000x4xf32> {onnx.name = "y"}, tensor<3000xf32> {onnx.name = "z"}) {
  %y = onnx.Gather %x, %i {axis = 0 : i64, node_name = "pick \\"it\\""}
    : (tensor<7x4xf32>, tensor<3000xi64>) -> tensor<3000x4xf32>
  %z = shift.dequantize %q : (tensor<3000x!q>) -> tensor<3000xf32>
  return %y, %z : tensor<3000x4xf32>, tensor<3000xf32>
}
"""
PICK = "'onnx.Gather' (node 'pick \"it\"'): expected indices in [-7, 7), got "
RANGE = "input 'q': expected integers of -512 to 511, got "


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    (folder / "m.mlir").write_text(MODULE)
    cuda_text.translate(folder, folder / "m.mlir")
    return folder, cuda_text.load(folder)


def make_inputs(indices=(), integers=()):
    """Good inputs but for pairs of a place and a value."""
    x = np.arange(28, dtype=np.float32).reshape(7, 4)
    i = np.arange(3000, dtype=np.int64) % 14 - 7
    q = (np.arange(3000) % 1024 - 512).astype(np.int16)
    for place, value in indices:
        i[place] = value
    for place, value in integers:
        q[place] = value
    return [x, i, q]


def make_outputs():
    return [np.zeros((3000, 4), np.float32), np.zeros(3000, np.float32)]


def run_host(library, model, inputs):
    """The outputs, or the error's text."""
    outputs = make_outputs()

    def pointers(arrays):
        return (ctypes.c_void_p * len(arrays))(*[a.ctypes.data for a in arrays])
    error = library.shift_cuda_run_host(model, pointers(inputs),
                                        pointers(outputs))
    return error.decode() if error else outputs


CASES = {
    "index": ([(2999, -8), (2100, 7)], [], PICK + "7"),
    "wide index": ([(5, -2**62)], [], PICK + str(-2**62)),
    "range": ([], [(1500, 512), (1501, -32768)], RANGE + "512"),
    # Inputs are looked at before any op.
    "both": ([(0, 99)], [(2999, -513)], RANGE + "-513"),
}


@pytest.mark.parametrize("case", CASES)
def test_errors_are_those_of_the_cpu(program, case):
    folder, library = program
    indices, integers, message = CASES[case]
    inputs = make_inputs(indices, integers)
    model = cuda_text.create(library, folder / "m.weights.bin")
    error = run_host(library, model, inputs)
    good = run_host(library, model, make_inputs())
    library.shift_cuda_destroy(model)
    assert error.endswith(message)
    # The next run knows nothing of it.
    x, i, q = make_inputs()
    assert (good[0] == x[i]).all() and (good[1] == q / 16).all()
    artefact = folder / "cpu.so"
    if not artefact.exists():
        subprocess.run([str(cuda_text.BUILD / "bin/shift-compile"),
                        str(folder / "m.mlir"), "-o", str(artefact)],
                       check=True)
    flags = []
    for name, array in zip("xiq", inputs):
        np.save(folder / f"{name}.npy", array)
        flags += ["--input", f"{name}={folder / name}.npy"]
    result = subprocess.run([str(cuda_text.BUILD / "bin/shift-run"),
                             str(artefact), *flags],
                            capture_output=True, text=True)
    assert result.returncode == 1 and result.stderr == f"error: {error}\n"


# What a program does that has its own stream and memory.
CALLER = """
extern "C" const char *run_on_stream(ShiftCudaModel *model,
                                     const void *const *host, int isGraph) {
  const void *inputs[inputCount];
  void *outputs[outputCount], *workspace, *memory;
  for (int i = 0; i < inputCount; ++i) {
    (void)cudaMalloc(&memory, inputBytes[i]);
    (void)cudaMemcpy(memory, host[i], inputBytes[i], cudaMemcpyHostToDevice);
    inputs[i] = memory;
  }
  for (int i = 0; i < outputCount; ++i)
    (void)cudaMalloc(&outputs[i], outputBytes[i]);
  (void)cudaMalloc(&workspace, shift_cuda_workspace_bytes(model));
  cudaStream_t stream;
  (void)cudaStreamCreate(&stream);
  const char *error = nullptr;
  if (isGraph) {
    cudaGraph_t graph;
    cudaGraphExec_t launch;
    (void)cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
    error = shift_cuda_run(model, stream, inputs, outputs, workspace);
    (void)cudaStreamEndCapture(stream, &graph);
    (void)cudaGraphInstantiate(&launch, graph, 0);
    for (int i = 0; i < 2; ++i)
      (void)cudaGraphLaunch(launch, stream);
  } else {
    error = shift_cuda_run(model, stream, inputs, outputs, workspace);
  }
  if (cudaStreamSynchronize(stream) != cudaSuccess)
    return "cannot wait for the stream";
  return error ? error : shift_cuda_fault(model, workspace);
}
"""


def test_faults_of_a_stream_and_of_a_graph(program):
    folder, _ = program
    text = folder / "m.cu"
    text.write_text(text.read_text() + CALLER)
    library = cuda_text.load(folder, name="caller")
    library.run_on_stream.restype = ctypes.c_char_p
    model = cuda_text.create(library, folder / "m.weights.bin")

    def run(inputs, is_graph):
        pointers = (ctypes.c_void_p * 3)(*[a.ctypes.data for a in inputs])
        return library.run_on_stream(model, pointers, is_graph)
    expected = (PICK + "70").encode()
    for is_graph in (0, 1):
        assert run(make_inputs([(17, 70)]), is_graph) == expected
        assert run(make_inputs(), is_graph) is None
    library.shift_cuda_destroy(model)
