//===- FaultText.h - Errors of steps that check their data ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_FAULTTEXT_H
#define SHIFT_SUPPORT_FAULTTEXT_H

#include <string>

namespace shift {

/// What a run says before ", got" and the bad number: the op, its node if it
/// has a name, and what the check expected.
inline std::string faultText(const std::string &op, const std::string &node,
                             const std::string &fault) {
  return "'" + op + "'" + (node.empty() ? "" : " (node '" + node + "')") +
         ": " + fault;
}

} // namespace shift

#endif // SHIFT_SUPPORT_FAULTTEXT_H
