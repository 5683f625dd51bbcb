/*===- ShiftRuntime.h - C API to run compiled models ----------------------===*\
|* SPDX-License-Identifier: Apache-2.0
|* Load a model that shift-compile made, describe it, run it. Plain C11, no
|* LLVM. A model is immutable and may be used by any number of threads at once;
|* a session holds the memory of one run and is used by one thread at a time.
|*
|* Every function returns a ShiftStatus except those that cannot fail. After a
|* status other than SHIFT_OK, shiftGetLastError gives one line that names the
|* file, tensor or option at fault, and output parameters are unchanged.
|* Strings and descriptions that a function gives are owned by the object that
|* they were asked of and live as long as it.
\*===----------------------------------------------------------------------===*/
#ifndef SHIFT_RUNTIME_SHIFTRUNTIME_H
#define SHIFT_RUNTIME_SHIFTRUNTIME_H

#include "shift/Runtime/Common.h"

#if defined(__GNUC__)
#define SHIFT_API __attribute__((visibility("default")))
#else
#define SHIFT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** What became of a call. */
enum ShiftStatus SHIFT_ENUM_TYPE {
  SHIFT_OK = 0,
  SHIFT_ERROR_ARGUMENT =
      1,                   /**< a null pointer, a wrong shape, size or option */
  SHIFT_ERROR_FILE = 2,    /**< the file cannot be read or is no library */
  SHIFT_ERROR_MODEL = 3,   /**< symbols or plan are missing or corrupt */
  SHIFT_ERROR_VERSION = 4, /**< the plan has a version of another runtime */
  SHIFT_ERROR_CPU = 5,     /**< no code for this machine, or SHIFT_CPU */
  SHIFT_ERROR_MEMORY = 6   /**< out of memory */
};
typedef enum ShiftStatus ShiftStatus;

/** A loaded model. */
typedef struct ShiftModel ShiftModel;
/** Memory and threads to run a model. */
typedef struct ShiftSession ShiftSession;

/** An input or output of a model. `dims` has `rank` elements. */
typedef struct ShiftTensorInfo {
  const char *name;
  ShiftDType dtype;
  int32_t rank;
  const int64_t *dims;
  int64_t elements;
  int64_t bytes;
} ShiftTensorInfo;

/** A tensor in the caller's memory: dense, row-major, aligned to its element
 * type. `data` may be null only where there are no elements. */
typedef struct ShiftTensor {
  void *data;
  int64_t bytes; /**< size of the memory at `data` */
  ShiftDType dtype;
  int32_t rank;
  const int64_t *dims;
} ShiftTensor;

/** A step of a model: one kernel call. */
typedef struct ShiftStepInfo {
  const char *name;     /**< the node's name in the source model */
  const char *op;       /**< for example "shift.conv2d" */
  const char *strategy; /**< for example "shift" */
  const char *kernel;
  int64_t macs;  /**< multiply-accumulates that the step stands for, or 0 */
  int64_t value; /**< id of the value of the IR that it completes, or -1 */
} ShiftStepInfo;

/** How to run. Zero-initialise, then set `size` = sizeof(ShiftSessionOptions),
 * so that later versions can add fields. */
typedef struct ShiftSessionOptions {
  size_t size;
  int32_t numThreads; /**< 0: OpenMP's default (OMP_NUM_THREADS, all cores) */
} ShiftSessionOptions;

/** Bytes that a session and its model hold. */
typedef struct ShiftMemoryUse {
  int64_t arena;     /**< intermediate tensors, the peak of a run */
  int64_t scratch;   /**< all threads together */
  int64_t constants; /**< expanded weights; shared by the model's sessions */
} ShiftMemoryUse;

/** What an observer sees after a step. */
typedef struct ShiftObservation {
  int64_t step;
  const char *name;
  int64_t value;    /**< id of the completed value, or -1 */
  const void *data; /**< the value; null where the plan does not say where.
                       Valid during the call only */
  ShiftDType dtype;
  int64_t elements; /**< 0 where `data` is null */
} ShiftObservation;

/** Called on the thread of shiftSessionRun after each step, in order. It must
 * not call shiftSession functions of the same session. */
typedef void (*ShiftObserver)(void *userData,
                              const ShiftObservation *observation);

/** Gives the address of a symbol of a compiled model, null if there is none. */
typedef void *(*ShiftSymbolLookup)(void *userData, const char *symbol);

/*===----------------------------------------------------------------------===*\
|* Version and errors
\*===----------------------------------------------------------------------===*/

/** SHIFT_API_VERSION of the library, to be compared with that of the header.
 * Cannot fail. */
SHIFT_API uint32_t shiftGetApiVersion(void);

/** The name of a status, for example "file error". Never null. */
SHIFT_API const char *shiftStatusToString(ShiftStatus status);

/** The message of the calling thread's last call that failed, "" if there was
 * none. Valid until the next failing call on this thread. Never null. */
SHIFT_API const char *shiftGetLastError(void);

/** "f32", "i16", ...; "?" for a number that is no ShiftDType. */
SHIFT_API const char *shiftDTypeToString(ShiftDType dtype);

/** Bytes of an element, 0 for a number that is no ShiftDType. */
SHIFT_API int64_t shiftDTypeSize(ShiftDType dtype);

/*===----------------------------------------------------------------------===*\
|* Models
\*===----------------------------------------------------------------------===*/

/** Loads the shared library at `path`. It runs code of that file: load only
 * models that you trust. The caller frees `*model` with shiftModelFree.
 *
 * The environment variable SHIFT_CPU=baseline|avx2|avx512|avx512vnni takes
 * code for at most this instruction set; a set that the machine lacks, or
 * another word, is an error. */
SHIFT_API ShiftStatus shiftModelLoad(const char *path, ShiftModel **model);

/** Makes a model of code that is in the process already (a JIT's): `lookup` is
 * called for the symbols of KernelABI.h during this call only. `name` stands
 * for the file's name in messages. Code and constants must outlive the model
 * and its sessions; the plan's text is copied. The caller frees `*model` with
 * shiftModelFree. */
SHIFT_API ShiftStatus shiftModelCreateFromSymbols(ShiftSymbolLookup lookup,
                                                  void *userData,
                                                  const char *name,
                                                  ShiftModel **model);

/** Frees a model; null is allowed. Its sessions stay usable: they keep what
 * they need. Cannot fail. */
SHIFT_API void shiftModelFree(ShiftModel *model);

/** JSON text {"detector": ..., "image_input": ...}, each an object or null:
 * how to feed images and how to read the outputs. */
SHIFT_API ShiftStatus shiftModelGetDescription(const ShiftModel *model,
                                               const char **json);

/** The model's plan (KernelABI.h), JSON text. */
SHIFT_API ShiftStatus shiftModelGetPlan(const ShiftModel *model,
                                        const char **json);

/** The instruction set chosen at load: "baseline", "avx2", "avx512" or
 * "avx512vnni". */
SHIFT_API ShiftStatus shiftModelGetISA(const ShiftModel *model,
                                       const char **isa);

/** Number of inputs, outputs, steps. */
SHIFT_API ShiftStatus shiftModelGetInputCount(const ShiftModel *model,
                                              int64_t *count);
SHIFT_API ShiftStatus shiftModelGetOutputCount(const ShiftModel *model,
                                               int64_t *count);
SHIFT_API ShiftStatus shiftModelGetStepCount(const ShiftModel *model,
                                             int64_t *count);

/** Describes input, output or step `index`, from 0. */
SHIFT_API ShiftStatus shiftModelGetInputInfo(const ShiftModel *model,
                                             int64_t index,
                                             ShiftTensorInfo *info);
SHIFT_API ShiftStatus shiftModelGetOutputInfo(const ShiftModel *model,
                                              int64_t index,
                                              ShiftTensorInfo *info);
SHIFT_API ShiftStatus shiftModelGetStepInfo(const ShiftModel *model,
                                            int64_t index, ShiftStepInfo *info);

/*===----------------------------------------------------------------------===*\
|* Sessions
\*===----------------------------------------------------------------------===*/

/** Allocates what a run needs. `options` may be null. The caller frees
 * `*session` with shiftSessionFree. The number of threads never changes a bit
 * of the results. */
SHIFT_API ShiftStatus shiftSessionCreate(const ShiftModel *model,
                                         const ShiftSessionOptions *options,
                                         ShiftSession **session);

/** Runs the model. Inputs and outputs are in the model's order and must have
 * exactly its counts, element types, shapes and sizes; no output may overlap an
 * input or another output. Inputs are only read. A call that fails because of
 * its arguments has written no output. */
SHIFT_API ShiftStatus shiftSessionRun(ShiftSession *session,
                                      const ShiftTensor *inputs,
                                      int64_t inputCount,
                                      const ShiftTensor *outputs,
                                      int64_t outputCount);

/** Sets the observer of later runs; null takes it away. */
SHIFT_API ShiftStatus shiftSessionSetObserver(ShiftSession *session,
                                              ShiftObserver observer,
                                              void *userData);

/** Copies the wall-clock time of each step of the last run to `nanoseconds`,
 * which has room for `count` = number of steps (zeros before the first run).
 * Observers' time is not counted. */
SHIFT_API ShiftStatus shiftSessionGetProfile(const ShiftSession *session,
                                             int64_t *nanoseconds,
                                             int64_t count);

/** Number of threads that a run uses. */
SHIFT_API ShiftStatus shiftSessionGetThreadCount(const ShiftSession *session,
                                                 int32_t *count);

/** Memory that is held. */
SHIFT_API ShiftStatus shiftSessionGetMemoryUse(const ShiftSession *session,
                                               ShiftMemoryUse *use);

/** Frees a session; null is allowed. Cannot fail. */
SHIFT_API void shiftSessionFree(ShiftSession *session);

#ifdef __cplusplus
}
#endif

#endif /* SHIFT_RUNTIME_SHIFTRUNTIME_H */
