"""The sandbox on a real socket."""

from __future__ import annotations

import io
import socket
import threading

import pytest
import requests

from integrations.sandbox import cast
from integrations.sandbox.listen import listen
from integrations.sandbox.server import DEFAULT_TODAY, Request, Response, application, running_sandbox
from integrations.sandbox.world import Clock, World

pytestmark = pytest.mark.servers

TOKEN = "moodle-demo-token"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(vendors=("moodle",)) as running:
        yield running


@pytest.fixture(autouse=True)
def mended(sandbox):
    yield
    sandbox.sandbox.reset()


def site_info(sandbox, session=requests, **more):
    form = {"wstoken": TOKEN, "wsfunction": "core_webservice_get_site_info", "moodlewsrestformat": "json"}
    return session.post(sandbox.address("moodle") + "/webservice/rest/server.php", data=form, timeout=5, **more)


def test_a_prefix_leads_to_its_emulator_and_links_lead_back(sandbox):
    assert site_info(sandbox).json()["siteurl"] == sandbox.url + "/moodle"


def test_a_path_that_only_looks_like_a_prefix_is_not_one(sandbox):
    assert requests.get(sandbox.url + "/moodleish", timeout=5).status_code == 404


def test_one_connection_serves_many_calls(sandbox):
    with socket.create_connection(("127.0.0.1", int(sandbox.host.rpartition(":")[2]))) as connection:
        for _ in range(3):
            connection.sendall(b"GET /moodle/x HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 404 ")
            assert b"Content-Length: %d" % len(body) in head


def test_a_chunked_body_is_read(sandbox):
    form = f"wstoken={TOKEN}&wsfunction=core_webservice_get_site_info&moodlewsrestformat=json".encode()
    pieces = iter([form[:20], form[20:]])
    address = sandbox.address("moodle") + "/webservice/rest/server.php"
    answer = requests.post(address, data=pieces, headers={"Content-Type": "application/x-www-form-urlencoded"}, timeout=5)
    assert answer.json()["username"] == "rollcall-ws"


def test_throttling_comes_before_the_emulator_and_says_when(sandbox):
    sandbox.faults.set("moodle", rate_limited=1, retry_after=3)
    answer = site_info(sandbox)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert site_info(sandbox).status_code == 200


def test_down_hangs_up_without_an_answer(sandbox):
    sandbox.faults.set("moodle", down=1)
    with pytest.raises(requests.ConnectionError):
        site_info(sandbox)
    assert site_info(sandbox).status_code == 200


def test_cut_off_sends_less_than_it_promised(sandbox):
    sandbox.faults.set("moodle", cut_off=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        site_info(sandbox)


def test_slow_takes_its_time(sandbox):
    sandbox.faults.set("moodle", slow=0.3)
    with pytest.raises(requests.Timeout):
        requests.get(sandbox.address("moodle") + "/x", timeout=0.1)


def test_exchanges_are_kept_without_tokens(sandbox):
    address = f"{sandbox.address('moodle')}/webservice/rest/server.php?wstoken={TOKEN}&wsfunction=core_user_get_users"
    requests.get(address, timeout=5)
    newest = sandbox.requests("moodle")[0]
    assert newest["path"] == "/moodle/webservice/rest/server.php"
    assert newest["note"] == "core_user_get_users invalidparameter"
    assert TOKEN not in str(sandbox.requests("moodle"))


def test_only_the_last_two_hundred_exchanges_are_kept(sandbox):
    with requests.Session() as session:
        for number in range(205):
            session.get(sandbox.address("moodle") + f"/{number}", timeout=5)
    kept = sandbox.requests("moodle")
    assert len(kept) == 200 and kept[0]["path"] == "/moodle/204"


def test_a_body_that_is_too_long_or_nonsense_is_refused(sandbox):
    with socket.create_connection(("127.0.0.1", int(sandbox.host.rpartition(":")[2]))) as connection:
        connection.sendall(b"POST /moodle/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_two_callers_are_served_at_the_same_time():
    inside, go = threading.Barrier(3, timeout=5), threading.Event()

    def answer(request: Request) -> Response:
        inside.wait()
        go.wait(5)
        return Response.text(request.path)

    listener = listen(answer, "127.0.0.1", 0)
    got = []
    threads = [
        threading.Thread(target=lambda path=path: got.append(requests.get(listener.url + path, timeout=5).text)) for path in ("/a", "/b")
    ]
    for thread in threads:
        thread.start()
    inside.wait()  # both are in before either gets out
    go.set()
    for thread in threads:
        thread.join(5)
    listener.stop()
    assert sorted(got) == ["/a", "/b"]


def test_an_iterable_body_goes_out_in_pieces_and_an_own_bug_is_a_500():
    def answer(request: Request) -> Response:
        if request.path == "/bug":
            raise RuntimeError("a bug of our own")
        return Response(200, {"Content-Type": "text/plain"}, (piece for piece in (b"one ", b"", b"two")))

    listener = listen(answer, "127.0.0.1", 0)
    with requests.Session() as session:
        streamed = session.get(listener.url + "/x", timeout=5)
        assert (streamed.content, streamed.headers["Transfer-Encoding"]) == (b"one two", "chunked")
        assert session.get(listener.url + "/bug", timeout=5).status_code == 500
        assert session.get(listener.url + "/x", timeout=5).status_code == 200
    listener.stop()


def test_after_the_stop_the_port_is_free_even_with_a_connection_left_open():
    listener = listen(lambda request: Response.text(request.path), "127.0.0.1", 0)
    port = int(listener.url.rpartition(":")[2])
    with requests.Session() as session:
        session.get(listener.url, timeout=5)
        listener.stop()
    again = listen(lambda request: Response.text("again"), "127.0.0.1", port)
    assert requests.get(again.url, timeout=5).text == "again"
    again.stop()


def test_a_restart_keeps_people_accounts_and_switches(tmp_path):
    with running_sandbox(vendors=("moodle",), state_dir=tmp_path) as before:
        before.world.change_title("workday", cast.JANE_DOE.key, "Auditor")
        before.faults.set("moodle", slow=0.01)
        before.emulators["moodle"].store.run("UPDATE user SET city = 'Faro' WHERE username = 'jane.doe'")
    with running_sandbox(vendors=("moodle",), state_dir=tmp_path) as after:
        assert after.world.worker("workday", cast.JANE_DOE.key).title == "Auditor"
        assert after.faults.for_vendor("moodle").slow == 0.01
        assert after.emulators["moodle"].accounts("jane.doe")[0]["city"] == "Faro"


def test_the_same_answers_come_through_wsgi():
    app = application(World(size=100, today=DEFAULT_TODAY, now=Clock(DEFAULT_TODAY)), vendors=("moodle",))
    seen = {}

    def start_response(status, headers):
        seen.update(status=status, headers=dict(headers))

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/control/state",
        "QUERY_STRING": "",
        "HTTP_HOST": "localhost:80",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b""),
    }
    body = b"".join(app(environ, start_response))
    assert seen["status"] == "200 OK" and seen["headers"]["Content-Length"] == str(len(body))
