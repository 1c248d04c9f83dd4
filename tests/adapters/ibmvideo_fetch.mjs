// A client of IBM Video Streaming Analytics for Node with fetch and no packages, and the driver that lets testcard
// judge it. A next link says which page follows; what was asked for, and where, it knows itself.
//
//   testcard verify --api ibmvideo --driver "node tests/adapters/ibmvideo_fetch.mjs"

import { createInterface } from "node:readline";

class Failed extends Error {
  constructor(kind, message, status = null) {
    super(message);
    Object.assign(this, { kind, status });
  }
}

const operations = {
  list_views: (client, asked) => client.rows("/views", asked),
  list_views_of_type: (client, asked) => client.rows(`/views/${type(asked)}`, asked),
  list_viewers: (client, asked) => client.rows("/viewers", asked),
  list_viewers_of_type: (client, asked) => client.rows(`/viewers/${type(asked)}`, asked),
};
for (const metric of ["total-views", "unique-devices", "authenticated-viewers"]) {
  const name = metric.replaceAll("-", "_");
  operations[`get_${name}_summary`] = (client, asked) => client.rows(`/${metric}/summary`, asked);
  operations[`get_${name}_summary_of_type`] = (client, asked) => client.rows(`/${metric}/${type(asked)}/summary`, asked);
  operations[`list_${name}`] = (client, asked) => client.rows(`/${metric}/${asked.dimension}`, asked);
  operations[`list_${name}_of_type`] = (client, asked) =>
    client.rows(`/${metric}/${type(asked)}/${asked.dimension}`, asked);
}
for (const metric of ["peak-viewer-numbers", "viewer-seconds"]) {
  const name = metric.replaceAll("-", "_");
  operations[`list_${name}`] = (client, asked) => client.rows(`/${metric}`, asked);
  operations[`list_${name}_of_type`] = (client, asked) => client.rows(`/${metric}/${type(asked)}`, asked);
  operations[`get_${name}_summary`] = async (client, asked) =>
    rowsOf(await client.get(`${client.base}/${metric}/${type(asked)}/summary?${query(asked)}`));
}

class Client {
  constructor(env) {
    const short = ([name, value]) => [name.replace("TESTCARD_IBMVIDEO_", ""), value];
    this.env = Object.fromEntries(Object.entries(env).map(short));
    this.base = this.env.URL.replace(/\/$/, "");
    this.token = this.env.TOKEN;
  }

  async rows(path, asked) {
    for (let attempt = 0; attempt < 3; attempt++) {
      // Rows may come and go under way: then the pages do not fit together, and the list is read again.
      const [rows, counts] = await this.walk(`${this.base}${path}?${query({ ...asked, _limit: 100, _page: 1 })}`);
      if (counts.size === 1 && new Set(rows.map(identity)).size === rows.length) return rows;
    }
    throw new Failed("conflict", `${path} changes while it is read`);
  }

  async walk(first) {
    const rows = [];
    const counts = new Set();
    const seen = new Set();
    for (let link = first; link; ) {
      if (seen.has(link)) throw new Failed("protocol", `the next page is ${link}`);
      seen.add(link);
      const page = await this.get(link);
      rows.push(...rowsOf(page));
      counts.add(page.pagination.count);
      link = page.pagination.next && this.follow(link, page.pagination.next.href);
    }
    return [rows, counts];
  }

  // A link is relative to the base address or to the host, and may have lost what was asked for: its page is enough.
  follow(link, href) {
    const next = new URL(link);
    next.searchParams.set("_page", new URL(href, link).searchParams.get("_page"));
    return next.href;
  }

  async get(link) {
    if (!this.token) await this.renew();
    const once = async () => parsed(await this.send(link, { headers: { Authorization: this.token } }));
    try {
      return await once();
    } catch (error) {
      if (error.status !== 401) throw error;
      await this.renew();
      return await once();
    }
  }

  // The documents name no way to prove oneself: the raw secret behind Basic, and in the body where that is refused.
  async renew() {
    const { CLIENT_ID: client_id, CLIENT_SECRET: client_secret } = this.env;
    const form = { grant_type: "client_credentials", client_id, token_type: "jwt" };
    const ask = (more, headers) =>
      this.send(this.env.TOKEN_URL, { method: "POST", headers, body: new URLSearchParams({ ...form, ...more }) });
    let answer;
    try {
      answer = await ask({}, { Authorization: `Basic ${client_secret}` });
    } catch (error) {
      if (!error.message.includes("invalid_client")) throw error;
      answer = await ask({ client_secret }, {});
    }
    this.token = parsed(answer).access_token;
  }

  async send(link, options) {
    let failure;
    for (let attempt = 0, wait = 0; attempt < 5; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = 50 * 2 ** attempt;
      try {
        const signal = AbortSignal.timeout(90_000);
        const answer = await fetch(link, { redirect: "manual", signal, ...options });
        const body = await answer.text();
        if (answer.status === 200) return body;
        failure = new Failed(kindOf(answer.status), body.slice(0, 300), answer.status);
        if (![429, 502, 503, 504].includes(answer.status)) break;
        wait = 1000 * answer.headers.get("Retry-After") || wait; // whole seconds, never a date
      } catch (error) {
        failure = new Failed("network", String(error.cause ?? error));
      }
    }
    throw failure;
  }
}

function type(asked) {
  return encodeURIComponent(asked.content_type);
}

function query({ content_type, dimension, ...rest }) {
  return new URLSearchParams(rest); // a list becomes its items with commas, a flag true or false
}

function rowsOf(page) {
  return (page.resources ?? page.data).map((row) => row.attributes);
}

// What no two rows of a list share: a view's id, a viewer's name, or all of it.
function identity(row) {
  return row.view_id ?? (row.segments ? row.viewer_identifier : JSON.stringify(row));
}

// Numbers that a double cannot hold stay text between two marks until they are written again.
const mark = "\u{f0000}";

function parsed(body) {
  const kept = (token) => (token.startsWith('"') ? token : `"${mark}${token}${mark}"`);
  try {
    return JSON.parse(body.replace(/"(?:[^"\\]|\\.)*"|\d{16,}/g, kept));
  } catch (error) {
    throw new Failed("protocol", `not JSON: ${error.message}`, 200);
  }
}

function written(answer) {
  return JSON.stringify(answer).replaceAll(`"${mark}`, "").replaceAll(`${mark}"`, "");
}

function kindOf(status) {
  const known = { 400: "invalid", 401: "auth", 403: "forbidden", 404: "not-found", 429: "rate-limit" };
  return known[status] ?? (status >= 500 ? "server" : "protocol");
}

// The driver: a message a line, an answer a line.
let client;
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.type === "bye") break;
  console.log(written(await answer(message)));
}

async function answer({ type, id, operation, arguments: asked, env, fresh }) {
  if (type === "hello") return { type: "introduced", protocol: 1, client: "fetch", operations: Object.keys(operations) };
  if (fresh || !client) client = new Client(env);
  try {
    return { type: "ok", id, rows: await operations[operation](client, asked) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { type: "failed", id, class: error.kind, status: error.status, message: error.message };
  }
}
