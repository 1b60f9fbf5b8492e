"""What the driver can be asked for, each one call of fbchat. Only groups are written to."""

import fbchat

_GROUP = fbchat.ThreadType.GROUP


def use(client, what, arguments):
    """The answer to something asked for: a value, or why the library refuses."""
    try:
        return {"value": _ABILITIES[what](client, *arguments)}
    except Exception as error:
        return {"refused": getattr(error, "fb_error_code", None) or repr(error)}


def _chat(thread):
    group = thread.type is _GROUP
    common = {"id": thread.uid, "name": thread.name, "group": group, "messages": thread.message_count}
    if not group:
        return common
    look = {"emoji": thread.emoji, "color": thread.color and thread.color.value, "nicknames": thread.nicknames}
    return {**common, "people": sorted(thread.participants), "admins": sorted(thread.admins), **look}


def _chats(client, limit, before):
    return [_chat(thread) for thread in client.fetchThreadList(limit=limit, before=before)]


def _chat_times(client, limit):
    return [int(thread.last_message_timestamp) for thread in client.fetchThreadList(limit=limit)]


def _history(client, thread, limit, before):
    messages = client.fetchThreadMessages(thread, limit, before)
    return [
        {
            "sender": message.author,
            "text": message.text or "",
            "time": message.timestamp,
            "pictures": [attachment.large_preview_url for attachment in message.attachments],
        }
        for message in reversed(messages)
    ]


def _people(client, ids):
    found = client.fetchUserInfo(*ids)
    return {
        person: {"name": user.name, "firstName": user.first_name, "gender": user.gender, "friend": user.is_friend}
        for person, user in found.items()
    }


def _react(client, message, emoji):
    client.reactToMessage(message, fbchat.MessageReaction(emoji) if emoji else None)


_ABILITIES = {
    "chats": _chats,
    "chatTimes": _chat_times,
    "chat": lambda client, thread: _chat(client.fetchThreadInfo(thread)[thread]),
    "history": _history,
    "people": _people,
    "friends": lambda client: {user.uid: user.is_friend for user in client.fetchAllUsers()},
    "findPeople": lambda client, name: [user.uid for user in client.searchForUsers(name)],
    "findGroups": lambda client, name: [group.uid for group in client.searchForGroups(name)],
    "send": lambda client, thread, text, reply_to=None: client.send(
        fbchat.Message(text=text, reply_to_id=reply_to), thread, _GROUP
    ),
    "sendFile": lambda client, thread, path: client.sendLocalFiles([path], thread_id=thread, thread_type=_GROUP),
    "photoUrl": lambda client, picture: client.fetchImageUrl(picture),
    "title": lambda client, thread, title: client.changeThreadTitle(title, thread, _GROUP),
    "nickname": lambda client, thread, person, nickname: client.changeNickname(nickname, person, thread),
    "color": lambda client, thread, color: client.changeThreadColor(fbchat.ThreadColor(color), thread),
    "emoji": lambda client, thread, emoji: client.changeThreadEmoji(emoji, thread),
    "add": lambda client, thread, person: client.addUsersToGroup([person], thread),
    "remove": lambda client, thread, person: client.removeUserFromGroup(person, thread),
    "admin": lambda client, thread, person: client.addGroupAdmins([person], thread),
    "react": _react,
    "unsend": lambda client, message: client.unsend(message),
}
