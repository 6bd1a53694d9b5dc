#!/usr/bin/env python3
"""No file over 500 lines, no function over 70.

source_size.py --check ROOT       prints each that is too long, fails if there is one
source_size.py --self-test ROOT   shows on made sources that it can fail

Functions are measured by the layout clang-format gives: a body ends at a line
that holds one brace at the indentation of the line it began on. A decode
switch that reads as a table may carry NOLINT(readability-function-size) on
its first line.
"""

import pathlib
import re
import sys

FILE_LIMIT = 500
FUNCTION_LIMIT = 70
FOLDERS = ("libarchive-core", "tools", "tests", "fuzz", "bench", "cmake", ".ci")
SUFFIXES = {".h", ".cc", ".py", ".sh", ".cmake", ".in"}
EXCUSE = "NOLINT(readability-function-size)"
CLOSING = re.compile(r"^( *)}(?: else.*{)?$")


def indent(line):
    return len(line) - len(line.lstrip(" "))


def first_line(lines, end, depth):
    """Index of the line where the block closed at `end` began."""
    for index in range(end - 1, -1, -1):
        line = lines[index]
        if line.strip() and not line.startswith("#") and indent(line) <= depth:
            return index
    return end


def long_functions(lines):
    for end, line in enumerate(lines):
        match = CLOSING.match(line)
        if not match:
            continue
        start = first_line(lines, end, len(match.group(1)))
        length = end - start + 1
        if length > FUNCTION_LIMIT and EXCUSE not in lines[start]:
            yield start + 1, length


def is_source(path):
    if path.suffix in SUFFIXES or path.name == "CMakeLists.txt":
        return True
    # Scripts without an ending are known by their first bytes.
    if path.suffix:
        return False
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def faults_of(name, text):
    lines = text.splitlines()
    if len(lines) > FILE_LIMIT:
        yield f"{name}: {len(lines)} lines, limit {FILE_LIMIT}"
    if name.endswith((".h", ".cc")):
        for number, length in long_functions(lines):
            yield f"{name}:{number}: {length} lines in one function, limit {FUNCTION_LIMIT}"


def faults(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if "corpus" in path.parts or "data" in path.parts:
                continue
            if path.is_file() and is_source(path):
                name = str(path.relative_to(root))
                yield from faults_of(name, path.read_text(encoding="utf-8", errors="replace"))


def self_test():
    body = "  Step();\n"
    wrapped = "Status Run(int a,\n           int b) {\n"
    method = "class A {\n  void Run() {\n" + "    Step();\n" * 80 + "  }\n};\n"
    cases = [
        ("short.cc", "void Run() {\n" + body * 68 + "}\n", 0),
        ("long.cc", "void Run() {\n" + body * 69 + "}\n", 1),
        ("wrapped.cc", wrapped + body * 68 + "}\n", 1),
        ("excused.cc", "void Run() {  // " + EXCUSE + "\n" + body * 90 + "}\n", 0),
        ("two.cc", ("void Run() {\n" + body * 50 + "}\n\n") * 2, 0),
        ("method.h", method, 1),
        ("space.cc", "namespace a {\n" + "int x;\n" * 90 + "}  // namespace a\n", 0),
        ("file.py", "x = 1\n" * 500, 0),
        ("file.py", "x = 1\n" * 501, 1),
    ]
    for name, text, expected in cases:
        found = list(faults_of(name, text))
        if len(found) != expected:
            yield f"{name}: expected {expected}, found {found}"


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("--check", "--self-test"):
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[2])
    found = list(self_test() if sys.argv[1] == "--self-test" else faults(root))
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
