// Loaded by Node before a command's own code: connections to the web meet the gate of `testcard run`, whatever
// library makes them, also in versions of Node that know no proxy. TLS still checks the name that was asked for.
"use strict";

const net = require("net");

const port = Number(process.env.TESTCARD_REACH_PORT);
const allowed = (process.env.TESTCARD_REACH_ALLOW || "").split(",").filter(Boolean).map(pattern);
const local = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|0\.0\.0\.0)$/i;
const connect = net.Socket.prototype.connect;

function pattern(host) {
  const literal = host.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replace(/\*/g, ".*").replace(/\?/g, ".")}$`, "i");
}

function isWeb(options) {
  const host = options.host;
  if (!host || options.path || ![80, 443].includes(Number(options.port))) return false;
  return !local.test(host) && !allowed.some((each) => each.test(host));
}

if (port) {
  net.Socket.prototype.connect = function (...args) {
    const normal = Array.isArray(args[0]) ? args[0] : net._normalizeArgs(args);
    if (!isWeb(normal[0])) return connect.apply(this, args);
    normal[0] = Object.assign({}, normal[0], { host: "127.0.0.1", port, family: 4, lookup: undefined });
    return connect.call(this, normal);
  };
}
