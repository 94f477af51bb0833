"""The seed's side of DifferentialTests: Python's own http.server with handlers equal to those of the Swift files here.

Usage: seed_fixture.py KIND [DIRECTORY]. Prints `port N` when it listens.
"""
import http.server
import mimetypes
import signal
import sys
import threading
import urllib.parse
import warnings


class Routes(http.server.BaseHTTPRequestHandler):
    """Does what the path says; `/status?204` asks for what `status` does, with 204."""

    server_version = "Seed/1"
    sys_version = "Test"

    def answer(self, text, *fields):
        body = text.encode("utf-8")
        self.send_response(200)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        name, _, argument = self.path.partition("?")
        route = getattr(self, "route_" + name.strip("/").replace("-", "_"), None)
        if route is None:
            self.answer("Hello from %s\n" % self.path)
        else:
            route(urllib.parse.unquote(argument))

    do_HEAD = do_GET
    do_POST = do_GET

    def do_SPAM(self):
        self.answer("do_SPAM")

    def route_probe(self, argument):
        self.answer("probe")

    def route_echo(self, argument):
        lines = [self.command, self.path, self.request_version, self.requestline,
                 "closes" if self.close_connection else "stays"]
        lines += ["%s=%s" % field for field in self.headers.items()]
        self.answer("\n".join(lines))

    def route_first(self, argument):
        self.answer("%s|%s" % (self.headers.get(argument), self.headers.get_all(argument)[-1]))

    def route_body(self, argument):
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("latin-1"))

    def route_line(self, argument):
        self.answer("%s|%s" % (self.rfile.readline().decode("latin-1"), self.rfile.read(2).decode("latin-1")))

    def route_status(self, argument):
        self.send_response(int(argument))
        self.end_headers()

    def route_phrase(self, argument):
        self.send_response(200, argument)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def route_only(self, argument):
        self.send_response_only(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def route_error(self, argument):
        self.send_error(int(argument))

    def route_message(self, argument):
        self.send_error(int(argument), "Not <here> & \"there\" 'then' é")

    def route_explain(self, argument):
        self.send_error(int(argument), None, "Because <of> & \"that\" 'thing' é 日")

    def route_both(self, argument):
        self.send_error(int(argument), "", "")

    def route_far(self, argument):
        self.send_error(404, "日本")

    def route_control(self, argument):
        self.send_error(404, "a\tb\x1b[31m\\")

    def route_connection(self, argument):
        self.answer("connection", ("Connection", argument))

    def route_close(self, argument):
        self.close_connection = True
        self.answer("close")

    def route_keep(self, argument):
        self.close_connection = False
        self.answer("keep")

    def route_fields(self, argument):
        self.answer("fields", ("X-One", "1"), ("x-one", "2"), ("X-ONE", ""), ("X-Odd", "a,  b; \"c\"\td"))

    def route_latin(self, argument):
        self.answer("latin", ("X-Latin", self.headers.get("X-Latin", "é ÿ")))

    def route_field(self, argument):
        name, _, value = argument.partition("=")
        self.answer("field", (name, value))

    def route_dates(self, argument):
        times = [0, 784111777, 784111777.9, -1, -0.5, 951782400, 4102444799, 253402300799]
        self.answer("\n".join(self.date_time_string(time) for time in times))

    def route_texts(self, argument):
        texts = [self.version_string(), self.address_string(), self.server_version, self.sys_version,
                 self.protocol_version, self.default_request_version, self.error_content_type]
        self.answer("\n".join(texts))

    def route_now(self, argument):
        self.answer(self.date_time_string() + "\n" + self.log_date_time_string())

    def route_responses(self, argument):
        lines = ["%d %s%s" % (code, texts[0], " (explained)" if texts[1] else "")
                 for code, texts in sorted(self.responses.items())]
        self.answer("\n".join(lines))

    def route_log(self, argument):
        self.log_message("%s", "plain é 日 \"quoted\" 'single' \\ %s 100%")
        self.log_message("%s", "".join(map(chr, list(range(0x20)) + list(range(0x7f, 0xa1)))))
        self.log_error("%s", "an error")
        self.log_request()
        self.log_request(404)
        self.log_request(200, 17)
        self.answer("log")

    def route_raise(self, argument):
        raise ValueError("raised")

    def route_unflushed(self, argument):
        self.send_response(200)
        self.send_header("X-Kept", "back")
        raise ValueError("raised")

    def route_flushed(self, argument):
        self.send_response(200)
        self.send_header("X-Sent", "already")
        self.flush_headers()
        raise ValueError("raised")

    def route_flush(self, argument):
        self.send_response(200)
        self.send_header("X-First", "1")
        self.flush_headers()
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.flush_headers()
        self.wfile.write(b"fl")
        self.wfile.flush()
        self.wfile.write(b"ow")

    def route_nothing(self, argument):
        pass

    def route_unframed(self, argument):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"unframed")

    def route_second(self, argument):
        self.send_response(200)
        self.send_header("X-First", "1")
        self.send_error(404)

    def route_actions(self, argument):
        self.answer("actions: %s" % (self.server.turns > 0))

    def route_stop(self, argument):
        self.answer("stop")
        threading.Thread(target=self.server.shutdown).start()


class Persistent(Routes):
    protocol_version = "HTTP/1.1"

    def handle_expect_100(self):
        if self.path != "/refuse":
            return super().handle_expect_100()
        self.send_error(417, "Not today")
        return False


class Early(Routes):
    default_request_version = "HTTP/1.0"


class Default(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/probe":
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"probe")
        else:
            self.send_error(404)


class Shaped(Routes):
    server_version = "Mine/2 Other/3"
    sys_version = ""
    error_message_format = "%(code)d|%(code)s|%(message)s|%(explain)s|%%|100%%"
    error_content_type = "text/plain"
    responses = {200: ("Fine", "so"), 404: ("Gone fishing", "Why <not>")}


class Missing(Routes):
    error_message_format = "%(code)d %(missing)s"


class Stray(Routes):
    error_message_format = "%(code)d 100% "


class Hooks(Persistent):
    def note(self, text):
        sys.stderr.write("note %s\n" % text)

    def setup(self):
        super().setup()
        self.note("setup")

    def handle(self):
        self.note("handle")
        super().handle()
        self.note("handled")

    def finish(self):
        self.note("finish")
        super().finish()

    def handle_one_request(self):
        self.note("one")
        super().handle_one_request()

    def parse_request(self):
        if not super().parse_request():
            return False
        self.note("parsed %s %s" % (self.command, self.path))
        if self.path == "/forbidden":
            self.send_error(403)
            return False
        if self.path == "/rewritten":
            self.path = "/echo"
        return True

    def send_response(self, code, message=None):
        super().send_response(code, message)
        self.send_header("X-Hook", "1")

    def send_header(self, keyword, value):
        super().send_header("X-Of-" + keyword if keyword.startswith("X-") else keyword, value)

    def end_headers(self):
        self.send_header("X-End", "1")
        super().end_headers()

    def log_message(self, format, *args):
        super().log_message("hooked: %s", format % args)

    def log_error(self, format, *args):
        self.note("log_error " + format % args)

    def log_request(self, code="-", size="-"):
        super().log_request(code, 42)

    def version_string(self):
        return "Hooked"

    def date_time_string(self, timestamp=None):
        return "a date"

    def log_date_time_string(self):
        return "some time"

    def address_string(self):
        return "somebody"


class Files(http.server.SimpleHTTPRequestHandler):
    server_version = "Seed/1"
    sys_version = "Test"

    def __init__(self, *arguments):
        super().__init__(*arguments, directory=sys.argv[2])


class PersistentFiles(Files):
    protocol_version = "HTTP/1.1"


class TypedFiles(Files):
    extensions_map = {".txt": "text/x-mine", "": "application/x-mine"}

    def guess_type(self, path):
        return "image/x-mine" if path.endswith(".mine") else super().guess_type(path)

    def translate_path(self, path):
        return super().translate_path("/a.txt" if path == "/alias" else path)

    def list_directory(self, path):
        self.send_error(403)


def scripts():
    """Made when asked for: CGIHTTPRequestHandler is gone from Python 3.15 on, and deprecated before."""

    class Scripts(http.server.CGIHTTPRequestHandler):
        server_version = "Seed/1"
        sys_version = "Test"

        def __init__(self, *arguments):
            warnings.simplefilter("ignore")
            super().__init__(*arguments, directory=sys.argv[2])

    return Scripts


class Impatient(Persistent):
    timeout = 0.3


class Server(http.server.HTTPServer):
    turns = 0
    connections = 0

    def service_actions(self):
        self.turns += 1


class Gate(Server):
    """Refuses every second connection, and says what becomes of the others."""

    def note(self, text):
        sys.stderr.write("note %s\n" % text)

    def verify_request(self, request, client_address):
        self.connections += 1
        self.note("verify_request")
        return self.connections % 2 == 1

    def process_request(self, request, client_address):
        self.note("process_request")
        super().process_request(request, client_address)

    def finish_request(self, request, client_address):
        self.note("finish_request")
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        self.note("handle_error")

    def handle_timeout(self):
        print("handle_timeout", flush=True)


KINDS = {
    "routes": Routes, "persistent": Persistent, "early": Early, "default": Default, "shaped": Shaped,
    "missing": Missing, "stray": Stray, "hooks": Hooks, "files": Files, "persistent-files": PersistentFiles,
    "typed-files": TypedFiles,
    "impatient": Impatient, "gate": Persistent, "single": Routes,
}


def main():
    kind = sys.argv[1]
    # Python's own table, whatever /etc/mime.types of this machine adds to it.
    mimetypes.knownfiles = []
    server = (Gate if kind in ("gate", "single") else Server)(("127.0.0.1", 0), scripts() if kind == "scripts" else KINDS[kind])
    print("port", server.server_port, flush=True)
    if kind == "single":
        server.timeout = 0.2
        server.handle_request()
        server.timeout = None
        print("waiting", flush=True)
        server.handle_request()
    else:
        stop = threading.Thread(target=server.shutdown)
        signal.signal(signal.SIGTERM, lambda *_: stop.start())
        server.serve_forever(poll_interval=0.05)
    server.server_close()
    print("ended", flush=True)


main()
