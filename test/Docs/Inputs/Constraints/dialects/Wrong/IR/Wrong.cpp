// SPDX-License-Identifier: Apache-2.0
// first_c1, first_c4
