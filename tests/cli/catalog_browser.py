#!/usr/bin/env python3
"""The page of `tapir catalog serve`, and that of `tapir catalog report`, in Chromium.

TAPIR_SCREENSHOTS names a folder that gets a picture of every view.
"""

import base64
import os
import pathlib
import shlex
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
import web_catalog as made  # noqa: E402
import webdriver  # noqa: E402

CHECKS = pathlib.Path(HERE, "lib", "page_checks.js").read_text(encoding="utf-8")
SCREENSHOTS = os.environ.get("TAPIR_SCREENSHOTS")
FOUND = "[...document.querySelectorAll('#hits .path')].map((a) => a.textContent)"


def encode(path):
    return base64.urlsafe_b64encode(os.fsencode(path)).decode().rstrip("=")


class Pages:
    def __init__(self, page, address):
        self.page = page
        self.address = address
        self.sets = {}

    def go(self, view, **parameters):
        query = urllib.parse.urlencode(parameters)
        self.page.open("about:blank")
        self.page.open(f"{self.address}#{view}{'?' + query if query else ''}")

    def check(self, name):
        """Holds what every view must: in the dark, in the light, and on a narrow window."""
        for scheme in ("light", "dark"):
            self.page.scheme(scheme)
            for width in (1200, 360):
                self.page.width(width)
                self.shoot(f"{name}-{scheme}-{width}")
                seen = self.page.run(CHECKS)
                where = (name, scheme, width)
                assert not seen["faint"], (where, seen["faint"])
                assert not seen["unnamed"], (where, seen["unnamed"])
                assert seen["tooWide"] <= 0, (where, seen["tooWide"])
                assert seen["intruders"] == 0, (where, seen["intruders"])
                assert "pwned" not in seen["title"], where
        self.page.scheme("light")
        self.page.width(1200)

    def shoot(self, name):
        if not SCREENSHOTS:
            return
        os.makedirs(SCREENSHOTS, exist_ok=True)
        pathlib.Path(SCREENSHOTS, f"{name}.png").write_bytes(
            base64.b64decode(self.page.screenshot()))

    def check_logs(self):
        errors = [line["message"] for line in self.page.log("browser")
                  if line["level"] in ("SEVERE", "WARNING")]
        assert not errors, errors
        for address in self.page.requests():
            assert address.startswith((self.address, "data:", "about:")), address


def look_for(page, text):
    """From anywhere, by keyboard."""
    if page.focused() != "q":
        page.press("/")
    assert page.wait("return document.activeElement.id === 'q'")
    page.run("document.activeElement.select()")
    page.press(text)


def search(pages):
    """From the empty box to the basket, by keyboard alone."""
    page = pages.page
    pages.go("search")
    page.wait("return document.activeElement.id === 'q'")
    pages.check("search-empty")
    page.press("img_00")
    page.wait(f"return {FOUND}.includes('photos/img_0099.jpg')")
    assert "hits" in page.run("return document.getElementById('search-status').textContent")
    # That there are more is told, and they are got.
    look_for(page, "photos/")
    page.wait("return document.getElementById('search-status').textContent"
              ".startsWith('The first 200')")
    page.run("document.getElementById('more').focus()")
    page.press("Enter")
    page.wait("return document.querySelectorAll('#hits > li').length > 700")
    page.wait("return document.activeElement.closest('#hits > li') !== null")
    for shown, needle in ((r"caf\xE9.txt", "caf"), (r"photo\xE2\x80\xAEgpj.exe", "gpj")):
        look_for(page, needle)
        page.wait(f"return {FOUND}.includes(arguments[0])", shown)
    hostile = ((made.SCRIPT, "pwned\"</scr"), (made.IMAGE, "onerror"))
    for count, (shown, needle) in enumerate(hostile):
        look_for(page, needle)
        page.wait(f"return {FOUND}.join() === arguments[0]", shown)
        page.press("ArrowDown")
        assert page.run("return document.activeElement.textContent") == shown
        page.press("b", "ArrowUp")
        assert page.focused() == "q"
        page.wait("return document.getElementById('basket-count').textContent === arguments[0]",
                  str(count + 1))
    look_for(page, "pwned")
    page.wait(f"return {FOUND}.length >= 3")
    pages.check("search")
    page.run("document.getElementById('filters').open = true")
    pages.check("search-filters")


def filters(pages):
    page = pages.page
    pages.go("search", q="report", all=1)
    page.wait("return document.querySelectorAll('#hits > li').length === 2")
    assert page.run("return document.getElementById('filters').open")
    pages.go("search", q="(", form="regex")
    page.wait("return document.getElementById('search-status').classList.contains('error')")
    pages.page.log("browser")  # an answer with status 400 is told there
    pages.go("search", q="raw", min_size="200K", type="file")
    page.wait("return document.querySelectorAll('#hits > li').length >= 3")


def browse(pages):
    """Down the tree, along it and back, by keyboard alone."""
    page = pages.page
    pages.go("browse")
    page.wait("return document.querySelectorAll('#tree > li').length === 3")
    page.run("document.querySelector('nav a:last-child').focus()")
    page.press("Tab")
    assert page.run("return document.activeElement.getAttribute('role')") == "treeitem"
    page.press("End")
    while made.LABEL not in page.focused():
        page.press("ArrowUp")
    page.press("ArrowRight")
    page.wait("return document.activeElement.getAttribute('aria-expanded') === 'true'")
    page.press("ArrowRight")
    assert page.focused() == "Newest state"
    page.press("ArrowRight")
    page.wait("return document.activeElement.getAttribute('aria-expanded') === 'true'")
    names = page.run("return [...document.activeElement.querySelectorAll(':scope > ul > li')]"
                     ".map((li) => li.querySelector('.name').textContent)")
    assert made.IMAGE in names and r"caf\xE9.txt" in names and r"new\nline" in names, names
    for _ in range(len(names)):
        page.press("ArrowDown")
        if page.focused() == "photos":
            break
    page.press("Enter")
    page.wait("return document.activeElement.getAttribute('aria-expanded') === 'true'")
    page.press("b", "ArrowRight", "ArrowLeft")
    assert page.focused() == "photos"
    assert page.wait("return document.getElementById('basket-count').textContent") == "3"
    # One stop for the whole tree.
    assert page.run("return document.querySelectorAll('#tree [tabindex=\"0\"]').length") == 1
    page.press("Tab")
    assert page.run("return document.activeElement.closest('#details') !== null")
    pages.check("browse")
    # An address leads down to what it names, beyond what is shown at first too.
    for path in (made.SCRIPT, "photos/img_0690.jpg", os.fsdecode(made.BYTES)):
        pages.go("browse", set=pages.sets[made.LABEL], path=encode(path))
        page.wait("return document.querySelector('[aria-selected=\"true\"]') !== null"
                  " && document.querySelector('#details .path')?.textContent === arguments[0]",
                  path if path != os.fsdecode(made.BYTES) else r"caf\xE9.txt")
    pages.check("browse-deep")


def volumes(pages):
    page = pages.page
    pages.go("volumes")
    page.wait("return document.querySelectorAll('#volume-list tbody tr').length === 5")
    assert made.PLACE in page.run("return document.getElementById('volume-list').textContent")
    pages.check("volumes")
    names = page.run("return Object.fromEntries([...document.querySelectorAll("
                     "'#volume-list tbody a')].map((a) => [a.textContent, a.href]))")
    for name, file in ((made.LABEL, "volume"), ("spoiled", "volume-damaged"),
                       ("film#2", "volume-tape")):
        page.open("about:blank")
        page.open(names[name])
        page.wait("return document.getElementById('volume-heading').textContent === arguments[0]"
                  " && document.querySelector('svg.picture') !== null", name)
        page.run("document.querySelector('svg.picture').focus()")
        page.press("ArrowRight", "ArrowRight")
        said = page.run("return document.querySelector('svg.picture + p').textContent")
        assert said.startswith("From "), said
        damaged = page.run("return document.querySelector('.picture .damage') !== null")
        assert damaged == (name == "spoiled"), (name, damaged)
        pages.check(file)


def duplicates(pages):
    page = pages.page
    pages.go("duplicates")
    page.wait("return document.getElementById('duplicates-status').textContent"
              " === 'The 100 that hold most.'")
    page.run("document.getElementById('duplicates-size').focus()")
    page.press("100K", "Enter")
    page.wait("return document.getElementById('duplicates-status').textContent === '1 content.'")
    assert "one again.raw" in page.run("return document.getElementById('duplicates').textContent")
    pages.check("duplicates")


def basket(pages, folder):
    page = pages.page
    pages.go("search", q="reel", type="file")
    page.wait("return document.querySelectorAll('#hits > li').length === 5")
    page.run("document.querySelectorAll('#hits > li button').forEach((button) => button.click())")
    pages.go("basket")
    page.wait("return document.querySelectorAll('#basket-needs pre').length >= 2")
    heading = page.run("return document.querySelector('#basket-needs h2').textContent")
    assert heading == "Volumes needed: 4 mounts", heading
    order = page.run("return [...document.querySelectorAll('#basket-needs ol strong')]"
                     ".map((one) => one.textContent)")
    films = [name for name in order if name.startswith("film")]
    assert films == ["film#1", "film#2", "film#3"], order
    pages.check("basket")
    commands = page.run("return [...document.querySelectorAll('#basket-needs pre')]"
                        ".map((one) => one.textContent)")
    run_commands(commands, folder)
    page.run("document.querySelector('#basket-items button').focus()")
    before = page.run("return document.querySelectorAll('#basket-items > li').length")
    page.press("Enter")
    page.wait("return document.querySelectorAll('#basket-items > li').length === arguments[0]",
              before - 1)
    assert "Remove" in page.focused(), page.focused()
    page.run("document.getElementById('basket-clear').click()")
    page.wait("return document.getElementById('basket-count').textContent === '0'")
    pages.check("basket-empty")


def run_commands(commands, folder):
    """What the page says to run does what it says."""
    target = folder / "run"
    target.mkdir()
    for command in commands:
        assert shlex.split(command)[:2] == ["tapir", "restore"], command
        line = f'tapir() {{ "$TAPIR" "$@"; }}; {command}'
        done = subprocess.run(["bash", "-c", line], cwd=target, capture_output=True, check=False)
        assert done.returncode == 0, (command, done.stderr[-600:])
    restored = target / "restored"
    for number in range(5):
        name = f"big/reel {number}.bin"
        assert (restored / name).read_bytes() == (folder / name).read_bytes(), name
    assert len(list((restored / "photos").glob("img_*.jpg"))) == 700
    assert (restored / made.SCRIPT).read_bytes() == (folder / "tree" / made.SCRIPT).read_bytes()
    assert not list(folder.glob("**/pwned"))


def report(pages, folder, catalogue):
    """Opened as the file that it is, and seen to ask for nothing else."""
    page = pages.page
    file = folder / "report.html"
    made.tapir("catalog", "report", "-o", file, "--catalog", catalogue)
    pages.check_logs()
    page.open(file.as_uri())
    assert page.run("return document.querySelectorAll('svg.picture').length") == 5
    text = page.run("return document.body.innerText")
    assert made.LABEL in text and made.PLACE in text and made.NOTE in text
    pages.check("report")
    asked = [address for address in page.requests() if not address.startswith("data:")]
    assert set(asked) == {file.as_uri()}, asked
    errors = [line["message"] for line in page.log("browser")]
    assert not errors, errors


def main():
    missing = webdriver.missing_packages()
    if missing:
        print("skipped: not installed:", " ".join(missing))
        sys.exit(77)
    with made.scratch() as folder:
        catalogue = made.make_catalogue(folder)
        with made.served(catalogue) as address, webdriver.browser() as page:
            pages = Pages(page, address)
            page.open("about:blank")
            page.requests()  # those of the page it began with
            page.open(address)
            known = page.wait("return fetch('/api/catalog').then((answer) => answer.json())")
            pages.sets = {one["name"]: one["uuid"] for one in known["sets"]}
            for part in (search, filters, browse, volumes, duplicates):
                part(pages)
                pages.check_logs()
            basket(pages, folder)
            report(pages, folder, catalogue)


if __name__ == "__main__":
    main()
