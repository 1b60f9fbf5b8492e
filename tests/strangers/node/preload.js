// Sends every TLS connection for a Messenger name to the port STRANGERS_TLS_PORT of this machine; refuses every other
// name. Used with `node -r`. The certificate's CA comes by NODE_EXTRA_CA_CERTS, so names are verified as ever.
"use strict";

const dns = require("dns");
const tls = require("tls");

const MESSENGER = /(^|\.)(facebook|messenger)\.com$/;
const connect = tls.connect;

tls.connect = function (options, ...rest) {
  if (typeof options !== "object" || !MESSENGER.test(options.host)) {
    throw new Error("only Messenger's names are connected here");
  }
  const here = { host: "127.0.0.1", port: Number(process.env.STRANGERS_TLS_PORT) };
  return connect.call(tls, { servername: options.host, ...options, ...here }, ...rest);
};

dns.lookup = function (name, ...rest) {
  rest.pop()(new Error(`nothing beyond loopback is looked up here: ${name}`));
};
