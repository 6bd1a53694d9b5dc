"""Drives Chromium by the WebDriver protocol of its driver: what the tests of pages need of it."""

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

KEYS = {
    "Tab": "\ue004", "Enter": "\ue007", "Space": "\ue00d", "Escape": "\ue00c",
    "End": "\ue010", "Home": "\ue011",
    "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015",
    "Shift": "\ue008",
}


def missing_packages():
    """Of the Debian packages that are needed, those that are not there."""
    programs = {"chromium": "chromium", "chromium-driver": "chromedriver"}
    return [package for package, program in programs.items() if not shutil.which(program)]


class Browser:
    def __init__(self, port, profile):
        self.base = f"http://127.0.0.1:{port}"
        options = {
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-sync",
                "--disable-component-update", "--disable-default-apps", "--hide-scrollbars",
                f"--user-data-dir={profile}", "--window-size=1200,900",
            ],
            "perfLoggingPrefs": {"enableNetwork": True, "enablePage": False},
        }
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = f"/session/{answer['sessionId']}"

    def _call(self, method, path, body=None):
        request = urllib.request.Request(
            self.base + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise AssertionError(f"{value['error']}: {value['message'][:600]}") from None

    def call(self, method, path, body=None):
        return self._call(method, self.session + path, body)

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """What `return` in the script gives."""
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def press(self, *keys):
        """Keys by name, or text letter by letter, to whatever has the focus."""
        strokes = []
        for key in keys:
            for stroke in [KEYS[key]] if key in KEYS else key:
                strokes += [{"type": kind, "value": stroke} for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions",
                  {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def wait(self, script, *arguments, seconds=30):
        """Until the script returns something true, which is returned."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(script, *arguments)
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"did not come true: {script} {arguments}")
            time.sleep(0.05)

    def focused(self):
        """The name or text of what has the focus."""
        return self.run("const e = document.activeElement;"
                        "return e.getAttribute('aria-label') ?? e.id ?? e.textContent;")

    def scheme(self, name):
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": name}])

    def width(self, pixels, height=900):
        self.devtools("Emulation.setDeviceMetricsOverride", width=pixels, height=height,
                      deviceScaleFactor=1, mobile=False)

    def screenshot(self):
        """The whole page, as PNG in base64."""
        return self.devtools("Page.captureScreenshot", captureBeyondViewport=True)["data"]

    def log(self, kind):
        return self.call("POST", "/se/log", {"type": kind})

    def requests(self):
        """Addresses that were asked for since the last call."""
        addresses = []
        for line in self.log("performance"):
            message = json.loads(line["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                addresses.append(message["params"]["request"]["url"])
        return addresses


@contextlib.contextmanager
def browser():
    """A browser with a profile of its own, gone at the end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        with subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True,
                              start_new_session=True) as driver:
            try:
                port = None
                for line in driver.stdout:
                    started = re.search(r"started successfully on port (\d+)", line)
                    if started:
                        port = int(started.group(1))
                        break
                if port is None:
                    raise AssertionError("chromedriver did not start")
                page = Browser(port, profile)
                try:
                    yield page
                finally:
                    page.call("DELETE", "")
            finally:
                driver.terminate()
