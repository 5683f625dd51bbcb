# SPDX-License-Identifier: Apache-2.0
"""Running compiled models from Python: a ctypes binding of the C API.

Needs NumPy and libShiftRuntime.so only. The library is loaded with the first
model; it is looked for at $SHIFT_RUNTIME_LIBRARY, or else in build/lib of the
repository that this file lies in.

    model = Model("fcos.so")
    outputs = model.run({"image": image})
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Union

import numpy as np

API_VERSION = 1
LIBRARY_VARIABLE = "SHIFT_RUNTIME_LIBRARY"

# In the order of ShiftDType.
_DTYPES = tuple(
    np.dtype(name)
    for name in (
        "float32",
        "int8",
        "uint8",
        "int16",
        "uint16",
        "int32",
        "int64",
    )
)
# In the order of ShiftStatus.
_STATUS_NAMES = ("ok", "argument", "file", "model", "version", "cpu", "memory")


class RuntimeLibraryError(RuntimeError):
    """The library libShiftRuntime.so is missing or does not fit."""


class ShiftError(RuntimeError):
    """A call that the runtime refused; `kind` says what was at fault.

    `kind` is one of argument, file, model, version, cpu, memory.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of a model."""

    name: str
    dtype: np.dtype
    shape: Tuple[int, ...]


@dataclass(frozen=True)
class StepInfo:
    """A kernel call of a model; `value` is -1 where no value is completed."""

    name: str
    op: str
    strategy: str
    kernel: str
    macs: int
    value: int


@dataclass(frozen=True)
class Observation:
    """What an observer gets after a step.

    `data` is a flat copy of the completed value, None where the plan does not
    say where it lies.
    """

    step: int
    name: str
    value: int
    data: Optional[np.ndarray]


class _TensorInfo(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("dtype", ctypes.c_int),
        ("rank", ctypes.c_int32),
        ("dims", ctypes.POINTER(ctypes.c_int64)),
        ("elements", ctypes.c_int64),
        ("bytes", ctypes.c_int64),
    ]


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("bytes", ctypes.c_int64),
        ("dtype", ctypes.c_int),
        ("rank", ctypes.c_int32),
        ("dims", ctypes.POINTER(ctypes.c_int64)),
    ]


class _StepInfo(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("op", ctypes.c_char_p),
        ("strategy", ctypes.c_char_p),
        ("kernel", ctypes.c_char_p),
        ("macs", ctypes.c_int64),
        ("value", ctypes.c_int64),
    ]


class _SessionOptions(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("num_threads", ctypes.c_int32)]


class _MemoryUse(ctypes.Structure):
    _fields_ = [
        ("arena", ctypes.c_int64),
        ("scratch", ctypes.c_int64),
        ("constants", ctypes.c_int64),
    ]


class _Observation(ctypes.Structure):
    _fields_ = [
        ("step", ctypes.c_int64),
        ("name", ctypes.c_char_p),
        ("value", ctypes.c_int64),
        ("data", ctypes.c_void_p),
        ("dtype", ctypes.c_int),
        ("elements", ctypes.c_int64),
    ]


_OBSERVER = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.POINTER(_Observation)
)

_OBJECT = ctypes.c_void_p
_COUNT = ctypes.POINTER(ctypes.c_int64)
_TEXT = ctypes.POINTER(ctypes.c_char_p)
_SIGNATURES: Dict[str, List[Any]] = {
    "shiftModelLoad": [ctypes.c_char_p, ctypes.POINTER(_OBJECT)],
    "shiftModelGetDescription": [_OBJECT, _TEXT],
    "shiftModelGetISA": [_OBJECT, _TEXT],
    "shiftModelGetInputCount": [_OBJECT, _COUNT],
    "shiftModelGetOutputCount": [_OBJECT, _COUNT],
    "shiftModelGetStepCount": [_OBJECT, _COUNT],
    "shiftModelGetInputInfo": [
        _OBJECT,
        ctypes.c_int64,
        ctypes.POINTER(_TensorInfo),
    ],
    "shiftModelGetOutputInfo": [
        _OBJECT,
        ctypes.c_int64,
        ctypes.POINTER(_TensorInfo),
    ],
    "shiftModelGetStepInfo": [
        _OBJECT,
        ctypes.c_int64,
        ctypes.POINTER(_StepInfo),
    ],
    "shiftSessionCreate": [
        _OBJECT,
        ctypes.POINTER(_SessionOptions),
        ctypes.POINTER(_OBJECT),
    ],
    "shiftSessionRun": [
        _OBJECT,
        ctypes.POINTER(_Tensor),
        ctypes.c_int64,
        ctypes.POINTER(_Tensor),
        ctypes.c_int64,
    ],
    "shiftSessionSetObserver": [_OBJECT, _OBSERVER, ctypes.c_void_p],
    "shiftSessionGetProfile": [_OBJECT, _COUNT, ctypes.c_int64],
    "shiftSessionGetMemoryUse": [_OBJECT, ctypes.POINTER(_MemoryUse)],
}


def library_path() -> Path:
    """Where libShiftRuntime.so is looked for (it need not exist)."""
    configured = os.environ.get(LIBRARY_VARIABLE)
    if configured:
        return Path(configured)
    root = Path(__file__).resolve().parents[2]
    return root / "build" / "lib" / "libShiftRuntime.so"


@functools.lru_cache(maxsize=None)
def _load_library(path: str) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(path)
        library.shiftGetApiVersion.restype = ctypes.c_uint32
        version = library.shiftGetApiVersion()
    except (OSError, AttributeError) as error:
        raise RuntimeLibraryError(
            f"cannot load the runtime '{path}': {error}; build it, or set "
            f"{LIBRARY_VARIABLE} to the path of libShiftRuntime.so"
        ) from error
    if version != API_VERSION:
        raise RuntimeLibraryError(
            f"'{path}': expected API version {API_VERSION}, got {version}"
        )
    library.shiftGetLastError.restype = ctypes.c_char_p
    for name, arguments in _SIGNATURES.items():
        function = getattr(library, name)
        function.argtypes = arguments
        function.restype = ctypes.c_int
    for name in ("shiftModelFree", "shiftSessionFree"):
        function = getattr(library, name)
        function.argtypes = [_OBJECT]
        function.restype = None
    return library


def _as_tensor(array: np.ndarray) -> _Tensor:
    dims = (ctypes.c_int64 * array.ndim)(*array.shape)
    return _Tensor(
        array.ctypes.data,
        array.nbytes,
        _DTYPES.index(array.dtype),
        array.ndim,
        dims,
    )


class Model:
    """A compiled model and a session to run it.

    `num_threads` 0 takes OpenMP's default; it never changes a bit of the
    results. One thread at a time may use an instance; several instances may
    run at once. The environment variable SHIFT_CPU (baseline, avx2, avx512,
    avx512vnni) limits the instruction set.

    Raises ShiftError where the runtime refuses the file, RuntimeLibraryError
    where there is no runtime.
    """

    def __init__(
        self, path: Union[str, os.PathLike], num_threads: int = 0
    ) -> None:
        self._model = _OBJECT()
        self._session = _OBJECT()
        self._library = _load_library(str(library_path()))
        self._call(
            "shiftModelLoad", os.fsencode(path), ctypes.byref(self._model)
        )
        options = _SessionOptions(ctypes.sizeof(_SessionOptions), num_threads)
        self._call(
            "shiftSessionCreate",
            self._model,
            ctypes.byref(options),
            ctypes.byref(self._session),
        )
        self.inputs = self._read_tensors("Input")
        self.outputs = self._read_tensors("Output")
        self.steps = self._read_steps()
        description = json.loads(self._read_text("shiftModelGetDescription"))
        self.detector: Optional[Dict[str, Any]] = description["detector"]
        self.image_input: Optional[Dict[str, Any]] = description["image_input"]
        self.isa = self._read_text("shiftModelGetISA")

    def __del__(self) -> None:
        if getattr(self, "_library", None) is not None:
            self._library.shiftSessionFree(self._session)
            self._library.shiftModelFree(self._model)

    def run(
        self,
        inputs: Mapping[str, np.ndarray],
        observer: Optional[Callable[[Observation], None]] = None,
    ) -> Dict[str, np.ndarray]:
        """Runs the model on arrays by input name; gives those of the outputs.

        Arrays must have exactly the element types and shapes of
        `self.inputs`; ones that are not contiguous are copied. `observer` is
        called after each step; what it raises ends up with the caller, after
        the run.
        """
        arrays = self._order(inputs)
        results = [np.empty(info.shape, info.dtype) for info in self.outputs]
        given = (_Tensor * len(arrays))(*map(_as_tensor, arrays))
        wanted = (_Tensor * len(results))(*map(_as_tensor, results))
        raised: List[BaseException] = []
        callback = _OBSERVER()
        if observer is not None:
            callback = self._wrap(observer, raised)
        self._call("shiftSessionSetObserver", self._session, callback, None)
        self._call(
            "shiftSessionRun",
            self._session,
            given,
            len(arrays),
            wanted,
            len(results),
        )
        if raised:
            raise raised[0]
        return {
            info.name: array for info, array in zip(self.outputs, results)
        }

    def profile(self) -> List[Tuple[StepInfo, int]]:
        """Each step and its nanoseconds in the last run."""
        times = (ctypes.c_int64 * len(self.steps))()
        self._call(
            "shiftSessionGetProfile", self._session, times, len(times)
        )
        return list(zip(self.steps, times))

    def memory_use(self) -> Dict[str, int]:
        """Bytes held: arena (peak of intermediate tensors), scratch,
        constants."""
        use = _MemoryUse()
        self._call(
            "shiftSessionGetMemoryUse", self._session, ctypes.byref(use)
        )
        return {
            "arena": use.arena,
            "scratch": use.scratch,
            "constants": use.constants,
        }

    def _call(self, function: str, *arguments: Any) -> None:
        status = getattr(self._library, function)(*arguments)
        if status != 0:
            message = self._library.shiftGetLastError()
            raise ShiftError(
                _STATUS_NAMES[status], message.decode(errors="replace")
            )

    def _read_text(self, function: str) -> str:
        text = ctypes.c_char_p()
        self._call(function, self._model, ctypes.byref(text))
        return (text.value or b"").decode()

    def _read_count(self, kind: str) -> int:
        count = ctypes.c_int64()
        self._call(
            f"shiftModelGet{kind}Count", self._model, ctypes.byref(count)
        )
        return count.value

    def _read_tensors(self, kind: str) -> List[TensorInfo]:
        tensors = []
        for index in range(self._read_count(kind)):
            info = _TensorInfo()
            self._call(
                f"shiftModelGet{kind}Info",
                self._model,
                index,
                ctypes.byref(info),
            )
            shape = tuple(info.dims[i] for i in range(info.rank))
            tensors.append(
                TensorInfo(info.name.decode(), _DTYPES[info.dtype], shape)
            )
        return tensors

    def _read_steps(self) -> List[StepInfo]:
        steps = []
        for index in range(self._read_count("Step")):
            info = _StepInfo()
            self._call(
                "shiftModelGetStepInfo", self._model, index, ctypes.byref(info)
            )
            steps.append(
                StepInfo(
                    info.name.decode(),
                    info.op.decode(),
                    info.strategy.decode(),
                    info.kernel.decode(),
                    info.macs,
                    info.value,
                )
            )
        return steps

    def _order(self, inputs: Mapping[str, np.ndarray]) -> List[np.ndarray]:
        """The arrays in the model's order, contiguous and in native types."""
        names = [info.name for info in self.inputs]
        if set(inputs) != set(names):
            raise ShiftError(
                "argument",
                f"expected inputs {sorted(names)}, got {sorted(inputs)}",
            )
        arrays = []
        for name in names:
            array = np.asarray(inputs[name])
            if not array.dtype.isnative or array.dtype not in _DTYPES:
                raise ShiftError(
                    "argument",
                    f"input '{name}': expected one of the element types "
                    f"{', '.join(map(str, _DTYPES))}, got {array.dtype}",
                )
            arrays.append(np.require(array, requirements=["C", "A"]))
        return arrays

    @staticmethod
    def _wrap(
        observer: Callable[[Observation], None], raised: List[BaseException]
    ) -> Any:
        def call(_: Any, pointer: Any) -> None:
            seen = pointer.contents
            data = None
            if seen.data:
                dtype = _DTYPES[seen.dtype]
                text = ctypes.string_at(
                    seen.data, seen.elements * dtype.itemsize
                )
                data = np.frombuffer(text, dtype)
            if not raised:
                try:
                    observer(
                        Observation(
                            seen.step, seen.name.decode(), seen.value, data
                        )
                    )
                except BaseException as error:  # C code cannot pass it on.
                    raised.append(error)

        return _OBSERVER(call)
