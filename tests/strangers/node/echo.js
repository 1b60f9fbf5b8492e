// An echo bot on facebook-chat-api as it comes. The first line of its input is what to log in with, each further one
// something to do; it ends with its input, and tells on its output what it hears: READY, OWN <text>, TYPING <user id>,
// EVENT <JSON>, ANSWER <JSON>, BYE, FAULT <reason>.
"use strict";

const readline = require("readline");
const login = require("facebook-chat-api");
const { promised, told, use } = require("./abilities.js");

const input = readline.createInterface({ input: process.stdin });

function tell(word, detail = "") {
  process.stdout.write(`${word} ${detail}`.trim() + "\n");
}

function fault(error) {
  tell("FAULT", (error && error.stack) || JSON.stringify(error));
}

async function answer(api, message) {
  await promised(api.markAsRead, message.threadID);
  await promised((done) => api.sendTypingIndicator(message.threadID, done));
  await promised(api.sendMessage, `node: ${message.body}`, message.threadID);
}

function listen(api) {
  let ready = false;
  let answers = Promise.resolve();
  return api.listenMqtt((error, event) => {
    if (error) {
      fault(error);
    } else if (event.type === "presence" && !ready) {
      // The library does not say when it listens; who is online is the first thing that the server sends then.
      ready = true;
      tell("READY");
    } else if (event.type === "typ" && event.isTyping) {
      tell("TYPING", event.from);
    } else if (told(event)) {
      if (told(event).by !== api.getCurrentUserID()) tell("EVENT", JSON.stringify(told(event)));
    } else if (event.type === "message" && event.senderID === api.getCurrentUserID()) {
      tell("OWN", event.body);
    } else if (event.type === "message") {
      answers = answers.then(() => answer(api, event)).catch(fault);
    }
  });
}

input.once("line", (line) => {
  login(JSON.parse(line), { selfListen: true, listenEvents: true, logLevel: "warn" }, (error, api) => {
    if (error) {
      fault(error);
      process.exit(1);
    }
    const stop = listen(api);
    input.on("line", async (asked) => {
      const { number, what, arguments: args } = JSON.parse(asked);
      tell("ANSWER", JSON.stringify({ number, ...(await use(api, what, args)) }));
    });
    input.once("close", () => {
      stop();
      api.logout((problem) => {
        if (problem) fault(problem);
        else tell("BYE");
        process.exit(problem ? 1 : 0);
      });
    });
  });
});
