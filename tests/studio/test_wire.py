"""Requests that no browser sends, byte by byte: none is answered twice, none breaks anything, none is believed."""

from __future__ import annotations

import socket

import pytest

from tests.studio.test_door import asked, web  # noqa: F401

HOST = b"Host: localhost\r\n"
INNER = b"GET /help/ HTTP/1.1\r\nHost: localhost\r\n\r\n"


def said(port: int, data: bytes, pause: float = 3.0) -> bytes:
    """Everything that comes back until the other side closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=pause) as stream:
        got = b""
        try:
            stream.sendall(data)
            while piece := stream.recv(65536):
                got += piece
        except OSError:
            pass
    return got


def statuses(answer: bytes) -> list[int]:
    return [int(part[4:7]) for part in answer.split(b"HTTP/1.")[1:] if part[4:7].isdigit()]


SMUGGLED = {
    "both lengths": b"POST /help/ HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /help/ HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n",
    "a list of lengths": b"POST /help/ HTTP/1.1\r\n" + HOST + b"Content-Length: 0, %d\r\n\r\n",
    "a signed length": b"POST /help/ HTTP/1.1\r\n" + HOST + b"Content-Length: +%d\r\n\r\n",
    "a negative length": b"POST /help/ HTTP/1.1\r\n" + HOST + b"Content-Length: -%d\r\n\r\n",
    "a blank in the name": b"POST /help/ HTTP/1.1\r\n" + HOST + b"Content-Length : %d\r\n\r\n",
    "a folded line": b"POST /help/ HTTP/1.1\r\n"
    + HOST
    + b"X: a\r\n Content-Length: %d\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
    "an odd encoding": b"POST /help/ HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\nX: %d\r\n\r\n",
    "two encodings": b"POST /help/ HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x%d\r\n\r\n0\r\n\r\n",
    "a bare line feed": b"POST /help/ HTTP/1.1\n"
    + b"Host: localhost\nContent-Length: %d\nTransfer-Encoding: chunked\n\n",
    "a huge chunk": b"POST /help/ HTTP/1.1\r\n"
    + HOST
    + b"X: %d\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff0\r\n",
    "a chunk without a number": b"POST /help/ HTTP/1.1\r\n"
    + HOST
    + b"X: %d\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a character 0": b"POST /help/ HTTP/1.1\r\n" + HOST + b"X: a\x00b%d\r\n\r\n",
    "a long chunk extension": b"POST /help/ HTTP/1.1\r\n"
    + HOST
    + b"X: %d\r\nTransfer-Encoding: chunked\r\n\r\n1;"
    + b"a" * 300_000,
}


@pytest.mark.parametrize("kind", SMUGGLED)
def test_a_request_inside_another_is_not_answered(web, kind):  # noqa: F811
    data = SMUGGLED[kind]
    data = data.replace(b"%d", str(len(INNER)).encode())
    answer = said(web, data + INNER)
    assert 200 not in statuses(answer), answer[:400]
    assert all(status < 500 for status in statuses(answer)), answer[:400]
    assert asked(web, "GET", "/healthz")[0] == 200


ODD = {
    "another site's whole address": b"GET http://evil.example/help/ HTTP/1.1\r\n" + HOST,
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST,
    "an echo": b"TRACE /help/ HTTP/1.1\r\n" + HOST + b"Cookie: sessionid=secret\r\n",
    "an unknown method": b"BREW /help/ HTTP/1.1\r\n" + HOST,
    "an old version": b"GET /help/ HTTP/0.9\r\n" + HOST,
    "a new version": b"PRI * HTTP/2.0\r\n\r\nSM\r\n" + HOST,
    "no host": b"GET /help/ HTTP/1.1\r\n",
    "two hosts": b"GET /help/ HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n",
    "a host with somebody in it": b"GET /account/login/ HTTP/1.1\r\nHost: localhost:80@evil.example\r\n",
    "a host with a path": b"GET /account/login/ HTTP/1.1\r\nHost: localhost/evil.example\r\n",
    "an upgrade to nothing": b"GET /help/ HTTP/1.1\r\n"
    + HOST
    + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n",
    "half a socket": b"GET /ws/chat/x/ HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
    "a path of points": b"GET /static/../../../../etc/passwd HTTP/1.1\r\n" + HOST,
    "a path of hidden points": b"GET /static/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + HOST,
    "a path of backslashes": b"GET /static/..\\..\\..\\etc\\passwd HTTP/1.1\r\n" + HOST,
    "a path of doubly hidden points": b"GET /static/%252e%252e%252f%252e%252e%252fetc/passwd HTTP/1.1\r\n" + HOST,
    "a path to a source": b"GET /static/../studio/settings.py HTTP/1.1\r\n" + HOST,
    "a path with a character 0": b"GET /static/css/base.css%00.png HTTP/1.1\r\n" + HOST,
    "bytes that are no text": b"GET /\xff\xfe HTTP/1.1\r\n" + HOST,
    "letters that are no UTF-8": b"GET /%ff%fe%c0%af/ HTTP/1.1\r\n" + HOST,
    "half a character in a path": b"GET /%ed%a0%80/ HTTP/1.1\r\n" + HOST,
    "a range of nothing": b"GET /static/css/base.css HTTP/1.1\r\n" + HOST + b"Range: bytes=9-1\r\n",
    "a thousand ranges": b"GET /static/css/base.css HTTP/1.1\r\n"
    + HOST
    + b"Range: bytes="
    + b",".join([b"0-1"] * 1000)
    + b"\r\n",
    "a thousand headers": b"GET /help/ HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: y\r\n" % n for n in range(1000)),
    "a long cookie": b"GET /help/ HTTP/1.1\r\n" + HOST + b"Cookie: " + b"a=b;" * 12_000 + b"\r\n",
    "a cookie of quotes": b"GET /help/ HTTP/1.1\r\n" + HOST + b'Cookie: a="' + b'\\"' * 20_000 + b"\r\n",
    "a long question": b"GET /help/?" + b"a=b&" * 12_000 + b" HTTP/1.1\r\n" + HOST,
    "a question of brackets": b"GET /help/?a" + b"%5b" * 15_000 + b" HTTP/1.1\r\n" + HOST,
    "many languages": b"GET /help/ HTTP/1.1\r\n" + HOST + b"Accept-Language: " + b"en-x;q=0.1," * 5_000 + b"\r\n",
    "a long language": b"GET /help/ HTTP/1.1\r\n" + HOST + b"Accept-Language: " + b"en-" * 20_000 + b"\r\n",
    "odd encodings": b"GET /help/ HTTP/1.1\r\n" + HOST + b"Accept-Encoding: gzip;q=nan, *;q=1e999\r\n",
    "an odd date": b"GET /static/css/base.css HTTP/1.1\r\n"
    + HOST
    + b"If-Modified-Since: Thu, 99 Xxx 99999999999999999999 99:99:99 GMT\r\n",
    "a tag of quotes": b"GET /widget.js HTTP/1.1\r\n" + HOST + b"If-None-Match: " + b'"' * 30_000 + b"\r\n",
    "a body for a look": b"GET /help/ HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nExpect: 100-continue\r\n",
    "a forged proxy": b"GET /account/login/ HTTP/1.1\r\n"
    + HOST
    + b"X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example\r\nX-Original-URL: /setup/\r\nX-Rewrite-URL: /setup/\r\n",
    "a forged user": b"GET /team/ HTTP/1.1\r\n"
    + HOST
    + b"Remote-User: olga@example.com\r\nX-Remote-User: 1\r\nX-Forwarded-User: 1\r\n",
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_request_is_turned_away_or_answered_as_any_other(web, kind):  # noqa: F811
    answer = said(web, ODD[kind] + b"Connection: close\r\n\r\n")
    assert all(status < 500 for status in statuses(answer)), answer[:600]
    assert len(statuses(answer)) <= 2  # 100 and the last word
    for never in (b"evil.example", b"root:x:", b"SECRET_KEY", b"Traceback", b"sessionid=secret"):
        assert never not in answer, answer[:600]
    assert asked(web, "GET", "/healthz")[0] == 200


LEADING = [
    "//evil.example/",
    "///evil.example",
    "/%5Cevil.example/",
    "/%2F%2Fevil.example/x",
    "/\\evil.example",
    "//evil.example/%2e%2e",
]


@pytest.mark.parametrize("path", LEADING)
@pytest.mark.parametrize("base", ["", "/v1", "/chat", "/v1/", "/account/login"])
def test_no_redirect_leads_away(web, base, path):  # noqa: F811
    answer = said(web, f"GET {base}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    places = [line.split(b":", 1)[1].strip() for line in answer.split(b"\r\n") if line.lower().startswith(b"location:")]
    for place in places:
        assert place.startswith(b"/"), place
        assert not place.startswith((b"//", b"/\\")), place


def multipart(*parts: bytes, boundary: bytes = b"x") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def part(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    return b'Content-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n" + value


FORMS = {
    "many fields": (b"x", multipart(*[part(b"a", b"1")] * 20_000)),
    "many files": (b"x", multipart(*[part(b"a", b"1", b'; filename="a"')] * 10_000)),
    "no boundary": (b"", multipart(part(b"a", b"1"))),
    "another boundary": (b"y", multipart(part(b"a", b"1"))),
    "a long boundary": (b"x" * 5000, multipart(part(b"a", b"1"), boundary=b"x" * 5000)),
    "a boundary of a quote": (b'"', multipart(part(b"a", b"1"))),
    "no end": (b"x", multipart(part(b"a", b"1"))[:-6]),
    "a form within": (b"x", multipart(b'Content-Type: multipart/mixed; boundary="y"\r\n\r\n' + multipart(part(b"a", b"1"), boundary=b"y"))),
    "a long header": (b"x", multipart(part(b"a" * 200_000, b"1"))),
    "many headers": (b"x", multipart(b"".join(b"X-%d: y\r\n" % n for n in range(20_000)) + part(b"a", b"1"))),
    "half of base64": (b"x", multipart(b"Content-Transfer-Encoding: base64\r\n" + part(b"a", b"abc=d" * 1000, b'; filename="a"'))),
    "quoted printable": (b"x", multipart(b"Content-Transfer-Encoding: quoted-printable\r\n" + part(b"a", b"=00=ff" * 1000))),
    "a foreign charset": (b"x", multipart(b"Content-Type: text/plain; charset=utf-7\r\n" + part(b"a", b"+ADw-script+AD4-"))),
    "a charset that is none": (b"x; charset=nothing", multipart(part(b"a", b"1"))),
    "a name in another charset": (b"x", multipart(b"Content-Disposition: form-data; name*=utf-16''%ff%fe%00\r\n\r\n1")),
    "names of many quotes": (b"x", multipart(part(b'a"; name="' * 5000, b"1"))),
    "only line ends": (b"x", b"\r\n" * 400_000),
    "nothing": (b"x", b""),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMS)
def test_an_odd_form_is_turned_away(web, kind):  # noqa: F811
    boundary, body = FORMS[kind]
    head = b"multipart/form-data" + (b"; boundary=" + boundary if boundary else b"")
    for path in ("/account/login/", "/setup/", "/language/"):
        status, text = asked(web, "POST", path, body, Content_Type=head.decode("latin-1"))
        assert 300 <= status < 500, (path, status, text[:300])
    assert asked(web, "GET", "/healthz")[0] == 200
