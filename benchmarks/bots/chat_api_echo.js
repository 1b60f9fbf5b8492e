// An echo bot on facebook-chat-api 1.8.0 as it comes; the file named by the first argument holds its app state.
"use strict";

const fs = require("fs");
const login = require("facebook-chat-api");

const appState = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

login({ appState }, { logLevel: "warn" }, (error, api) => {
  if (error) throw error;
  api.listenMqtt((problem, event) => {
    if (problem) throw problem;
    if (event.type === "message") api.sendMessage(event.body, event.threadID);
  });
});
