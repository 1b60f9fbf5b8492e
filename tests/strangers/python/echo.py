"""An echo bot on fbchat as it comes, with the look-up of names changed: Messenger's lead to the TLS end on loopback.

The first line of its input is what to log in with; it ends with its input, and tells on its output what it hears:
READY, OWN <text>, TYPING <user id>, BYE, FAULT <reason>. The certificate's CA comes by the environment.
"""

import json
import os
import socket
import sys
import threading

import fbchat

_MESSENGER = (".facebook.com", ".messenger.com")
_PORT = int(os.environ["STRANGERS_TLS_PORT"])
_look_up = socket.getaddrinfo


def _look_up_here(host, port, *args, **kwargs):
    if not str(host).endswith(_MESSENGER):
        raise socket.gaierror(f"nothing beyond Messenger's names is looked up here: {host}")
    return _look_up("127.0.0.1", _PORT, *args, **kwargs)


def tell(word, detail=""):
    print(f"{word} {detail}".strip(), flush=True)


class Echo(fbchat.Client):
    def onListening(self):
        tell("READY")

    def onMessage(self, author_id, message_object, thread_id, thread_type, **kwargs):
        if author_id == self.uid:
            tell("OWN", message_object.text)
            return
        self.markAsRead(thread_id)
        self.setTypingStatus(fbchat.TypingStatus.TYPING, thread_id, thread_type)
        self.send(fbchat.Message(text=f"python: {message_object.text}"), thread_id, thread_type)

    def onTyping(self, author_id, status, **kwargs):
        if status is fbchat.TypingStatus.TYPING:
            tell("TYPING", author_id)

    def onMessageError(self, exception=None, msg=None):
        tell("FAULT", repr(exception))

    def onListenError(self, exception=None):
        tell("FAULT", repr(exception))
        return True


def log_in(email="", password="", appState=()):
    cookies = {cookie["key"]: cookie["value"] for cookie in appState}
    return Echo(email, password, session_cookies=cookies, max_tries=1)


def main():
    socket.getaddrinfo = _look_up_here
    client = log_in(**json.loads(sys.stdin.readline()))

    def end_with_input():
        sys.stdin.read()
        client.listening = False

    threading.Thread(target=end_with_input, daemon=True).start()
    client.listen()
    if not client.logout():
        raise SystemExit("the logout was refused")
    tell("BYE")


main()
