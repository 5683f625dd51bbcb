# cmake -DLIBRARY=libShiftRuntime.so -DNM=nm -P CheckRuntimeLibrary.cmake
# Fails if the library needs LLVM, MLIR or protobuf, or exports anything but the
# C API.
execute_process(COMMAND ldd ${LIBRARY} OUTPUT_VARIABLE needed
                COMMAND_ERROR_IS_FATAL ANY)
if(needed MATCHES "lib(LLVM|MLIR|clang|protobuf)[^ ]*|not found")
  message(FATAL_ERROR "expected no LLVM, MLIR or missing library, got "
                      "${CMAKE_MATCH_0}:\n${needed}")
endif()
execute_process(COMMAND ${NM} -D --defined-only --format=just-symbols ${LIBRARY}
                OUTPUT_VARIABLE exported COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" symbols "${exported}")
list(LENGTH symbols count)
if(count LESS 20)
  message(FATAL_ERROR "expected at least 20 exported functions, got ${count}")
endif()
foreach(symbol IN LISTS symbols)
  if(NOT symbol MATCHES "^shift[A-Z]")
    message(FATAL_ERROR "expected C API functions only, got ${symbol}")
  endif()
endforeach()
message(STATUS "${count} functions exported, no LLVM needed")
