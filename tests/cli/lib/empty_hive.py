"""An empty registry hive, for hivexregedit to fill: empty_hive.py FILE."""

import struct
import sys

BIN_BYTES = 4096
NO_CELL = 0xFFFFFFFF


def cell(body):
    size = (len(body) + 4 + 7) // 8 * 8
    return struct.pack("<i", -size) + body.ljust(size - 4, b"\0")


def root_key(security):
    name = b"ROOT"
    return b"nk" + struct.pack("<HQ15IHH", 0x2C, 132000000000000000, 0, 0, 0, 0, NO_CELL, NO_CELL, 0,
                               NO_CELL, security, NO_CELL, 0, 0, 0, 0, 0, len(name), 0) + name


def security_cell(at):
    # Self-relative, with nobody as owner and group.
    sid = bytes([1, 1, 0, 0, 0, 0, 0, 5]) + struct.pack("<I", 18)
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8000, 20, 32, 0, 0) + sid + sid
    return b"sk" + struct.pack("<HIIII", 0, at, at, 1, len(descriptor)) + descriptor


def hive():
    root_at = 32
    security_at = root_at + len(cell(root_key(0)))
    cells = cell(root_key(security_at)) + cell(security_cell(security_at))
    free = BIN_BYTES - 32 - len(cells)
    data = b"hbin" + struct.pack("<IIQQI", 0, BIN_BYTES, 0, 0, 0) + cells
    data += struct.pack("<i", free).ljust(free, b"\0")
    head = b"regf" + struct.pack("<IIQ7I", 1, 1, 132000000000000000, 1, 5, 0, 1, root_at, BIN_BYTES, 1)
    head = head.ljust(508, b"\0")
    total = 0
    for (word,) in struct.iter_unpack("<I", head):
        total ^= word
    return (head + struct.pack("<I", total)).ljust(4096, b"\0") + data


with open(sys.argv[1], "wb") as out:
    out.write(hive())
