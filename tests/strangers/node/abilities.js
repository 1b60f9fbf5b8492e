// What the driver can be asked for, each one call of facebook-chat-api; and its events in the words of both drivers.
"use strict";

const fs = require("fs");

const GENDERS = { 1: "female_singular", 2: "male_singular" };

function promised(call, ...args) {
  return new Promise((resolve, reject) => call(...args, (error, value) => (error ? reject(error) : resolve(value))));
}

function hex(color) {
  return color ? `#${color.toLowerCase()}` : null;
}

// A chat of the list has its admins as ids and its nicknames as a list; that of getThreadInfo otherwise.
function chat(thread) {
  const common = { id: thread.threadID, name: thread.name, group: thread.isGroup, messages: thread.messageCount };
  if (!thread.isGroup) return common;
  const nicknames = Array.isArray(thread.nicknames)
    ? Object.fromEntries(thread.nicknames.map((entry) => [entry.userID, entry.nickname]))
    : thread.nicknames;
  const admins = thread.adminIDs.map((admin) => admin.id || admin).sort();
  const people = [...thread.participantIDs].sort();
  return { ...common, people, admins, emoji: thread.emoji, color: hex(thread.color), nicknames };
}

async function list(api, limit, before) {
  return promised(api.getThreadList, limit, before, ["INBOX"]);
}

const abilities = {
  chats: async (api, limit, before) => (await list(api, limit, before)).map(chat),
  chatTimes: async (api, limit) => (await list(api, limit, null)).map((thread) => Number(thread.lastMessageTimestamp)),
  chat: async (api, thread) => chat(await promised(api.getThreadInfo, thread)),
  history: async (api, thread, limit, before) =>
    (await promised(api.getThreadHistory, thread, limit, before)).map((message) => ({
      sender: message.senderID,
      text: message.body || "",
      time: message.timestamp,
      pictures: (message.attachments || []).map((attachment) => attachment.largePreviewUrl),
    })),
  people: async (api, ids) => {
    const found = Object.entries(await promised(api.getUserInfo, ids));
    const view = ({ name, firstName, gender, isFriend }) => ({
      name,
      firstName,
      gender: GENDERS[gender],
      friend: isFriend,
    });
    return Object.fromEntries(found.map(([id, person]) => [id, view(person)]));
  },
  friends: async (api) => {
    const friends = await promised(api.getFriendsList);
    return Object.fromEntries(friends.map((friend) => [friend.userID, friend.isFriend]));
  },
  findPeople: async (api, name) => (await promised(api.getUserID, name)).map((person) => person.userID),
  // The library makes an error of it when nothing is found.
  findGroups: (api, name) =>
    promised(api.searchForThread, name).then(
      (found) => found.map((thread) => thread.threadID),
      (error) => {
        if (/^Could not find thread/.test(error.error)) return [];
        throw error;
      },
    ),
  send: async (api, thread, text, replyTo) =>
    (await new Promise((resolve, reject) =>
      api.sendMessage(text, thread, (error, sent) => (error ? reject(error) : resolve(sent)), replyTo),
    )).messageID,
  sendFile: async (api, thread, path) =>
    (await promised(api.sendMessage, { attachment: fs.createReadStream(path) }, thread)).messageID,
  photoUrl: (api, picture) => promised(api.resolvePhotoUrl, picture),
  title: (api, thread, title) => promised(api.setTitle, title, thread),
  nickname: (api, thread, person, nickname) => promised(api.changeNickname, nickname, thread, person),
  color: (api, thread, color) => promised(api.changeThreadColor, color, thread),
  emoji: (api, thread, emoji) => promised(api.changeThreadEmoji, emoji, thread),
  add: (api, thread, person) => promised(api.addUserToGroup, person, thread),
  remove: (api, thread, person) => promised(api.removeUserFromGroup, person, thread),
  admin: (api, thread, person) => promised(api.changeAdminStatus, thread, person, true),
  react: (api, message, emoji) => promised(api.setMessageReaction, emoji, message),
  unsend: (api, message) => promised(api.unsendMessage, message),
};

async function use(api, what, args) {
  try {
    return { value: (await abilities[what](api, ...args)) ?? null };
  } catch (error) {
    return { refused: String(error.error || error.message || JSON.stringify(error)) };
  }
}

const LOG_EVENTS = {
  "log:thread-name": (data) => ({ event: "title", value: data.name }),
  "log:subscribe": (data) => ({ event: "added", people: data.addedParticipants.map((person) => person.userFbId) }),
  "log:unsubscribe": (data) => ({ event: "removed", person: data.leftParticipantFbId }),
  group_poll: (data) => ({ event: "poll", value: JSON.parse(data.question_json).text }),
};

// An event of the library in the words of both drivers; null for what has none. The listener of 1.8.0 tells of no
// change of theme, nickname or icon (dossier 2, section 7, "Bug to avoid"), nor of admins: they are not awaited.
function told(event) {
  const about = { thread: event.threadID, by: event.senderID };
  if (event.type === "event" && LOG_EVENTS[event.logMessageType]) {
    return { ...about, by: event.author, ...LOG_EVENTS[event.logMessageType](event.logMessageData) };
  }
  if (event.type === "message" && event.attachments.length) {
    const [{ ID: id, largePreviewUrl: value }] = event.attachments;
    return { ...about, event: "picture", message: event.messageID, id, value };
  }
  if (event.type === "message_reply") {
    const { messageID: to, body: quoted } = event.messageReply;
    return { ...about, event: "reply", message: event.messageID, value: event.body, to, quoted };
  }
  if (event.type === "message_reaction") {
    return { ...about, event: "reaction", by: event.userID, message: event.messageID, value: event.reaction || "" };
  }
  if (event.type === "message_unsend") return { ...about, event: "unsent", message: event.messageID };
  return null;
}

module.exports = { promised, told, use };
