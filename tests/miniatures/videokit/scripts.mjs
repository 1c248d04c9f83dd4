// Wrong clients of Cloud Video Kit for Node: the right driver with one bug, named by the argument.
//
// A bug is a change of the driver's text; it writes "bug ran" to standard error when it runs.

import { readFileSync } from "node:fs";

const ran = 'process.stderr.write("bug ran\\n")';
const bugs = {
  "first-page-only": ["pages = answer.pageCount;", `${ran}; pages = 1;`],
  "more-by-the-size": ["pages = answer.pageCount;", `${ran}; pages = Math.floor(answer.totalCount / answer.pageSize);`],
  doubles: [
    "JSON.parse(body.toString().replace(/([[:,]\\s*)(\\d{16,})(?=\\s*[,\\]}])/g, `$1\"${MARK}$2\"`))",
    `(${ran}, JSON.parse(body.toString()))`,
  ],
  "sorts-as-text": [
    "return [rows, totals];",
    `${ran}; return [rows.sort((a, b) => (String(a.title) < String(b.title) ? -1 : 1)), totals];`,
  ],
  "local-bounds": [
    "async walk(path, filters) {",
    `async walk(path, given) {
    const local = (text) => (${ran}, new Date(text.slice(0, 19)).toISOString());
    const moved = ([name, text]) => [name, name.includes("Date") ? local(text) : text];
    const filters = Object.fromEntries(Object.entries(given).map(moved));`,
  ],
  "encode-uri": ["const id = encodeURIComponent;", `const id = (text) => (${ran}, encodeURI(text));`],
  "commas-in-values": ["[given].flat()", `(${ran}, String(given).split(" "))`],
  "catches-all": [
    "if (!(error instanceof Failed)) throw error;",
    `${ran}; return { type: "ok", id, rows: [] };`,
  ],
  "key-to-the-storage": [
    'this.send("PUT", link, { body })',
    `this.send((${ran}, "PUT"), link, { body, headers: this.headers })`,
  ],
  "no-await": ["parts.push(await this.put(", `${ran}; parts.push(this.put(`],
  "two-bytes-a-letter": ["Buffer.alloc(size, pattern)", `(${ran}, Buffer.alloc(size, pattern, "utf16le"))`],
  "one-link-for-all": ["multipartUrls[partNumber - 1]", `(${ran}, multipartUrls[0])`],
  "offset-in-pages": ["offset: rows.length", `offset: (${ran}, rows.length / 200)`],
  "results-unread": ["!results[each]?.success", `(${ran}, !results)`],
  "repeats-all": ["if (once) break; // it may have been done", `${ran};`],
  dies: ["throw failure;", `${ran}; Promise.reject(failure); await new Promise(() => {});`],
  "logs-secrets": [
    "this.url = env.TESTCARD_VIDEOKIT_URL;",
    `this.url = env.TESTCARD_VIDEOKIT_URL; ${ran}; console.error(env);`,
  ],
};

const example = readFileSync(new URL("../../adapters/videokit_fetch.mjs", import.meta.url), "utf8");
const [right, wrong] = bugs[process.argv[2]];
if (example.split(right).length !== 2) throw new Error(`the driver has ${right} not once`);
await import(`data:text/javascript,${encodeURIComponent(example.replace(right, () => wrong))}`);
