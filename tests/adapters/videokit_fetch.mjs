// A client of Cloud Video Kit for Node with fetch and no packages, and the driver that lets testcard judge it.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

class Failed extends Error {
  constructor(kind, message, status = null) {
    super(message);
    Object.assign(this, { kind, status });
  }
}

const id = encodeURIComponent;
const operations = {
  list_vod_assets: (client, filters) => client.list("/vod/v1/assets", filters),
  list_files: (client, filters) => client.list("/vod/v1/files", filters),
  list_recordings: (client, filters) => client.list("/cvr/v1/recordings", filters),
  list_streaming_assets: (client, filters) => client.list("/streaming/v1/assets", filters),
  list_api_keys: (client, filters) => client.list("/core/v1/api-key", filters),
  get_vod_asset: async (client, asset) => value(await client.call("GET", `/vod/v1/assets/${id(asset.id)}`)),
  get_file: async (client, file) => value(await client.call("GET", `/vod/v1/files/${id(file.id)}`)),
  get_recording: async (client, { id: key }) => value(await client.call("GET", `/cvr/v1/recordings/${id(key)}`)),
  create_vod_asset: async (client, { body }) => value((await client.call("POST", "/vod/v1/assets", { body })).id),
  create_recording: async (client, { body }) => value((await client.call("POST", "/cvr/v1/recordings", { body })).id),
  update_vod_asset: async (client, { id: key, body }) =>
    value(await client.call("PATCH", `/vod/v1/assets/${id(key)}`, { body })),
  delete_vod_asset: async (client, asset) => {
    await client.call("DELETE", `/vod/v1/assets/${id(asset.id)}`);
    return value(null);
  },
  delete_vod_assets: (client, { ids }) => client.many("/vod/v1/assets/deletemany", ids),
  delete_recordings: (client, { ids }) => client.many("/cvr/v1/recordings/deletemany", ids),
  add_asset_tags: async (client, { assetId, body }) => {
    await client.call("POST", `/streaming/v1/assets/${id(assetId)}/tags`, { body });
    return value(null);
  },
  delete_asset_tag: async (client, { assetId, tag }) => {
    await client.call("DELETE", `/streaming/v1/assets/${id(assetId)}/tags/${id(tag)}`);
    return value(null);
  },
  get_queries_count: (client, { body }) => client.query("/streaming/v1/analytics/queries/count", body),
  upload_file: (client, file) => client.upload(file),
  download_file: async (client, file) => {
    const { link } = await client.call("GET", `/vod/v1/files/${id(file.id)}/preview`);
    const { body } = await client.send("GET", link);
    return value({ size: body.length, sha256: createHash("sha256").update(body).digest("hex") });
  },
};

const value = (result) => ({ value: result });

class Client {
  constructor(env) {
    this.url = env.TESTCARD_VIDEOKIT_URL;
    this.headers = { "X-Api-Key": env.TESTCARD_VIDEOKIT_API_KEY, "X-Tenant-Id": env.TESTCARD_VIDEOKIT_TENANT_ID };
  }

  async list(path, filters) {
    for (let attempt = 0; attempt < 3; attempt++) {
      // Rows may come and go under way: then the pages do not fit together, and the list is read again.
      const [rows, totals] = await this.walk(path, filters);
      if (totals.every((each) => each === rows.length)) return { rows };
    }
    throw new Failed("protocol", "the pages do not fit together");
  }

  async walk(path, filters) {
    const rows = [];
    const totals = [];
    for (let page = 1, pages = 1; page <= pages; page++) {
      const query = new URLSearchParams();
      for (const [name, given] of Object.entries({ ...filters, page, limit: 50 }))
        for (const each of [given].flat()) query.append(name, each);
      const answer = await this.call("GET", `${path}?${query}`);
      rows.push(...answer.items);
      totals.push(answer.totalCount);
      pages = answer.pageCount;
    }
    return [rows, totals];
  }

  async many(path, ids) {
    const results = await this.call("POST", path, { body: ids });
    const failed = ids.filter((each) => !results[each]?.success);
    return { lists: { deleted: ids.filter((each) => !failed.includes(each)), failed } };
  }

  async query(path, { orderBy = [], ...body }) {
    const names = [body.interval, ...(body.groupBy ?? [])].filter(Boolean);
    const rest = names.filter((name) => !orderBy.some((each) => each.name === name));
    const order = [...orderBy, ...rest.map((name) => ({ name, order: "ASC" }))];
    if (order.length) body.orderBy = order;
    const rows = [];
    for (let part = null; !part || part.length === 200; ) {
      const page = { ...body, limit: 200, offset: rows.length };
      ({ rows: part } = await this.call("POST", path, { body: page, repeatable: true }));
      rows.push(...part.map((row) => row.slice(0, names.length + 1)));
    }
    return { rows };
  }

  async upload({ name, friendlyName, pattern, size }) {
    const content = size ? Buffer.alloc(size, pattern) : Buffer.alloc(0);
    const started = await this.call("POST", "/vod/v1/files/start", { body: { name, friendlyName, fileSize: size } });
    const { fileId, partsCount } = started;
    try {
      const parts = [];
      for (let number = 1; number <= partsCount; number++) parts.push(await this.put(started, content, number));
      await this.call("POST", "/vod/v1/files/complete", { body: { fileId, parts } });
    } catch (error) {
      // It may be over: what went wrong first is what is told.
      await this.call("POST", `/vod/v1/files/${fileId}/cancel`, { body: { delete: true } }).catch(() => null);
      throw error;
    }
    return value(fileId);
  }

  async put({ fileId, partSize, multipartUrls }, content, partNumber) {
    const path = `/vod/v1/files/${fileId}/part/${partNumber}`;
    const link = multipartUrls[partNumber - 1] ?? (await this.call("GET", path)).url;
    const body = content.subarray((partNumber - 1) * partSize, partNumber * partSize);
    const { headers } = await this.send("PUT", link, { body });
    return { partNumber, eTag: headers.get("ETag") };
  }

  async call(method, path, { body, repeatable } = {}) {
    const headers = body === undefined ? this.headers : { ...this.headers, "Content-Type": "application/json" };
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const answer = await this.send(method, this.url + path, { headers, body: sent }, repeatable);
    return answer.body.length ? parsed(answer) : null;
  }

  async send(method, link, options = {}, repeatable = false) {
    const once = (method === "POST" || method === "PATCH") && !repeatable;
    let failure;
    for (let attempt = 0, wait = 0; attempt < 5; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = 50 * 2 ** attempt;
      try {
        const signal = AbortSignal.timeout(20_000);
        const answer = await fetch(link, { method, redirect: "manual", signal, ...options });
        const { status, ok, headers } = answer;
        const body = Buffer.from(await answer.arrayBuffer());
        if (ok || (method === "DELETE" && attempt && status === 404)) return { status, headers, body };
        failure = new Failed(kindOf(status), body.toString().slice(0, 200), status);
        if (status !== 429 && status !== 503 && (once || status < 500)) break;
        const asked = headers.get("Retry-After");
        if (asked) wait = (/^\d+$/.test(asked) ? 1000 * asked : Date.parse(asked) - Date.now()) + 20;
      } catch (error) {
        failure = new Failed("network", String(error.cause ?? error));
        if (once) break; // it may have been done
      }
    }
    throw failure;
  }
}

// Whole numbers that a double cannot hold are kept as they are written, between marks, until they are written again.
const MARK = "\u{F0000}";

function parsed({ body, status }) {
  try {
    return JSON.parse(body.toString().replace(/([[:,]\s*)(\d{16,})(?=\s*[,\]}])/g, `$1"${MARK}$2"`));
  } catch (error) {
    throw new Failed("protocol", `not JSON: ${error.message}`, status);
  }
}

function kindOf(status) {
  const known = { 400: "invalid", 401: "auth", 403: "forbidden", 404: "not-found", 409: "conflict", 429: "rate-limit" };
  return known[status] ?? (status >= 500 ? "server" : "protocol");
}

// The driver: a message a line, an answer a line.
let client;
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.type === "bye") break;
  console.log(JSON.stringify(await answer(message)).replace(new RegExp(`"${MARK}(\\d+)"`, "gu"), "$1"));
}

async function answer({ type, id, operation, arguments: given, env, fresh }) {
  if (type === "hello") return { type: "introduced", protocol: 1, client: "fetch", operations: Object.keys(operations) };
  if (fresh || !client) client = new Client(env);
  try {
    return { type: "ok", id, ...(await operations[operation](client, given)) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { type: "failed", id, class: error.kind, status: error.status, message: error.message };
  }
}
