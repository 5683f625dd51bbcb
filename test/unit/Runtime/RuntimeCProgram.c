/*===- RuntimeCProgram.c - The C API used from C --------------------------===*\
|* SPDX-License-Identifier: Apache-2.0
|* The smallest complete user: load, describe, run, print. Exit code 0 if the
|* results are right.
\*===----------------------------------------------------------------------===*/
#include "shift/Runtime/ShiftRuntime.h"

#include <stdio.h>
#include <string.h>

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, shiftGetLastError());
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 2 || shiftGetApiVersion() != SHIFT_API_VERSION)
    return 2;
  ShiftModel *model = NULL;
  if (shiftModelLoad(argv[1], &model) != SHIFT_OK)
    return fail("load");
  int64_t inputCount = 0;
  ShiftTensorInfo info;
  if (shiftModelGetInputCount(model, &inputCount) != SHIFT_OK ||
      shiftModelGetInputInfo(model, 0, &info) != SHIFT_OK)
    return fail("describe");
  printf("%d inputs, the first is %s, %s, %d elements\n", (int)inputCount,
         info.name, shiftDTypeToString(info.dtype), (int)info.elements);

  ShiftSession *session = NULL;
  ShiftSessionOptions options = {0};
  options.size = sizeof options;
  options.numThreads = 2;
  if (shiftSessionCreate(model, &options, &session) != SHIFT_OK)
    return fail("session");

  static float a[100], b[100], y[100];
  static int32_t z[4], isa[1];
  for (int i = 0; i < 100; ++i) {
    a[i] = (float)i;
    b[i] = 1.0f;
  }
  const int64_t matrix[2] = {2, 50}, four[1] = {4}, one[1] = {1};
  const ShiftTensor inputs[2] = {{a, sizeof a, SHIFT_DTYPE_F32, 2, matrix},
                                 {b, sizeof b, SHIFT_DTYPE_F32, 2, matrix}};
  const ShiftTensor outputs[3] = {{y, sizeof y, SHIFT_DTYPE_F32, 2, matrix},
                                  {z, sizeof z, SHIFT_DTYPE_I32, 1, four},
                                  {isa, sizeof isa, SHIFT_DTYPE_I32, 1, one}};
  if (shiftSessionRun(session, inputs, 2, outputs, 3) != SHIFT_OK)
    return fail("run");

  const float weights[4] = {-2.0f, 0.0f, 0.5f, 4.0f};
  int wrong = 0;
  for (int i = 0; i < 100; ++i)
    wrong += y[i] != (float)(i + 1) * weights[i % 4] + 0.25f;

  /* A session may outlive its model, an error names the tensor at fault. */
  shiftModelFree(model);
  if (shiftSessionRun(session, inputs, 2, outputs, 3) != SHIFT_OK)
    return fail("run without model");
  ShiftTensor bad[2] = {inputs[0], inputs[1]};
  bad[1].bytes = 8;
  if (shiftSessionRun(session, bad, 2, outputs, 3) != SHIFT_ERROR_ARGUMENT ||
      !strstr(shiftGetLastError(), "input 'b': expected 400 bytes, got 8"))
    return fail("expected an error about 'b'");
  shiftSessionFree(session);
  printf("%d of 100 results wrong\n", wrong);
  return wrong != 0;
}
