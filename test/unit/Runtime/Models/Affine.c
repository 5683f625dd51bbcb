/*===- Affine.c - A compiled model written by hand ------------------------===*\
|* SPDX-License-Identifier: Apache-2.0
|* Stands for what shift-compile writes: a plan, constants and kernels, with
|* arena, scratch, raw constants, both weight layouts and two instruction sets.
|* Macros make broken variants.
|*
|*   sum[i]  = a[i] + b[i]                         2x50 float32, arena
|*   y[i]    = sum[i] * w[i] + bias[i]             w: layout "values"
|*   z[c]    = sum over taps k of w[c][k] * 2^-e_c * (k + 1), e_c * 1000 added
|*             where the channel's exponent is not 0; w: layout "shift-lists"
|*   isa[0]  = 0 baseline, 1 avx2
\*===----------------------------------------------------------------------===*/
#include "shift/Runtime/KernelABI.h"

#ifndef PLAN_VERSION
#define PLAN_VERSION "2"
#endif

/* Code i of the weights is i % 4; a byte holds four. */
#define CODES                                                                  \
  "\"bits\":2,\"count\":100,\"terms\":1,"                                      \
  "\"codebook_signs\":[-1,0,1,1],"                                             \
  "\"codebook_exponents\":[1,0,-1,2]"
#define TENSOR(name, type, shape)                                              \
  "{\"name\":\"" name "\",\"dtype\":\"" type "\",\"shape\":" shape "}"

#if !defined(OMIT_PLAN)
#if defined(UNTERMINATED_PLAN)
const char shift_plan[4] = {'{', '}', ' ', ' '};
#else
const char shift_plan[] =
    "{\"version\":" PLAN_VERSION ",\"isas\":[\"baseline\",\"avx2\"],"
    "\"arena_bytes\":448,\"inputs\":[" TENSOR("a", "f32", "[2,50]") "," TENSOR(
        "b", "f32",
        "[2,50]") "],"
                  "\"outputs\":[" TENSOR("y", "f32", "[2,50]") "," TENSOR(
                      "z", "i32",
                      "[4]") "," TENSOR("isa", "i32",
                                        "[1]") "],"
                                               "\"constants\":[{\"offset\":0,"
                                               "\"bytes\":400,\"expand\":null},"
                                               "{\"offset\":448,\"bytes\":25,"
                                               "\"expand\":{\"layout\":"
                                               "\"values\"," CODES "}},"
                                               "{\"offset\":448,\"bytes\":25,"
                                               "\"expand\":{\"layout\":\"shift-"
                                               "lists\","
                                               "\"out_channels\":4,\"taps_per_"
                                               "channel\":25," CODES
                                               "}}],\"steps\":["
                                               "{\"name\":\"Add_0\",\"op\":"
                                               "\"onnx.Add\",\"strategy\":"
                                               "\"plain\","
                                               "\"kernel\":\"shift_sum\","
                                               "\"args\":[[\"input\",0],["
                                               "\"input\",1],"
                                               "[\"arena\",0]],\"extent\":100,"
                                               "\"grain\":7,\"scratch_bytes\":"
                                               "64,"
                                               "\"macs\":0,\"value\":3,"
                                               "\"result\":{\"arg\":2,"
                                               "\"dtype\":\"f32\",\"count\":"
                                               "100}},"
                                               "{\"name\":\"Affine_1\",\"op\":"
                                               "\"shift.linear\",\"strategy\":"
                                               "\"values\","
                                               "\"kernel\":\"shift_affine\","
                                               "\"args\":[[\"arena\",0],["
                                               "\"constant\",1],"
                                               "[\"constant\",0],[\"output\",0]"
                                               "],\"extent\":100,\"grain\":16,"
                                               "\"scratch_bytes\":0,\"macs\":"
                                               "100,\"value\":4,"
                                               "\"result\":{\"arg\":3,"
                                               "\"dtype\":\"f32\",\"count\":"
                                               "100}},"
                                               "{\"name\":\"Lists_2\",\"op\":"
                                               "\"shift.conv2d\",\"strategy\":"
                                               "\"shift\","
                                               "\"kernel\":\"shift_lists\","
                                               "\"args\":[[\"constant\",2],["
                                               "\"output\",1]],"
                                               "\"extent\":4,\"grain\":1,"
                                               "\"scratch_bytes\":0,\"macs\":"
                                               "100,\"value\":-1},"
                                               "{\"name\":\"Isa_3\",\"op\":"
                                               "\"test.isa\",\"strategy\":"
                                               "\"plain\","
                                               "\"kernel\":\"shift_isa\","
                                               "\"args\":[[\"output\",2]],"
                                               "\"extent\":1,\"grain\":1,"
                                               "\"scratch_bytes\":0,\"macs\":0,"
                                               "\"value\":-1}],"
                                               "\"detector\":{\"kind\":"
                                               "\"fcos\",\"classes\":[\"cell\"]"
                                               "},"
                                               "\"image_input\":null}";
#endif
#endif

/* bias[i] = 0.25 for all i; 25 bytes of codes 0, 1, 2, 3, 0, ... from 448 on.*/
#define B4 0.25f, 0.25f, 0.25f, 0.25f
#define B20 B4, B4, B4, B4, B4
const struct {
  float bias[112];
#if !defined(SHORT_CONSTANTS)
  unsigned char codes[32];
#endif
} __attribute__((aligned(64))) shift_constants = {
    .bias = {B20, B20, B20, B20, B20},
#if !defined(SHORT_CONSTANTS)
    .codes = {0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4,
              0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4,
              0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4, 0xe4},
#endif
};

static void sum(void *const *buffers, void *scratch, int64_t begin,
                int64_t end) {
  const float *a = buffers[0], *b = buffers[1];
  float *out = buffers[2];
  float *keep = scratch;
  for (int64_t i = begin; i < end; ++i) {
    keep[i % 16] = a[i];
    out[i] = keep[i % 16] + b[i];
  }
}

static void affine(void *const *buffers, int64_t begin, int64_t end) {
  const float *in = buffers[0], *w = buffers[1], *bias = buffers[2];
  float *out = buffers[3];
  for (int64_t i = begin; i < end; ++i)
    out[i] = in[i] * w[i] + bias[i];
}

#define VARIANT(isa, number)                                                   \
  void shift_sum__##isa(void *const *b, void *s, int64_t i, int64_t n) {       \
    sum(b, s, i, n);                                                           \
  }                                                                            \
  void shift_affine__##isa(void *const *b, void *s, int64_t i, int64_t n) {    \
    (void)s;                                                                   \
    affine(b, i, n);                                                           \
  }                                                                            \
  void shift_isa__##isa(void *const *b, void *s, int64_t i, int64_t n) {       \
    (void)s, (void)i, (void)n;                                                 \
    *(int32_t *)b[0] = number;                                                 \
  }
VARIANT(baseline, 0)
VARIANT(avx2, 1)

#if !defined(OMIT_KERNEL)
/* One section: channel c is wherever its header says so. */
static void lists(void *const *buffers, int64_t begin, int64_t end) {
  const uint64_t *base = buffers[0];
  int32_t *out = buffers[1];
  const uint64_t *word = base + base[0];
  for (int i = 0; i < 4; ++i) {
    uint64_t header = *word++;
    int32_t channel = header & 0xffff, exponent = (int16_t)(header >> 32);
    int32_t acc = 0;
    for (int slots = header >> 16 & 0xffff; slots > 0; --slots) {
      uint64_t slot = *word++;
      int32_t sum = 0;
      for (uint32_t quads = (uint32_t)slot; quads > 0; --quads, ++word) {
        sum *= 1 << (*word & 63);
        for (int k = 0; k < 4; ++k) {
          int32_t row = *word >> (16 * k + 6) & 1023, tap = row / 2;
          if (tap < 25)
            sum += row % 2 ? -(tap + 1) : tap + 1;
        }
      }
      acc = (acc + sum) * (1 << (slot >> 32));
    }
    if (channel >= begin && channel < end)
      out[channel] = acc + exponent * 1000;
  }
}

void shift_lists__baseline(void *const *b, void *s, int64_t i, int64_t n) {
  (void)s;
  lists(b, i, n);
}
void shift_lists__avx2(void *const *b, void *s, int64_t i, int64_t n) {
  (void)s;
  lists(b, i, n);
}
#endif
