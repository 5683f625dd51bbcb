//===- Shift.td - Umbrella of the shift dialect ------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
include "dialects/Shift/IR/ShiftDialect.td"
include "dialects/Shift/IR/ShiftAttributes.td"
include "dialects/Shift/IR/ShiftTypes.td"
include "dialects/Shift/IR/ShiftOps.td"
include "dialects/Shift/IR/ShiftActivationOps.td"
include "dialects/Shift/IR/ShiftDetectionOps.td"
