// A client of Video Central for Node with fetch and no packages, and the driver that lets testcard judge it.
//
//   testcard verify --driver "node examples/drivers/node_fetch.mjs"

import { createInterface } from "node:readline";
import { inflateRawSync } from "node:zlib";

class Failed extends Error {
  constructor(kind, message, status = null) {
    super(message);
    Object.assign(this, { kind, status });
  }
}

const operations = {
  list_accounts: (client) => client.pages("/accounts"),
  list_report_groups: (client, place) => client.pages(path(place)),
  list_channels: (client, place) => client.pages(path(place)),
  list_report_types: (client, place) => client.pages(`${path(place)}/reportTypes`),
  list_reports: (client, { report_type_id, ...rest }) => {
    const { account_id, reports_group_id, channel_id, ...filters } = rest;
    return client.pages(`${path(rest)}/reportTypes/${encodeURIComponent(report_type_id)}/reports`, filters);
  },
  download_report: async (client, { reportDateBegin, ...place }) => {
    const after = new Date(Date.parse(reportDateBegin) + 86_400_000).toISOString().slice(0, 10);
    const filters = { reportDateBeginGte: reportDateBegin, reportDateBeginLt: after };
    const { rows } = await operations.list_reports(client, { ...place, ...filters });
    if (!rows.length) throw new Failed("not-found", `no report begins on ${reportDateBegin}`);
    const link = rows[0].downloadUrl; // it carries its own permission: no token goes there
    return { rows: link ? records((await client.send(link)).body) : [] };
  },
};

class Client {
  constructor(env) {
    const short = ([name, value]) => [name.replace("TESTCARD_VIDEOCENTRAL_", ""), value];
    this.env = Object.fromEntries(Object.entries(env).map(short));
    this.token = this.env.TOKEN;
  }

  async pages(path, filters = {}) {
    for (let attempt = 0; attempt < 3; attempt++) {
      // Rows may come and go under way: then the pages do not fit together, and the list is read again.
      const [rows, totals] = await this.walk(`${path}?${new URLSearchParams({ ...filters, limit: 50 })}`);
      const total = rows.length;
      if (totals.every((each) => each === total)) return { rows, totals: { total } };
    }
    throw new Failed("protocol", "the pages do not fit together");
  }

  async walk(path) {
    const rows = [];
    const totals = [];
    const seen = new Set();
    let link = this.env.URL + path;
    for (let page; link; link = page.next) {
      if (seen.has(link) || new URL(link).host !== new URL(this.env.URL).host)
        throw new Failed("protocol", `the next page is ${link}`);
      seen.add(link);
      page = await this.get(link);
      rows.push(...page.data);
      totals.push(page.total);
    }
    return [rows, totals];
  }

  async get(link) {
    if (!this.token) await this.renew();
    const once = async () => parsed(await this.send(link, { headers: { Authorization: `Bearer ${this.token}` } }));
    try {
      return await once();
    } catch (error) {
      if (error.status !== 401) throw error;
      await this.renew();
      return await once();
    }
  }

  async renew() {
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: this.env.REFRESH_TOKEN,
      client_id: this.env.CLIENT_ID,
      client_secret: this.env.CLIENT_SECRET,
    });
    const tokens = parsed(await this.send(this.env.TOKEN_URL, { method: "POST", body }));
    this.token = tokens.access_token;
    this.env.REFRESH_TOKEN = tokens.refresh_token;
  }

  async send(link, options = {}) {
    let failure;
    for (let attempt = 0, wait = 0; attempt < 5; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = 50 * 2 ** attempt;
      try {
        const signal = AbortSignal.timeout(20_000);
        const answer = await fetch(link, { redirect: "manual", signal, ...options });
        const body = Buffer.from(await answer.arrayBuffer());
        if (answer.status === 200) return { status: 200, body };
        failure = new Failed(kindOf(answer.status), body.toString().slice(0, 200), answer.status);
        if (answer.status !== 429 && answer.status < 500) break;
        const asked = answer.headers.get("Retry-After");
        if (asked) wait = (/^\d+$/.test(asked) ? 1000 * asked : Date.parse(asked) - Date.now()) + 20;
      } catch (error) {
        failure = new Failed("network", String(error.cause ?? error));
      }
    }
    throw failure;
  }
}

function path(place) {
  const ids = [place.account_id, place.reports_group_id, place.channel_id].filter((id) => id !== undefined);
  return `/accounts/${ids.map(encodeURIComponent).join("/")}`;
}

function parsed({ body, status }) {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new Failed("protocol", `not JSON: ${error.message}`, status);
  }
}

function kindOf(status) {
  const known = { 400: "invalid", 401: "auth", 403: "forbidden", 404: "not-found", 429: "rate-limit" };
  return known[status] ?? (status >= 500 ? "server" : "protocol");
}

// The first file of a ZIP archive, by its central directory; or the bytes themselves.
function unzipped(bytes) {
  if (bytes.toString("latin1", 0, 2) !== "PK") return bytes;
  const entry = bytes.readUInt32LE(bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1")) + 16);
  const local = bytes.readUInt32LE(entry + 42);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const packed = bytes.subarray(start, start + bytes.readUInt32LE(entry + 20));
  return bytes.readUInt16LE(entry + 10) === 8 ? inflateRawSync(packed) : packed;
}

// RFC 4180: quoted cells may hold commas, line breaks and doubled quotes.
function records(content) {
  const rows = [[]];
  for (const [, quoted, plain, end] of unzipped(content).toString().matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/gy)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") rows.push([]);
  }
  const [header, ...cells] = rows.filter((row) => row.length > 1 || row[0]);
  return cells.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at]])));
}

// The driver: a message a line, an answer a line.
let client;
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.type === "bye") break;
  console.log(JSON.stringify(await answer(message)));
}

async function answer({ type, id, operation, arguments: given, env, fresh }) {
  if (type === "hello") return { type: "introduced", protocol: 1, client: "fetch example", operations: Object.keys(operations) };
  if (fresh || !client) client = new Client(env);
  try {
    return { type: "ok", id, ...(await operations[operation](client, given)) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { type: "failed", id, class: error.kind, status: error.status, message: error.message };
  }
}
