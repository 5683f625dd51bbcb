# SPDX-License-Identifier: Apache-2.0
"""The parts of shift_frontend.cuda_report that need no compiler."""
import pathlib

import pytest
from shift_frontend.cuda_report.gpus import families, gpus
from shift_frontend.cuda_report.inner_loop import count_loop
from shift_frontend.cuda_report.minimum import Shape, minimum_per_mac
from shift_frontend.cuda_report.program import ProgramError, Step, read_program
from shift_frontend.cuda_report.roofline import (LAUNCH_SECONDS, Work, predict,
                                                 predict_peer)
from shift_frontend.cuda_report.sass import Listing, read_listing
from shift_frontend.cuda_report.toolchain import read_resources

INPUTS = pathlib.Path(__file__).parent / "Inputs"


@pytest.fixture(scope="module")
def listings():
    return read_listing((INPUTS / "shift-loop.sass").read_text())


def listing_of(text):
    return Listing("\n".join(
        line if line.startswith(".") else f"/*0000*/ {line} ;"
        for line in text.strip().splitlines()))


def test_instructions_read_and_write_registers():
    load, product, store = listing_of("""
        @!P0 LDG.E.128.CONSTANT R4, desc[UR6][R2.64+0x8]
        IMAD.WIDE.U32 R8, R4, 0x14, R10
        STS.64 [R7.X4+UR4+0x40], R8""").instructions
    assert load.guard == "@!P0" and load.base == "LDG"
    assert load.writes == ("R4", "R5", "R6", "R7")
    assert set(load.address_reads) == {"UR6", "R2", "R3"}
    assert product.writes == ("R8", "R9")
    assert set(product.value_reads) == {"R4", "R10", "R11"}
    assert store.writes == () and set(store.value_reads) == {"R8", "R9"}
    assert set(store.address_reads) == {"R7", "UR4"}


def test_loops_nest_and_take_the_longest_path():
    listing = listing_of("""
        MOV R0, RZ
.outer:
        @P0 BRA `(.skip)
        IADD3 R1, R1, 0x1, RZ
        IADD3 R1, R1, 0x1, RZ
.skip:
        IADD3 R2, R2, 0x1, RZ
.inner:
        IADD3 R3, R3, 0x1, RZ
        @P1 BRA `(.inner)
        @P2 BRA `(.outer)
        EXIT
.end:
        BRA `(.end)""")
    inner, outer = sorted(listing.loops, key=lambda loop: len(loop.body))
    assert listing.innermost(inner) and not listing.innermost(outer)
    path = [one for block in listing.longest_path(outer)
            for one in listing.blocks[block].instructions]
    assert [one.operands[0] for one in path if one.base == "IADD3"] == [
        "R1", "R1", "R2", "R3"]


def test_recorded_loop_of_shifts_has_no_multiplication_of_data(listings):
    count = count_loop(listings["sum_0_shift"], "shift")
    assert count.products == 1 and count.issued == 18
    assert count.multiplications == [] and count.classes["multiply"] == 0
    # SHF, SHF, LOP3, IADD3; the counter, the condition and the pointers are
    # addresses, IMAD among them.
    assert count.classes["add/shift/logic"] == 4
    assert count.classes["global"] == 2 and count.classes["control"] == 1
    assert count.classes["address"] == 11


def test_recorded_multiplication_of_data_is_found(listings):
    count = count_loop(listings["sum_1_shift"], "shift")
    assert [str(one) for one in count.multiplications] == [
        "IMAD R9, R13, R0, R9"]
    assert count.classes["multiply"] == 1


def test_steps_with_a_loop_inside_are_counted_whole():
    listing = listing_of("""
        MOV R0, RZ
.step:
        LDGSTS.E.BYPASS.128 [R20], [R2.64]
        BAR.SYNC 0x0
.products:
        LDS R8, [R4]
        IDP.4A.S8.S8 R0, R8, R8, R0
        @P1 BRA `(.products)
        @P2 BRA `(.step)
        STG.E [R2.64], R0
        EXIT""")
    assert count_loop(listing, "dp4a").issued == 3
    count = count_loop(listing, "dp4a", 32)
    assert count.products == 32 and count.issued == 8 * 3 + 3
    assert count.classes["dot"] == 8 and count.classes["copy"] == 1
    assert count_loop(listing, "mma") is None


@pytest.mark.parametrize("shape, instructions", [
    # 64 x 64 x 32 of 4 warps: 16 products, 4 fragments, 2 copies of 16 bytes.
    (Shape("mma", 80, 64, 64, 32, 128), 16 + 4 + 2 * 2 + 7),
    (Shape("mma", 75, 64, 64, 32, 128), 32 + 4 + 3 * 2 + 5),
    (Shape("dp4a", 80, 64, 64, 32, 256), 128 + 16 + 2 * 1 + 7),
    (Shape("dp4a", 80, 64, 64, 32, 256, planes=2), 256 + 24 + 2 * 1.5 + 7),
    (Shape("shift", 80, 64, 64, 16, 256),
     256 * 2.5 + 16 * 12 / 4 + 4 * 1.5 + 4 * 3.5 + 5),
    (Shape("float", 80, 64, 64, 16, 256), 256 + 32 + 2 * 2 + 7),
])
def test_minimum_is_what_the_page_derives(shape, instructions):
    assert minimum_per_mac(shape) * shape.macs == pytest.approx(instructions)


@pytest.mark.parametrize("capability, threads, registers, shared, blocks", [
    (80, 256, 32, 0, 8),            # threads
    (80, 256, 64, 0, 4),            # registers
    (80, 32, 16, 0, 32),            # blocks
    (75, 128, 32, 16384, 4),        # shared memory
    (80, 128, 32, 16384, 9),        # a KiB of each block is the system's
    (86, 1024, 80, 0, 0),           # too many registers for any
])
def test_occupancy_has_the_limits_of_the_capability(
        capability, threads, registers, shared, blocks):
    family = families()[capability]
    assert family.resident_blocks(threads, registers, shared) == blocks


def test_prediction_is_the_longest_part_and_says_which():
    gpu = {gpu.name: gpu for gpu in gpus()}["A100"]
    step = Step("", "", blocks=216, threads=256, shared_bytes=0,
                read_bytes=8000)
    work = Work()
    work.add(listing_of("IDP.4A.S8.S8 R0, R1, R2, R0").instructions, 64000)
    cycle = 1 / 1.41e9
    predicted = predict(step, work, 2, gpu)
    # Two blocks a multiprocessor, 64 results a cycle.
    assert predicted.bound == "multiply"
    assert predicted.seconds == pytest.approx(
        LAUNCH_SECONDS + 2 * 256 * 64000 / 64 * cycle)
    # Four of the eight warps that keep it busy.
    step.blocks, step.threads = 108, 128
    assert predict(step, work, 1, gpu).seconds == pytest.approx(
        LAUNCH_SECONDS + 128 * 64000 / 64 * cycle * 2)
    step.read_bytes = 10 ** 10
    assert predict(step, work, 1, gpu).bound == "memory"
    assert predict(step, None, 1, gpu).seconds == pytest.approx(
        LAUNCH_SECONDS + 10 ** 10 / (0.8 * gpu.gigabytes * 1e9))
    step.macs, step.read_bytes = 10 ** 12, 8000
    assert predict_peer(step, gpu, 1) == pytest.approx(
        LAUNCH_SECONDS + 2 * 10 ** 12 / (0.7 * 624e12))


def test_resources_are_read_from_ptxas():
    kernel = read_resources("""
ptxas info    : Compiling entry function 'k' for 'sm_90'
ptxas info    : Function properties for k
    16 bytes stack frame, 4 bytes spill stores, 8 bytes spill loads
ptxas info    : Used 255 registers, used 1 barriers, 2560 bytes smem
""")["k"]
    assert (kernel.registers, kernel.shared, kernel.stack, kernel.spills) == (
        255, 2560, 16, 12)


def test_texts_that_are_no_programs_are_refused():
    with pytest.raises(ProgramError, match="expected kernels"):
        read_program("int main() {}")


def test_table_of_gpus_is_whole():
    assert {gpu.name for gpu in gpus()} == {"T4", "A100", "L4", "H100", "B200"}
    for gpu in gpus():
        # The tensor cores' rate is the data sheet's share of a
        # multiprocessor, where mma.sync has it.
        rate = (gpu.int8_tops * 1e12 / 2 / gpu.multiprocessors /
                (gpu.megahertz * 1e6))
        assert gpu.family.mma <= rate * 1.01
        if gpu.family.capability < 90:
            assert gpu.family.mma == pytest.approx(rate, rel=0.02)
