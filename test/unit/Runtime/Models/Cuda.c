/*===- Cuda.c - A CUDA artefact written by hand ---------------------------===*\
|* SPDX-License-Identifier: Apache-2.0
|* Stands for what shift-compile --emit=cuda-so writes, with a "device" that is
|* this process: y[i] = x[i] + w[i]. NO_DEVICE makes it fail as a machine
|* without a device does, OMIT_RUN leaves a function out. A negative x[0] fails
|* the run.
\*===----------------------------------------------------------------------===*/
#include "shift/Runtime/KernelABI.h"

#include <stdlib.h>

const char shift_plan[] =
    "{\"version\":2,\"isas\":[\"cuda\"],\"arena_bytes\":1048576,"
    "\"inputs\":[{\"name\":\"x\",\"dtype\":\"f32\",\"shape\":[3]}],"
    "\"outputs\":[{\"name\":\"y\",\"dtype\":\"f32\",\"shape\":[3]}],"
    "\"steps\":[{\"name\":\"Add_0\",\"op\":\"onnx.Add\",\"strategy\":\"map\","
    "\"kernel\":\"add_0\",\"macs\":0}]}";

const float shift_cuda_weights[3] = {1, 2, 4};
const uint64_t shift_cuda_weights_bytes = sizeof(shift_cuda_weights);

struct ShiftCudaModel {
  const float *weights;
};

const char *shift_cuda_create(const void *weights, size_t bytes,
                              ShiftCudaModel **model) {
#if defined(NO_DEVICE)
  (void)weights, (void)bytes, (void)model;
  return "no CUDA-capable device is detected";
#else
  if (bytes != sizeof(shift_cuda_weights))
    return "expected 12 bytes of weights";
  *model = malloc(sizeof(ShiftCudaModel));
  (*model)->weights = weights;
  return NULL;
#endif
}

#if !defined(OMIT_RUN)
const char *shift_cuda_run_host(ShiftCudaModel *model,
                                const void *const *inputs,
                                void *const *outputs) {
  const float *x = inputs[0];
  float *y = outputs[0];
  if (x[0] < 0)
    return "Add_0: an illegal memory access was encountered";
  for (int i = 0; i < 3; ++i)
    y[i] = x[i] + model->weights[i];
  return NULL;
}
#endif

void shift_cuda_destroy(ShiftCudaModel *model) { free(model); }
