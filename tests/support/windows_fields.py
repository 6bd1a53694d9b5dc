"""Reads what `tapir inspect --json` says and prints every field of the objects, what the index says of
them beside names and times, and which records are malformed, one a line, if the volume has objects of
Windows (paths in WTF-8). Else nothing."""

import base64
import json
import sys

OTHERS = {"LABEL", "START", "END", "leaf page", "inner page", "child"}
OF_DATA = {"first_object", "stream_number", "stream_offset", "raw_bytes", "raw_checksum"}
OF_ENTRY = ("ordinal", "path", "size", "further_streams", "file_attributes", "reparse_tag", "sis_", "excluded_by")


def shown(item):
    fields = item["fields"]
    if item["level"] == "damage":
        return "malformed " + item["type"], {"path": fields.get("path", "")}
    if item["level"] == "chunk" and item["type"] == "data":
        return "data chunk", {name: fields[name] for name in fields if name in OF_DATA}
    if item["level"] != "record" or item["type"] in OTHERS:
        return None
    if item["type"] == "entry":
        fields = {name: fields[name] for name in fields if name.startswith(OF_ENTRY)}
    return item["type"], fields


def main():
    items = [shown(json.loads(line)) for line in sys.stdin]
    items = [item for item in items if item]
    if not any(fields.get("path_encoding") == "1" for _, fields in items):
        return
    out = sys.stdout.buffer
    for kind, fields in items:
        out.write(f"\n{kind}\n".encode())
        for name, value in fields.items():
            # Beside a name that is not UTF-8 stand its bytes.
            if name.endswith("_base64"):
                continue
            exact = fields.get(name + "_base64")
            data = base64.b64decode(exact) if exact else value.encode()
            out.write(f"  {name} ".encode() + data + b"\n")


main()
