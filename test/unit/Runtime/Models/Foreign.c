/*===- Foreign.c - A shared library that is no model ----------------------===*\
|* SPDX-License-Identifier: Apache-2.0
|* Its start-up code must never run: the runtime looks before it loads.
\*===----------------------------------------------------------------------===*/
#include <stdlib.h>

__attribute__((constructor)) static void start(void) { abort(); }

int answer(void) { return 42; }
