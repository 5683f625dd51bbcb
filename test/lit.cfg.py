# SPDX-License-Identifier: Apache-2.0
"""lit configuration: text tests of dialects, passes, importer and tools."""
import os

import lit.formats
import lit.util

config.name = "shift"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".onnxtxt", ".test"]
config.excludes = ["Inputs", "unit", "lib", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.shift_build_dir + "/test"

# The toolkit's own place is not in everybody's path.
path = [config.shift_bin_dir, config.llvm_tools_dir, config.environment["PATH"],
        "/usr/local/cuda/bin"]
config.environment["PATH"] = os.pathsep.join(path)
# A variable of one function must not match in the next.
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"
# The tests' tools must not depend on what the caller's shell selects.
config.environment.pop("SHIFT_CPU", None)

config.substitutions.append(("%python", config.python))
config.substitutions.append(
    ("%onnxtext", config.python + " " +
     os.path.join(config.test_source_root, "Import", "onnx-text.py")))
config.substitutions.append(("%inputs", os.path.join(config.test_source_root,
                                                     "Inputs")))
if os.path.exists("/dev/full"):
    config.available_features.add("dev-full")
if lit.util.which("nvcc", config.environment["PATH"]):
    config.available_features.add("cuda-toolkit")
else:
    lit_config.note("no nvcc: tests that compile CUDA code are not run")
