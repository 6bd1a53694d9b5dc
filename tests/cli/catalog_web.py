#!/usr/bin/env python3
"""`tapir catalog serve` as HTTP has it, and `tapir catalog report`; needs no browser."""

import base64
import contextlib
import http.client
import json
import os
import socket
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import web_catalog as made  # noqa: E402


def encode(path):
    return base64.urlsafe_b64encode(os.fsencode(path)).decode().rstrip("=")


class Site:
    def __init__(self, address):
        self.host = urllib.parse.urlsplit(address).netloc

    def ask(self, path, method="GET", body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def status(self, path, **how):
        return self.ask(path, **how)[0].status

    def json(self, path, /, **parameters):
        query = urllib.parse.urlencode(parameters, doseq=True)
        answer, body = self.ask(f"{path}?{query}" if query else path)
        assert answer.status == 200, (path, parameters, answer.status, body[:300])
        return json.loads(body)

    def lines(self, path, /, **parameters):
        answer, body = self.ask(f"{path}?{urllib.parse.urlencode(parameters)}")
        assert answer.status == 200, (path, parameters, answer.status, body[:300])
        lines = [json.loads(line) for line in body.splitlines()]
        assert "end" in lines[-1], lines[-1]
        return lines[:-1], lines[-1]["end"]

    def raw(self, text):
        """What is answered to bytes as they are."""
        host, port = self.host.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=20) as peer:
            peer.sendall(text)
            answer = b""
            while piece := peer.recv(65536):
                answer += piece
        return answer


def check_headers(site):
    for path in ("/", "/app.js", "/api/catalog", "/nothing", "/api/find?limit=x"):
        headers = site.ask(path)[0].headers
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'",
                     "connect-src 'self'", "frame-ancestors 'none'"):
            assert part in policy, (path, policy)
        assert "unsafe" not in policy, policy
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "no-referrer", path
        assert "Access-Control-Allow-Origin" not in headers, path
    assert site.ask("/")[0].headers["Content-Type"] == "text/html; charset=utf-8"
    assert site.ask("/style.css")[0].headers["Content-Type"].startswith("text/css")
    assert site.ask("/app.js")[0].headers["Content-Type"].startswith("text/javascript")


def check_methods(site):
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        body = b"x=1" if method == "POST" else None
        answer, _ = site.ask("/api/catalog", method=method, body=body)
        assert answer.status == 405, (method, answer.status)
        assert answer.headers["Allow"] == "GET, HEAD", method
    for path in ("/", "/api/catalog", "/api/find?q=img"):
        answer, body = site.ask(path, method="HEAD")
        assert (answer.status, body) == (200, b""), (path, answer.status)
    assert site.status("/nothing", method="HEAD") == 404
    # What stands behind a refused request is never taken for the next one.
    inner = b"GET /api/catalog HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = site.raw(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" %
                      len(inner) + inner)
    assert answer.startswith(b"HTTP/1.1 405") and b"volumes" not in answer, answer[:500]
    assert site.raw(b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")


def check_hosts(site):
    port = site.host.rsplit(":", 1)[1]
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "LocalHost"):
        assert site.status("/api/catalog", headers={"Host": host}) == 200, host
    for host in ("evil.example", f"evil.example:{port}", "localhost.evil.example", "localhost@evil",
                 "127.0.0.1.nip.io", "127.0.0.1:80:80", "[::1", "0.0.0.0", "localhost:x"):
        assert site.status("/api/catalog", headers={"Host": host}) == 403, host
        assert site.status("/", headers={"Host": host}) == 403, host
    for none in (b"", b"Host:\r\n", b"Host: \r\n"):
        answer = site.raw(b"GET / HTTP/1.1\r\n" + none + b"\r\n")
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 403")), (none, answer[:100])
    twice = b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    assert b"400" in site.raw(twice).split(b"\r\n")[0]


def check_parameters(site, film):
    refused = [
        "find?q=a&limit=0", "find?q=a&limit=-1", "find?q=a&limit=5001", "find?q=a&limit=1e9",
        "find?q=a&limit=99999999999999999999999", "find?q=a&limit=1&limit=2", "find?q=%00",
        "find?q=a%", "find?q=a%2", "find?q=a%zz", "find?q=%2500%00", "find?nothing=1",
        "find?q=a&form=other", "find?q=a&type=tombstone", "find?q=a&min_size=much",
        "find?q=a&from=yesterday", "find?q=a&case=yes",
        "find?q=" + "a" * 5000, "duplicates?limit=0", "duplicates?min_size=-1",
        "list", f"list?set={film}&path=!!", f"list?set={film}&path=Zg==",
        f"list?set={film}&session=0",
        f"list?set={film}&limit=1001", f"list?set={film}&offset=-1", f"needs?set={film}",
        "volume?volume=a&volume=b", "catalog?x=1", "find?" + "&".join(["a=1"] * 400),
    ]
    for query in refused:
        answer, body = site.ask("/api/" + query)
        assert answer.status == 400, (query, answer.status, body[:200])
        assert json.loads(body)["error"], query
    # Found out too late for a status.
    assert "error" in json.loads(site.ask("/api/find?q=(&form=regex")[1])
    for query in ("volume?volume=x", "volume", "list?set=x", f"list?set={film}&session=77",
                  f"list?set={film}&path={encode('no/such')}", "nothing", "find/", "../etc/passwd"):
        assert site.status("/api/" + query) == 404, query
    for path in ("/..%2f..%2fetc/passwd", "/%2e%2e/", "//", "/index.html", "/api", "/%00",
                 "/Style.css"):
        assert site.status(path) == 404, path
    deep = "/".join(["d" * 200] * 326)
    assert site.status(f"/api/list?set={film}&path={encode(deep)}") == 404
    assert site.status("/api/find?q=" + "a" * 9000) == 400
    assert site.status("/api/find?q=" + "%61" * 65536) == 400
    answer, body = site.ask("/api/find?q=" + "a" * 210000)
    assert (answer.status, json.loads(body)) == (414, {"error": "it is too long"}), answer.status
    assert answer.headers["Content-Security-Policy"]
    assert site.status("/", headers={"Range": "bytes=0-3"}) == 416


def check_sites(site):
    """Pages from elsewhere get nothing."""
    for name in ("same-origin", "none"):
        assert site.status("/api/catalog", headers={"Sec-Fetch-Site": name}) == 200, name
    for name in ("cross-site", "same-site", "same-origin, none"):
        assert site.status("/api/catalog", headers={"Sec-Fetch-Site": name}) == 403, name
        assert site.status("/", headers={"Sec-Fetch-Site": name}) == 200, name
    twice = (b"GET /api/catalog HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: none\r\n"
             b"Sec-Fetch-Site: cross-site\r\n\r\n")
    assert site.raw(twice).startswith(b"HTTP/1.1 403")


def check_slow(site):
    """Who sends a request byte by byte keeps others waiting for a few seconds only."""
    host, port = site.host.rsplit(":", 1)
    ended = threading.Event()

    def drip():
        with socket.create_connection((host, int(port)), timeout=20) as peer:
            with contextlib.suppress(OSError):
                peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
                while not ended.wait(1):
                    peer.sendall(b"x")

    drips = [threading.Thread(target=drip) for _ in range(32)]
    for one in drips:
        one.start()
    time.sleep(0.5)
    begin = time.monotonic()
    try:
        assert site.status("/") == 200
    finally:
        ended.set()
        for one in drips:
            one.join()
    assert time.monotonic() - begin < 20


def check_find(site):
    hits, end = site.lines("/api/find", q="img_", limit=10)
    assert len(hits) == 10 and end == {"hits": 10, "more": True}, end
    hits, end = site.lines("/api/find", q="img_0001", volume="")
    assert not end["more"] and {hit["path"] for hit in hits} >= {"photos/img_0001.jpg"}, hits
    for name in (made.SCRIPT, made.IMAGE, made.QUOTES):
        hits, _ = site.lines("/api/find", q=name, form="exact")
        assert [hit["path"] for hit in hits] == [name], (name, hits)
        assert hits[0]["id"] == encode(name)
        assert hits[0]["volumes"][0]["name"] == made.LABEL
        assert hits[0]["volumes"][0]["location"] == made.PLACE
    shown = {hit["path"]: hit["id"] for hit in site.lines("/api/find", q="caf")[0]}
    assert shown == {r"caf\xE9.txt": encode(os.fsdecode(made.BYTES))}, shown
    shown = {hit["path"] for hit in site.lines("/api/find", q="gpj")[0]}
    assert shown == {r"photo\xE2\x80\xAEgpj.exe"}, shown
    hits, _ = site.lines("/api/find", q="report.txt", all=1)
    assert sorted(hit["session"] for hit in hits) == [1, 2], hits
    hits, _ = site.lines("/api/find", q="raw", min_size="200K", type="file")
    assert len(hits) >= 3 and all(hit["size"] == 300000 for hit in hits), hits
    assert site.lines("/api/find", q="docs/deep", type="directory")[1]["hits"] == 2


def check_tree(site, sets):
    first = sets[made.LABEL]
    listed = site.json("/api/list", set=first)
    names = {entry["path"] for entry in listed["entries"]}
    wanted = {made.IMAGE, "docs", "photos", r"caf\xE9.txt", r"new\nline", r"back\\slash"}
    assert wanted <= names, names
    listed = site.json("/api/list", set=first, path=encode("photos"), limit=500)
    assert listed["total"] == 701 and len(listed["entries"]) == 500, listed["total"]
    listed = site.json("/api/list", set=first, path=encode("photos"), limit=500, offset=500)
    assert len(listed["entries"]) == 201
    listed = site.json("/api/list", set=first, path=encode("docs"), session=1)
    assert "docs/late.txt" not in {entry["path"] for entry in listed["entries"]}
    listed = site.json("/api/list", set=first, path=encode("docs"))
    assert "docs/late.txt" in {entry["path"] for entry in listed["entries"]}


def check_needs(site, sets):
    needs = site.json("/api/needs", set=sets["film"], path=encode("big"))
    assert [volume["sequence"] for volume in needs["volumes"]] == [1, 2, 3], needs
    assert needs["words"] == ["/big"], needs
    odd = [made.QUOTES, "weird [1]*?.txt", os.fsdecode(made.BYTES), "back\\slash"]
    needs = site.json("/api/needs", set=sets[made.LABEL], path=[encode(path) for path in odd])
    assert needs["objects"] == len(odd) and not needs["unmatched"], needs
    assert needs["words"] == ["'/it'\\''s 50% $(touch pwned) `x`.txt'", "'/weird \\[1]\\*\\?.txt'",
                              "$'/caf\\xE9.txt'", "'/back\\\\slash'"], needs["words"]
    needs = site.json("/api/needs", set=sets[made.LABEL], path=encode("docs/gone"))
    assert needs["unmatched"] == ["/docs/gone"] and not needs["volumes"], needs


def check_volumes(site, known):
    volumes = {volume["name"]: volume for volume in known["volumes"]}
    assert {"film#1", "film#2", "film#3", "spoiled", made.LABEL} == set(volumes), set(volumes)
    assert volumes["spoiled"]["health"] == "bad", volumes["spoiled"]
    assert volumes["film#1"]["health"] == "unknown"
    assert volumes[made.LABEL]["health"] == "good"
    assert volumes[made.LABEL]["location"] == made.PLACE
    spoiled = site.json("/api/volume", volume=volumes["spoiled"]["uuid"])
    assert any(run[3] for run in spoiled["picture"]["runs"]), spoiled["picture"]["runs"]
    assert spoiled["verifications"][0]["damages"], spoiled["verifications"]
    first = site.json("/api/volume", volume=volumes[made.LABEL]["uuid"])
    looks = {run[1] for run in first["picture"]["runs"]}
    assert {"data", "index"} <= looks, looks
    assert first["notes"][0]["text"] == made.NOTE
    cells = sum(run[0] for run in first["picture"]["runs"])
    assert cells * first["picture"]["units_per_cell"] >= first["picture"]["units"]


def check_duplicates(site):
    groups, end = site.lines("/api/duplicates", min_size="100K")
    assert end == {"groups": 1, "more": False}, end
    assert groups[0]["size"] == 300000 and groups[0]["count"] >= 3, groups
    assert site.lines("/api/duplicates", limit=1)[1] == {"groups": 1, "more": True}


def check_gone(site):
    """Who leaves before the end keeps nobody waiting."""
    host, port = site.host.rsplit(":", 1)
    for _ in range(40):
        with socket.create_connection((host, int(port)), timeout=20) as peer:
            peer.sendall(b"GET /api/duplicates HTTP/1.1\r\nHost: localhost\r\n\r\n")
    until = time.monotonic() + 20
    while site.status("/api/duplicates?limit=1") != 200:
        assert time.monotonic() < until
        time.sleep(0.1)


def check_report(folder, catalogue):
    page = folder / "report.html"
    made.tapir("catalog", "report", "-o", page, "--catalog", catalogue)
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html and "<img" not in html and "<b onclick" not in html
    assert "<svg/" not in html and "href=\"http" not in html
    assert "src=" not in html.replace("&lt;img src=", "")
    assert "&lt;b onclick=alert(1)&gt;" in html
    assert html.count("<svg class=\"picture\"") == 5, html.count("<svg")
    none = folder / "none.db"
    made.tapir("catalog", "report", "-o", folder / "x.html", "--catalog", none, status=4)
    made.tapir("catalog", "report", "--catalog", catalogue, status=2)
    assert not (folder / "x.html").exists()


def check_start(folder, catalogue):
    made.tapir("catalog", "serve", "--catalog", folder / "none.db", status=4)
    made.tapir("catalog", "serve", "--port", "65536", "--catalog", catalogue, status=2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        made.tapir("catalog", "serve", "--port", port, "--catalog", catalogue, status=4)
    with made.served(catalogue, "--address", "::1") as address:
        assert address.startswith("http://[::1]:"), address
        assert Site(address).status("/") == 200


def main():
    with made.scratch() as folder:
        catalogue = made.make_catalogue(folder)
        before = catalogue.read_bytes()
        with made.served(catalogue) as address:
            site = Site(address)
            known = site.json("/api/catalog")
            sets = {one["name"]: one["uuid"] for one in known["sets"]}
            check_headers(site)
            check_methods(site)
            check_hosts(site)
            check_sites(site)
            check_parameters(site, sets["film"])
            check_find(site)
            check_tree(site, sets)
            check_needs(site, sets)
            check_volumes(site, known)
            check_duplicates(site)
            check_gone(site)
            check_slow(site)
        check_report(folder, catalogue)
        check_start(folder, catalogue)
        assert catalogue.read_bytes() == before, "the catalogue has changed"


if __name__ == "__main__":
    main()
