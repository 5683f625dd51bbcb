//===- ONNX.td - Umbrella of the onnx dialect --------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
include "dialects/ONNX/IR/ONNXDialect.td"
include "dialects/ONNX/IR/ONNXMathOps.td"
include "dialects/ONNX/IR/ONNXNeuralOps.td"
include "dialects/ONNX/IR/ONNXTensorOps.td"
