// SPDX-License-Identifier: Apache-2.0
func.func private @first_c1_broken()
func.func private @second_c1()
