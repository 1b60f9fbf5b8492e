"""An echo bot on fbchat as it comes, with the look-up of names changed: Messenger's lead to the TLS end on loopback.

The first line of its input is what to log in with, each further one something to do; it ends with its input, and tells
on its output what it hears: READY, OWN <text>, TYPING <user id>, EVENT <JSON>, ANSWER <JSON>, BYE, FAULT <reason>. The
certificate's CA comes by the environment.
"""

import json
import os
import socket
import sys
import threading

import fbchat
from abilities import use

_MESSENGER = (".facebook.com", ".messenger.com")
_PORT = int(os.environ["STRANGERS_TLS_PORT"])
_look_up = socket.getaddrinfo


def _look_up_here(host, port, *args, **kwargs):
    if not str(host).endswith(_MESSENGER):
        raise socket.gaierror(f"nothing beyond Messenger's names is looked up here: {host}")
    return _look_up("127.0.0.1", _PORT, *args, **kwargs)


def tell(word, detail=""):
    """Say a line; in one piece, as two threads do."""
    sys.stdout.write(f"{word} {detail}".strip() + "\n")
    sys.stdout.flush()


class Echo(fbchat.Client):
    def onListening(self):
        tell("READY")

    def onMessage(self, author_id, message_object, thread_id, thread_type, **kwargs):
        message = {"message": message_object.uid, "value": message_object.text}
        if message_object.replied_to:
            quoted = message_object.replied_to
            self._tell_event("reply", author_id, thread_id, **message, to=quoted.uid, quoted=quoted.text)
        elif message_object.attachments:
            [picture] = message_object.attachments
            details = {**message, "id": picture.uid, "value": picture.large_preview_url}
            self._tell_event("picture", author_id, thread_id, **details)
        elif author_id == self.uid:
            tell("OWN", message_object.text)
        else:
            self.markAsRead(thread_id)
            self.setTypingStatus(fbchat.TypingStatus.TYPING, thread_id, thread_type)
            self.send(fbchat.Message(text=f"python: {message_object.text}"), thread_id, thread_type)

    def onTyping(self, author_id, status, **kwargs):
        if status is fbchat.TypingStatus.TYPING:
            tell("TYPING", author_id)

    def onTitleChange(self, author_id, new_title, thread_id, **kwargs):
        self._tell_event("title", author_id, thread_id, value=new_title)

    def onPeopleAdded(self, added_ids, author_id, thread_id, **kwargs):
        self._tell_event("added", author_id, thread_id, people=added_ids)

    def onPersonRemoved(self, removed_id, author_id, thread_id, **kwargs):
        self._tell_event("removed", author_id, thread_id, person=removed_id)

    def onNicknameChange(self, author_id, changed_for, new_nickname, thread_id, **kwargs):
        self._tell_event("nickname", author_id, thread_id, person=changed_for, value=new_nickname)

    def onColorChange(self, author_id, new_color, thread_id, **kwargs):
        self._tell_event("color", author_id, thread_id, value=new_color.value)

    def onUnknownMesssageType(self, msg=None):
        """Take the change of emoji from here: this library knows it by the name that it had before (dossier 2, 7)."""
        if msg.get("type") == "change_thread_quick_reaction":
            metadata = msg["messageMetadata"]
            emoji = msg["untypedData"]["thread_quick_reaction_emoji"]
            self._tell_event("emoji", metadata["actorFbId"], metadata["threadKey"]["threadFbId"], value=emoji)

    def onAdminAdded(self, added_id, author_id, thread_id, **kwargs):
        self._tell_event("admin", author_id, thread_id, person=added_id)

    def onPollCreated(self, poll, author_id, thread_id, **kwargs):
        self._tell_event("poll", author_id, thread_id, value=poll.title)

    def onReactionAdded(self, mid, reaction, author_id, thread_id, **kwargs):
        self._tell_event("reaction", author_id, thread_id, message=mid, value=reaction.value)

    def onReactionRemoved(self, mid, author_id, thread_id, **kwargs):
        self._tell_event("reaction", author_id, thread_id, message=mid, value="")

    def onMessageUnsent(self, mid, author_id, thread_id, **kwargs):
        self._tell_event("unsent", author_id, thread_id, message=mid)

    def onMessageError(self, exception=None, msg=None):
        tell("FAULT", repr(exception))

    def onListenError(self, exception=None):
        tell("FAULT", repr(exception))
        return True

    def _tell_event(self, event, author_id, thread_id, **details):
        if author_id != self.uid:
            tell("EVENT", json.dumps({"event": event, "thread": thread_id, "by": author_id, **details}))


def log_in(email="", password="", appState=()):
    cookies = {cookie["key"]: cookie["value"] for cookie in appState}
    return Echo(email, password, session_cookies=cookies, max_tries=1)


def main():
    socket.getaddrinfo = _look_up_here
    try:
        client = log_in(**json.loads(sys.stdin.readline()))
    except fbchat.FBchatException as error:
        tell("FAULT", error)
        raise SystemExit(1) from error

    def serve_input():
        for line in sys.stdin:
            asked = json.loads(line)
            answer = use(client, asked["what"], asked["arguments"])
            tell("ANSWER", json.dumps({"number": asked["number"], **answer}))
        client.listening = False

    threading.Thread(target=serve_input, daemon=True).start()
    client.listen()
    if not client.logout():
        raise SystemExit("the logout was refused")
    tell("BYE")


main()
