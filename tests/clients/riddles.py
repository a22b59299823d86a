"""Triggers of a custom sign-in: one riddle, whose answer is 5. A webhook in a thread of this process."""

import base64
import contextlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

KEY = bytes(range(32))
NAMES = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
TRIGGERS = {name: f"arn:aws:lambda:us-east-1:000000000000:function:{name}" for name in NAMES}


def respond(event: dict[str, Any]) -> dict[str, Any]:
    """What the trigger of the developer guide's example answers."""
    request = event["request"]
    if event["triggerSource"].startswith("Define"):
        answered = bool(request["session"]) and request["session"][-1]["challengeResult"]
        failed = len(request["session"]) >= 2 and not answered
        asked = {} if answered or failed else {"challengeName": "CUSTOM_CHALLENGE"}
        return {**asked, "issueTokens": answered, "failAuthentication": failed}
    if event["triggerSource"].startswith("Create"):
        return {"publicChallengeParameters": {"riddle": "2 + 3"}, "privateChallengeParameters": {"answer": "5"}}
    return {"answerCorrect": request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]}


class Webhook(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.digest(KEY, signed, "sha256")).decode()
        event = json.loads(body)
        event["response"] = respond(event)
        answer = json.dumps(event).encode()
        self.send_response(200 if hmac.compare_digest(expected, self.headers["webhook-signature"]) else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """The test's output is no access log."""


@contextlib.contextmanager
def asked() -> Iterator[str]:
    """The setting that tells a server where the triggers are answered."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        secret = "whsec_" + base64.b64encode(KEY).decode()
        where = f"http://127.0.0.1:{server.server_port}/"
        yield json.dumps({name: {"url": where + name, "secret": secret} for name in NAMES})
        server.shutdown()
        thread.join()
