"""Files as Windows' backup calls make them, to be archived: windows_files.py KIND FILE.

raw, raw-warned: a raw export of an encrypted file ([MS-EFSR] 2.2.3), sound and with an odd shift
bks, bks-odd:    backup streams ([MS-BKUP]), in the usual order and with data that are no one file's
"""

import struct
import sys

THUMBPRINT = bytes.fromhex("41" * 20)


def key_entry():
    certificate = struct.pack("<5I", 20, 20, 0, 0, 40) + THUMBPRINT + "Ann\0".encode("utf-16-le")
    sid = bytes([1, 1, 0, 0, 0, 0, 0, 5]) + struct.pack("<I", 18)
    public_key = struct.pack("<5I8x", 28 + len(sid) + len(certificate), 28, 3, len(certificate),
                             28 + len(sid)) + sid + certificate
    fek = b"F" * 32
    return struct.pack("<5I", 20 + len(public_key) + len(fek), 20, len(fek), 20 + len(public_key),
                       0) + public_key + fek


def metadata():
    keys = struct.pack("<I", 1) + key_entry()
    return struct.pack("<4I16s16s16x5I", 84 + len(keys), 0, 2, 0, b"i" * 16, b"", 84, 0, 0, 0,
                       0) + keys


def stream(name, flag=0):
    return struct.pack("<I", 28 + len(name)) + "NTFS".encode("utf-16-le") + struct.pack(
        "<I8xI", flag, len(name)) + name


def segment(body):
    return struct.pack("<I", 16 + len(body)) + "GURE".encode("utf-16-le") + bytes(4) + body


def encrypted(offset, data, size, cluster_shift):
    head = struct.pack("<QIIIHBBBBHI", offset, 496, size, size, 0, 16, 16, cluster_shift, 1, 1,
                       len(data))
    head += b"EXTD" + struct.pack("<3I", 16, 0, 0)
    return segment(head.ljust(496, b"\0") + data)


def raw_export(cluster_shift=12):
    out = bytes.fromhex("00010000") + "ROBS".encode("utf-16-le") + bytes(8)
    out += stream(b"\x10\x19") + segment(metadata())
    out += stream("::$DATA\0".encode("utf-16-le"))
    return out + encrypted(0, b"\xa5" * 1024, 1000, cluster_shift)


def backup_stream(number, data, name=b"", attributes=0):
    return struct.pack("<IIQI", number, attributes, len(data), len(name)) + name + data


def backup_streams():
    data = backup_stream(1, b"the letter\n")
    return data + backup_stream(4, b"from the net", ":zone:$DATA".encode("utf-16-le"))


KINDS = {
    "raw": raw_export,
    "raw-warned": lambda: raw_export(cluster_shift=30),
    "bks": backup_streams,
    "bks-odd": lambda: backup_stream(1, b"one") + backup_stream(1, b"two"),
}

with open(sys.argv[2], "wb") as out:
    out.write(KINDS[sys.argv[1]]())
