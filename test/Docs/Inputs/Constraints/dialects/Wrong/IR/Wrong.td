// SPDX-License-Identifier: Apache-2.0
// * (first_c1) tested
// * (first_c3) not tested, and 2 is missing
