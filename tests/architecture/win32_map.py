#!/usr/bin/env python3
"""Checks that every command and test suite named in format-spec/win32-map.md exists.

usage: win32_map.py --check SOURCE_DIR | --self-test SOURCE_DIR
"""
import pathlib
import re
import sys
import tempfile


def rows(text):
    """The cells of each table row below a heading row."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] != "Win32" and set(line) - set("|-"):
            yield cells


def test_suites(root):
    names = set()
    for path in (root / "tests").rglob("*_test.cc"):
        names.update(re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+)", path.read_text(), re.M))
    return names


def problems(root):
    text = (root / "format-spec" / "win32-map.md").read_text()
    suites = test_suites(root)
    found = list(rows(text))
    if not found:
        yield "win32-map.md has no rows"
    for cells in found:
        for command in re.findall(r"`([^`]+)`", cells[2]):
            if not (root / "tools" / f"{command.split()[0]}.cc").exists():
                yield f"{cells[0]}: there is no command '{command}'"
        for suite in filter(None, re.split(r",\s*", cells[3])):
            if suite not in suites:
                yield f"{cells[0]}: there is no test suite '{suite}'"


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("format-spec", "tests", "tools"):
            (root / name).mkdir()
        (root / "tools" / "list.cc").write_text("")
        (root / "tests" / "a_test.cc").write_text("TEST(Known, One) {}\n")
        table = root / "format-spec" / "win32-map.md"
        table.write_text("| Win32 | Tapir | command | test |\n|---|---|---|---|\n"
                         "| A | x | `list` | Known |\n")
        assert not list(problems(root))
        table.write_text(table.read_text() + "| B | x | `gone` | Unknown |\n")
        assert len(list(problems(root))) == 2


def main():
    mode, root = sys.argv[1], pathlib.Path(sys.argv[2])
    if mode == "--self-test":
        self_test()
        return 0
    found = list(problems(root))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
