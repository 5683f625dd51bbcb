//===- Error.h - Failures inside the runtime --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Inside the runtime a failure is an exception; the C API turns it into a
// status and the thread's last error.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_ERROR_H
#define LIB_RUNTIME_CORE_ERROR_H

#include "shift/Runtime/ShiftRuntime.h"

#include <stdexcept>
#include <string>

namespace shift::rt {

/// A failed call: its status and one line for the user.
class Error : public std::runtime_error {
public:
  Error(ShiftStatus status, const std::string &message)
      : std::runtime_error(message), status(status) {}
  ShiftStatus getStatus() const { return status; }

private:
  ShiftStatus status;
};

/// The name of a user's thing in a message.
inline std::string quote(const std::string &name) { return "'" + name + "'"; }

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_ERROR_H
