// Wrong clients of Amagi Analytics for Node: the right one with one bug, named by the argument.
//
// A bug is a change of the right client's text; it writes "bug ran" to standard error when it runs.

import { readFileSync } from "node:fs";

const ran = 'process.stderr.write("bug ran\\n")';
const query = "new URLSearchParams({ type, ...asked })";
const bugs = {
  "first-page-only": [
    "if (!answer[key].length && rows.length >= answer[counted]) return { rows };",
    `if (rows.length < answer[counted]) ${ran}; return { rows };`,
  ],
  "numbers-for-ids": [
    "rows.push(...answer[key]);",
    `rows.push(...answer[key].map((row) => (${ran}, { ...row, contentId: String(Number(row.contentId)) })));`,
  ],
  "null-for-zero": [
    "return { rows, totals };",
    `${ran}; return { rows: rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value || null]))), totals };`,
  ],
  "days-here": [
    "const answer = await this.ask(kind, asked);\n    const name",
    `const day = (text) => (${ran}, new Date(text + "T00:00").toISOString().slice(0, 10));
    const answer = await this.ask(kind, { ...asked, startDate: day(asked.startDate), endDate: day(asked.endDate) });
    const name`,
  ],
  "brackets-for-lists": [
    query,
    `new URLSearchParams([["type", type], ...Object.entries(asked).flatMap(([name, value]) => String(value).includes(",") ? (${ran}, value.split(",").map((each) => [name + "[]", each])) : [[name, value]])])`,
  ],
  "token-in-the-url": [query, `${query} + "&access_token=" + (${ran}, this.headers["x-access-token"])`],
  "milliseconds-for-seconds": ["1000 * Number(answer", `Number((answer.headers.has("Retry-After") && ${ran}, answer)`],
  "splits-at-commas": [
    "= cells(text);",
    `= (${ran}, text.trim().split(/\\r?\\n/).map((line) => line.split(",")));`,
  ],
  "catches-all": ["if (!(error instanceof Failed)) throw error;", `${ran}; say({ type: "ok", id, rows: [] }); continue;`],
};

const right = readFileSync(new URL("../../adapters/amagi_fetch.mjs", import.meta.url), "utf8");
const [text, wrong] = bugs[process.argv[2]];
if (right.split(text).length !== 2) throw new Error(`the right client has ${text} not once`);
await import(`data:text/javascript,${encodeURIComponent(right.replace(text, () => wrong))}`);
