// A client of Amagi Analytics for Node with fetch and no packages, and the driver that lets testcard judge it.
//
//   testcard verify --api amagi --driver "node tests/adapters/amagi_fetch.mjs"

import { createInterface } from "node:readline";

class Failed extends Error {
  constructor(kind, message, status = null) {
    super(message);
    Object.assign(this, { kind, status });
  }
}

const operations = {
  list_channels: async (client) => ({ lists: await client.ask("channelList") }),
  get_viewership_analytics: (client, asked) => client.figures("viewershipAnalytics", asked, "viewershipAnalytics"),
  get_content_analytics: (client, asked) => client.all("contentAnalytics", asked, "contentData", "contentCount"),
  get_concurrent_users: async (client, asked) => ({ rows: await client.ask("concurrentUsers", asked) }),
  get_ad_analytics: (client, asked) => client.figures("adAnalytics", asked, "adAnalytics"),
  get_ad_content_analytics: (client, asked) =>
    client.all("adContentAnalytics", asked, "adContentData", "adContentCount"),
  get_unique_viewers_analytics: (client, asked) =>
    client.figures("uniqueViewersAnalytics", asked, "uniqueViewerAnalytics", "uniqueViewersAnalytics"),
  download_report: async (client, { scheduleId, from_date }) => {
    const base = client.url.replace(/\/api\/v2$/, "/api/v1/download-reports");
    return { rows: records((await client.send(`${base}/${encodeURIComponent(scheduleId)}/${from_date}`)).body) };
  },
};

class Client {
  constructor(env) {
    this.url = env.TESTCARD_AMAGI_URL;
    this.headers = { "x-access-token": env.TESTCARD_AMAGI_TOKEN };
  }

  async figures(kind, asked, ...names) {
    const answer = await this.ask(kind, asked);
    const name = names.find((each) => each in answer);
    const { [name]: rows, ...totals } = answer;
    return { rows, totals };
  }

  async all(kind, asked, key, counted) {
    const rows = [];
    let empty = 0;
    for (let page = 1; empty < 2; page++) {
      const answer = await this.ask(kind, { ...asked, page, limit: 50 });
      rows.push(...answer[key]);
      if (!answer[key].length && rows.length >= answer[counted]) return { rows };
      empty = answer[key].length ? 0 : empty + 1;
    }
    // The pages did not bring what was counted; it may be that they count from zero. Without a page comes everything.
    const whole = await this.ask(kind, asked);
    if (whole[key].length !== whole[counted]) throw new Failed("protocol", `${rows.length} rows of ${whole[counted]}`);
    return { rows: whole[key] };
  }

  async ask(type, asked = {}) {
    const answer = await this.send(`${this.url}?${new URLSearchParams({ type, ...asked })}`);
    try {
      return JSON.parse(answer.body);
    } catch (error) {
      throw new Failed("protocol", `not JSON: ${error.message}`, answer.status);
    }
  }

  async send(url) {
    let failure;
    for (let attempt = 0; attempt < 5; attempt++) {
      let wait = 50 * 2 ** attempt;
      try {
        const answer = await fetch(url, { headers: this.headers, redirect: "manual" });
        const body = await answer.text();
        if (answer.status === 200) return { status: 200, body };
        failure = new Failed(classOf(answer.status), body.slice(0, 200), answer.status);
        if (answer.status !== 429 && answer.status < 500) throw failure;
        wait = Math.max(wait, 1000 * Number(answer.headers.get("Retry-After")));
      } catch (error) {
        if (error === failure) throw error;
        failure = new Failed("network", String(error.cause ?? error));
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    throw failure;
  }
}

function classOf(status) {
  if (status >= 500) return "server";
  const other = status < 400 ? "protocol" : "invalid";
  return { 401: "auth", 403: "forbidden", 404: "not-found", 429: "rate-limit" }[status] ?? other;
}

function records(text) {
  const [header, ...lines] = cells(text);
  if (lines.some((line) => line.length !== header.length)) throw new Failed("protocol", "lines of different lengths");
  return lines.map((line) => Object.fromEntries(header.map((name, at) => [name, line[at]])));
}

function cells(text) {
  const lines = [];
  let line = [];
  const pattern = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/y;
  while (pattern.lastIndex < text.length) {
    const [, cell, end] = pattern.exec(text);
    line.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end !== ",") {
      lines.push(line);
      line = [];
    }
  }
  return lines;
}

let client;
for await (const text of createInterface({ input: process.stdin })) {
  const { type, id, operation, arguments: asked, env, fresh } = JSON.parse(text);
  if (type === "bye") break;
  const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  if (type === "hello") {
    say({ type: "introduced", protocol: 1, client: "fetch", operations: Object.keys(operations) });
    continue;
  }
  if (!client || fresh) client = new Client(env);
  try {
    say({ type: "ok", id, ...(await operations[operation](client, asked)) });
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    say({ type: "failed", id, class: error.kind, status: error.status, message: error.message });
  }
}
