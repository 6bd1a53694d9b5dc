#!/usr/bin/env python3
"""Includes go only downward: checks every room, its link edges and the tools.

include_direction.py --check ROOT       prints each wrong edge, fails if there is one
include_direction.py --self-test ROOT   shows on small made trees that it can fail
"""

import pathlib
import re
import sys
import tempfile

# What each room may include. A room named in CONTRACT is open to the rooms
# listed there by its contract header only, never by its implementations.
ALLOWED = {
    "base": set(),
    "bytes": {"base"},
    "windows": {"base", "bytes"},
    "hive": {"base", "bytes", "windows"},
    "device": {"base", "bytes"},
    "container": {"base", "bytes", "device"},
    "object": {"base", "bytes", "device", "container"},
    "source": {"base", "bytes", "windows", "container", "object"},
    "target": {"base", "bytes", "windows", "container", "object"},
    "iscsi": {"base", "bytes", "device"},
    "ntfs": {"base", "bytes", "windows", "container", "object"},
    "jobs": {"base", "bytes", "windows", "hive", "device", "container", "object", "source", "target"},
    "catalog": {"base", "bytes", "windows", "device", "container", "object", "jobs"},
    "postgres": {"base", "bytes", "catalog"},
}
CONTRACT = {"device": ({"tapir/device/block_device.h"}, {"container", "object"})}

# Types of these libraries stay out of installed headers.
PRIVATE_LIBRARIES = re.compile(r"(zstd|zdict|xxh|openssl/|CLI/|nlohmann/|hivex|sqlite3|libpq|re2/|gtest/|gmock/)")

CORE = "libarchive-core"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
ROOM_CALL = re.compile(r"\btapir_room\(([^()]*)\)")
CMAKE_KEYWORDS = {"NAME", "DEPENDS", "LIBRARIES", "DEFINITIONS", "GENERATED_HEADERS"}


def includes(path):
    """Yields (line number, included path) of one source."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(2)


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cc") and p.is_file())


def rooms_in(root):
    """The rooms that exist as folders, private or public."""
    core = root / CORE
    found = {p.name for p in core.glob("*") if p.is_dir() and p.name != "include"}
    return found | {p.name for p in (core / "include" / "tapir").glob("*") if p.is_dir()}


def room_of(included, rooms):
    """(room, is public) of an include path, or None for what is not ours."""
    parts = included.split("/")
    if parts[0] == "tapir" and len(parts) > 2:
        return parts[1], True
    if len(parts) > 1 and parts[0] in rooms:
        return parts[0], False
    return None


def edge_fault(room, other, included):
    """Why `room` may not include `included` of room `other`, or None."""
    if other == room:
        return None
    if other not in ALLOWED[room]:
        return f"{room} may not include {other}"
    headers, limited = CONTRACT.get(other, (set(), set()))
    if room in limited and included not in headers:
        return f"{room} may include only the contract of {other}"
    return None


def room_faults(root, room, rooms, links):
    core = root / CORE
    public = core / "include" / "tapir" / room
    for path in sources(core / room) + sources(public):
        for number, included in includes(path):
            place = f"{path.relative_to(root)}:{number}"
            is_public = public in path.parents
            if is_public and PRIVATE_LIBRARIES.match(included):
                yield f"{place}: public header includes <{included}>"
            if included.startswith((".", "tools/", "tests/", CORE)):
                yield f"{place}: {included}: not a path of a room"
            edge = room_of(included, rooms)
            if edge is None:
                continue
            other, other_is_public = edge
            if is_public and not other_is_public:
                yield f"{place}: public header includes private {included}"
            fault = edge_fault(room, other, included)
            if fault:
                yield f"{place}: {included}: {fault}"
            elif other != room and other not in links.get(room, set()):
                yield f"{place}: {included}: {CORE}/CMakeLists.txt does not link {room} to {other}"


def tool_faults(root, rooms):
    for path in sources(root / "tools"):
        for number, included in includes(path):
            edge = room_of(included, rooms)
            private = edge is not None and not edge[1]
            if private or included.startswith((".", CORE)):
                yield f"{path.relative_to(root)}:{number}: {included}: tools use public headers only"


def link_edges(root):
    """{room: rooms it links} as tapir_room() calls declare them."""
    text = (root / CORE / "CMakeLists.txt").read_text(encoding="utf-8")
    text = re.sub(r"#.*", "", text)
    edges = {}
    for call in ROOM_CALL.findall(text):
        values, keyword = {}, None
        for word in call.split():
            if word in CMAKE_KEYWORDS:
                keyword = word
            else:
                values.setdefault(keyword, []).append(word)
        edges[values["NAME"][0]] = set(values.get("DEPENDS", []))
    return edges


def faults(root):
    rooms = rooms_in(root)
    links = link_edges(root)
    for room in sorted(rooms | set(links)):
        if room not in ALLOWED:
            yield f"{CORE}/{room}: unknown room; say here what it may include"
            continue
        for other in sorted(links.get(room, set()) - ALLOWED[room]):
            yield f"{CORE}/CMakeLists.txt: {room} may not link {other}"
        yield from room_faults(root, room, rooms, links)
    yield from tool_faults(root, rooms)


# (file, its include line, part of the expected message or None for "no fault")
SAMPLES = [
    ("libarchive-core/bytes/a.cc", '"tapir/base/status.h"', None),
    ("libarchive-core/bytes/a.cc", '"bytes/b.h"', None),
    ("libarchive-core/container/a.cc", '"tapir/device/block_device.h"', None),
    ("libarchive-core/jobs/a.cc", '"tapir/device/file_device.h"', None),
    ("tools/a.cc", '"tapir/jobs/archive.h"', None),
    ("tools/a.cc", '"tools/progress.h"', None),
    ("libarchive-core/base/a.cc", '"tapir/bytes/cursor.h"', "base may not include bytes"),
    ("libarchive-core/base/a.h", '"object/packer.h"', "base may not include object"),
    ("libarchive-core/bytes/a.cc", '"tapir/device/block_device.h"', "bytes may not include device"),
    ("libarchive-core/container/a.cc", '"device/file_device.h"', "only the contract"),
    ("libarchive-core/container/a.cc", '"../object/packer.h"', "not a path of a room"),
    ("libarchive-core/object/a.cc", "<tapir/source/tree.h>", "object may not include source"),
    ("libarchive-core/source/a.cc", '"tapir/device/block_device.h"', "source may not include device"),
    ("libarchive-core/include/tapir/bytes/a.h", "<zstd.h>", "public header includes <zstd.h>"),
    ("libarchive-core/include/tapir/hive/a.h", "<hivex.h>", "public header includes <hivex.h>"),
    ("libarchive-core/windows/a.cc", '"hive/library.h"', "windows may not include hive"),
    ("libarchive-core/include/tapir/bytes/a.h", '"bytes/b.h"', "includes private bytes/b.h"),
    ("libarchive-core/cellar/a.cc", "<vector>", "unknown room"),
    ("tools/a.cc", '"container/block_header.h"', "tools use public headers only"),
]
LINK_SAMPLES = [
    ("tapir_room(NAME base\n  DEPENDS jobs)", "base may not link jobs"),
    ("tapir_room(NAME bytes LIBRARIES x)", "does not link bytes to base"),
]


def sample_faults(path, include, cmake=None):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for room in ALLOWED:
            (root / CORE / room).mkdir(parents=True)
        lines = (f"tapir_room(NAME {r} DEPENDS {' '.join(sorted(d))})" for r, d in ALLOWED.items())
        (root / CORE / "CMakeLists.txt").write_text(cmake or "\n".join(lines))
        source = root / path
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(f"#include {include}\n")
        return list(faults(root))


def self_test():
    wrong = []
    for path, include, expected in SAMPLES:
        found = sample_faults(path, include)
        good = any(expected in f for f in found) if expected else not found
        if not good:
            wrong.append(f"{path} with {include}: expected {expected}, found {found}")
    for cmake, expected in LINK_SAMPLES:
        found = sample_faults("libarchive-core/bytes/a.cc", '"tapir/base/status.h"', cmake)
        if not any(expected in f for f in found):
            wrong.append(f"{cmake!r}: expected {expected}, found {found}")
    return wrong


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("--check", "--self-test"):
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[2])
    found = self_test() if sys.argv[1] == "--self-test" else list(faults(root))
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
