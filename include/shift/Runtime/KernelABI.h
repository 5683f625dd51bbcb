/*===- KernelABI.h - What a compiled model exports ------------------------===*\
|* SPDX-License-Identifier: Apache-2.0
|* The border between generated code and the runtime: the kernel function type,
|* the symbols of a compiled model and the plan, a JSON text that says which
|* kernel runs on which buffers in which order. Plain C.
\*===----------------------------------------------------------------------===*/
#ifndef SHIFT_RUNTIME_KERNELABI_H
#define SHIFT_RUNTIME_KERNELABI_H

#include "shift/Runtime/Common.h"

/** A kernel computes the work items [begin, end) of 0..extent-1 of a step.
 *
 * `buffers` has one pointer for each entry of the step's "args", in order.
 * `scratch` is SHIFT_BUFFER_ALIGNMENT-aligned memory of the calling thread,
 * "scratch_bytes" long, with undefined content, or null where the step asks for
 * none. Work items are independent: any split of the range, in any order, on
 * any number of threads, gives the same bits. A kernel touches no other memory,
 * has no state and cannot fail, except that one of a step with a "fault" may
 * report bad data: the first SHIFT_FAULT_BYTES of its scratch are two int64_t,
 * 0 at the thread's first call; where the first is still 0 it sets it to 1 and
 * the second to the number that is bad. begin is a multiple of the step's
 * grain.
 *
 * Pointers into the arena are arena base (aligned) + offset; constants and
 * expanded constants are aligned; inputs and outputs are the user's memory,
 * aligned to their element only and without padding. */
typedef void (*ShiftKernel)(void *const *buffers, void *scratch, int64_t begin,
                            int64_t end);

#define SHIFT_FAULT_BYTES 16

/** The plan: `const char shift_plan[]`, JSON text that ends with a NUL. */
#define SHIFT_PLAN_SYMBOL "shift_plan"

/** The constants: `const unsigned char shift_constants[]`, aligned to
 * SHIFT_BUFFER_ALIGNMENT. Needed only if the plan has constants. */
#define SHIFT_CONSTANTS_SYMBOL "shift_constants"

/** A kernel's function for an instruction set is KERNEL SHIFT_ISA_SEPARATOR
 * ISA, for example shift_conv2d_0__avx2. Each kernel has one for each
 * instruction set of the plan's "isas". */
#define SHIFT_ISA_SEPARATOR "__"

/* A library whose plan's "isas" are ["cuda"] has no kernels of this type. It
 * runs the whole network on a device through these functions, which return null
 * or say what went wrong, and holds the weights file (`shift-translate
 * --mlir-to-cuda` writes the same one) between two symbols: its bytes, and a
 * uint64_t, their number. */
typedef struct ShiftCudaModel ShiftCudaModel;
/** Checks the weights and copies them to the device. */
typedef const char *ShiftCudaCreate(const void *weights, size_t bytes,
                                    ShiftCudaModel **model);
/** Runs on tensors in host memory and waits. */
typedef const char *ShiftCudaRunHost(ShiftCudaModel *model,
                                     const void *const *inputs,
                                     void *const *outputs);
/** Takes null too. */
typedef void ShiftCudaDestroy(ShiftCudaModel *model);
#define SHIFT_CUDA_CREATE "shift_cuda_create"
#define SHIFT_CUDA_RUN_HOST "shift_cuda_run_host"
#define SHIFT_CUDA_DESTROY "shift_cuda_destroy"
#define SHIFT_CUDA_WEIGHTS "shift_cuda_weights"
#define SHIFT_CUDA_WEIGHTS_BYTES "shift_cuda_weights_bytes"

/*
 * The plan. Unknown fields are ignored; the ones below without "optional" must
 * be there.
 *
 * {"version": SHIFT_PLAN_VERSION,
 *  "isas": ["baseline", ...],     of baseline, avx2, avx512, avx512vnni. The
 *                                 runtime takes the last of these four that is
 *                                 listed and that the machine has. What each
 *                                 needs of the machine:
 *                                   avx2        AVX2, FMA, BMI2, F16C
 *                                   avx512      avx2 and AVX-512 F, BW, CD, DQ,
 *                                               VL
 *                                   avx512vnni  avx512 and AVX-512 VNNI
 *                                 or cuda alone; of steps only name, op,
 *                                 strategy, kernel and macs are read then, and
 *                                 constants are not
 *  "arena_bytes": N,              memory of intermediate tensors
 *  "inputs":  [{"name": "image", "dtype": "f32", "shape": [1, 3, 240, 320]}],
 *  "outputs": [the same],         names are unique, dtypes those of ShiftDType
 *  "constants": [{
 *     "offset": O, "bytes": B,    a part of shift_constants, O a multiple of
 *                                 SHIFT_BUFFER_ALIGNMENT
 *     "expand": null |            used as it is, or
 *       {"layout": "values" | "shift-lists" | "dot16" | "dot8",
 *                                 (WeightLayouts.h)
 *        "bits": b, "count": n, "terms": t,
 *                                 a bit stream of n codes as PackedWeights.h
 *                                 defines it
 *        "codebook_signs": [size * t numbers of -1, 0, 1],
 *        "codebook_exponents": [size * t numbers],
 *        "window_tops": [numbers],  optional: what the exponents of each
 *                                 channel are relative to
 *        ...}}],                  parameters of the layout
 *  "steps": [{
 *     "name": "conv1",            the node, for people
 *     "op": "shift.conv2d", "strategy": "shift",
 *     "kernel": "shift_conv2d_0",
 *     "args": [["arena", byte offset] | ["constant", i] | ["input", i] |
 *              ["output", i] | ["input" or "output", i, byte offset], ...],
 *     "extent": E,                number of work items
 *     "grain": G,                 threads get multiples of G items
 *     "scratch_bytes": S, "macs": M,
 *     "value": id | -1,           the value of the IR that the step completes
 *     "result": {"arg": k, "dtype": "f32", "count": n}   optional: where that
 *                                 value lies, for observers
 *     "tile": [channels, positions, taps]   optional: what a block of a GPU
 *                                 computes in a step, for observers
 *     "fault": "expected ..."     optional: the run fails with this text where
 *    }],                          the kernel reports bad data
 *  "detector": {...} | null, "image_input": {...} | null}     both optional
 *
 * Steps run one after the other, each starts when the one before is complete.
 *
 * The file of a library ends with the trailer of shift/Support/Checksum.h, the
 * hash of all bytes before. It is checked where it is there: `strip` drops it.
 */

#endif /* SHIFT_RUNTIME_KERNELABI_H */
