//===- ShiftDetectionOps.td - From heads to boxes ----------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTDETECTIONOPS_TD
#define DIALECTS_SHIFT_IR_SHIFTDETECTIONOPS_TD

include "dialects/Shift/IR/ShiftOps.td"

def Shift_DecodeOp : Shift_Op<"decode", (ins
    Variadic<Shift_FloatTensor>:$heads, StrAttr:$detector,
    StrArrayAttr:$head_names, I64Attr:$input_height, I64Attr:$input_width)> {
  let summary = "A detector's heads to boxes, scores and labels";
  let description = [{
    `detector` is a detector description as JSON text, with the fields and
    defaults of `lib/Detection/README.md`; `head_names` are the names by which
    it calls the operands. `score`, `exceeds` and `box` are what it says of a
    level's place and class, in float32 with unfused operations; the order of
    places is row, then column.

    ```
    for each image n of the batch:
      all = empty list
      for each level:
        candidates = (score, box, label) of each place, then each label (or the
                     best one), where exceeds(place, label) and neither score
                     nor box is NaN
        sort candidates by falling score, equal ones in their order
        append the first candidates_per_level to all
      clip the boxes of all to 0..input_width, 0..input_height
      sort all by falling score, equal ones in their order
      k = 0
      for each candidate of all, until k = max_detections:
        if its overlap with each of the k kept boxes of its label <= nms_iou:
          boxes[n, k], scores[n, k], labels[n, k] = candidate
          k += 1
      count[n] = k; the other rows of the image are 0
    ```

    A box is (x0, y0, x1, y1) in pixels of the input. Overlap is intersection
    over union, 0 where the union has no area.

    Constraints:
    * (decode_c1) detector is a valid description
    * (decode_c2) head_names has a name for each operand; the outputs that the
      detector reads are among them, with the shapes that it needs
    * (decode_c3) all heads have one batch
    * (decode_c4) with D = max_detections, the results are N x D x 4 and N x D
      float32, N x D and N int32
    * (decode_c5) 1 <= input_height, input_width <= 2^24

    ```mlir
    %boxes, %scores, %labels, %count = shift.decode %cls, %box {
      detector = "{\"kind\": \"one-stage\", \"classes\": [\"cat\", \"dog\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 50}",
      head_names = ["c", "b"], input_height = 64 : i64, input_width = 96 : i64}
      : (tensor<1x2x8x12xf32>, tensor<1x4x8x12xf32>)
      -> (tensor<1x50x4xf32>, tensor<1x50xf32>, tensor<1x50xi32>,
          tensor<1xi32>)
    ```
  }];
  let results = (outs Shift_FloatTensor:$boxes, Shift_FloatTensor:$scores,
                      Shift_Int32Tensor:$labels, Shift_Int32Tensor:$count);
  let extraClassDeclaration = [{
    /// The types of the results for a batch of `images`.
    static SmallVector<Type, 4> makeResultTypes(Builder &b, int64_t images,
                                                int64_t maxDetections);
  }];
}

#endif // DIALECTS_SHIFT_IR_SHIFTDETECTIONOPS_TD
