"""An echo bot on fbchat 1.9.7 as it comes; the file named by the first argument holds its app state."""

import json
import sys
from pathlib import Path

import fbchat
from led_here import lead_names_here


class Echo(fbchat.Client):
    def onMessage(self, author_id, message_object, thread_id, thread_type, **kwargs):
        if author_id != self.uid:
            self.send(fbchat.Message(text=message_object.text), thread_id, thread_type)


lead_names_here()
cookies = {cookie["key"]: cookie["value"] for cookie in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))}
Echo("", "", session_cookies=cookies, max_tries=1).listen()
