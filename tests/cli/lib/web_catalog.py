"""A catalogue with names that a page must not take for its own, and the server that shows it."""

import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile

TAPIR = os.path.realpath(os.environ["TAPIR"])

# A name has no '/' in it: the end of the element makes a directory of its beginning.
SCRIPT = '<script>document.title="pwned"</script>'
IMAGE = "\"><img src=x onerror=document.title='pwned'>"
LABEL = "tapes <b onclick=alert(1)>&amp;"
PLACE = "shelf 3 </td><script>document.title='pwned'</script>"
NOTE = "<svg/onload=document.title='pwned'>"
# Not UTF-8, and letters that turn the direction of writing.
BYTES = b"caf\xe9.txt"
TURNED = "photo\u202egpj.exe"
QUOTES = "it's 50% $(touch pwned) `x`.txt"


def tapir(*arguments, status=0, **options):
    done = subprocess.run([TAPIR, *arguments], capture_output=True, check=False, **options)
    if done.returncode != status:
        raise AssertionError(f"status {done.returncode} instead of {status}: {arguments}\n"
                             f"{done.stdout.decode(errors='replace')[-1000:]}"
                             f"{done.stderr.decode(errors='replace')[-1000:]}")
    return done.stdout


def make_tree(root):
    """What goes on the first volume."""
    for folder in ("docs/deep/er", "photos/2026"):
        (root / folder).mkdir(parents=True)
    for name in (SCRIPT, IMAGE, TURNED, QUOTES, "docs/report.txt", "docs/deep/er/notes.txt",
                 "weird [1]*?.txt", "back\\slash", "new\nline"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"contents of {name}\n", encoding="utf-8")
    with open(os.fsencode(root) + b"/" + BYTES, "wb") as file:
        file.write(b"bytes\n")
    (root / "a link").symlink_to(SCRIPT)
    picture = random.Random(1).randbytes(300_000)
    for name in ("photos/2026/one.raw", "photos/2026/one again.raw", "docs/" + "copy & paste.raw"):
        (root / name).write_bytes(picture)
    for number in range(700):
        (root / "photos" / f"img_{number:04}.jpg").write_bytes(b"%d" % number * 20)


def damage(volume):
    """Spoils a few bytes in the middle of what is on it."""
    with open(volume, "r+b") as file:
        file.seek(os.path.getsize(volume) // 2)
        file.write(b"spoiled bytes")


def make_catalogue(folder):
    """Returns the file: a volume with two sessions, a set of three tapes, a damaged volume."""
    catalogue = folder / "catalogue.db"
    root = folder / "tree"
    make_tree(root)
    first = folder / "first volume.tapir"
    tapir("archive", first, "-C", root, ".", "--label", LABEL)
    (root / "docs/report.txt").write_text("second contents\n", encoding="utf-8")
    (root / "docs/late.txt").write_text("late\n", encoding="utf-8")
    tapir("archive", first, "-C", root, "docs")
    tapir("catalog", "add", first, "--catalog", catalogue)
    tapir("verify", first, "--catalog", catalogue)

    big = folder / "big"
    big.mkdir()
    for number in range(5):
        (big / f"reel {number}.bin").write_bytes(random.Random(number).randbytes(16_000_000))
    tapes = [folder / f"tape{number}.tap" for number in range(3)]
    further = [word for tape in tapes[1:] for word in ("--next", f"vtape:{tape}")]
    tapir("archive", f"vtape:{tapes[0]}", "--capacity", "32M", "--label", "film", *further,
          "-C", folder, "big")
    for tape in tapes:
        tapir("catalog", "add", f"vtape:{tape}", "--catalog", catalogue)

    spoiled = folder / "spoiled.tapir"
    tapir("archive", spoiled, "-C", root, "photos", "--label", "spoiled")
    tapir("catalog", "add", spoiled, "--catalog", catalogue)
    damage(spoiled)
    tapir("verify", spoiled, "--catalog", catalogue, status=3)
    tapir("catalog", "volumes", "--location", LABEL, PLACE, "--catalog", catalogue)
    tapir("catalog", "note", LABEL, NOTE, "--catalog", catalogue)
    return catalogue


@contextlib.contextmanager
def scratch():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tapir-web."))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def served(catalogue, *arguments):
    """The address of the page; the server has ended cleanly when this has."""
    command = [TAPIR, "catalog", "serve", "--catalog", catalogue, "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline()
            found = re.search(r"(http://\S+/)\n", line)
            if not found:
                raise AssertionError(f"the server said: {line!r}")
            yield found.group(1)
        except BaseException:
            server.kill()
            raise
        server.send_signal(signal.SIGINT)
        if server.wait(timeout=20) != 0:
            raise AssertionError(f"the server ended with {server.returncode}")
