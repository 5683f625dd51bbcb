# SPDX-License-Identifier: Apache-2.0
"""check-weights.py M.weights.bin M.cu: the header of the weights of
emit-host-program.mlir, their bytes, and the hash that the text expects."""
import struct
import sys

data = open(sys.argv[1], "rb").read()
text = open(sys.argv[2]).read()
magic, version, header, size, stored = struct.unpack("<8sIIQQ", data[:32])
payload = data[64:]
value = 0xCBF29CE484222325
for byte in payload:
    value = (value ^ byte) * 0x100000001B3 % 2**64
assert (magic, version, header) == (b"SHIFTWTS", 1, 64), data[:64]
assert size == len(payload) and stored == value, (size, stored, value)
assert not any(data[32:64]), data[32:64]
assert payload[:8] == struct.pack("<2i", 5, 6), payload
assert payload[64:] == bytes([1, 254, 3, 4]), payload
assert f"weightHash = 0x{value:x}u;" in text
