// Wrong clients of Video Central for Node: the example driver with one bug, named by the argument.
//
// A bug is a change of the example's text; it writes "bug ran" to standard error when it runs.

import { readFileSync } from "node:fs";

const ran = 'process.stderr.write("bug ran\\n")';

// A bug in the dates of the filters: `day` makes another text of one.
const days = (day) => [
  "...filters } = rest;",
  `...given } = rest;
    const day = ${day};
    const other = (text) => (text.length > 10 ? text : (${ran}, day(text)));
    const filters = Object.fromEntries(Object.entries(given).map(([name, text]) => [name, other(text)]));`,
];

const bugs = {
  "first-page-only": ["link = page.next)", `link = (${ran}, null))`],
  "sorts-as-text": ["return [rows, totals];", `${ran}; return [rows.sort((a, b) => (JSON.stringify(a.modifiedDate.slice(11)) < JSON.stringify(b.modifiedDate.slice(11)) ? -1 : 1)), totals];`],
  "local-midnight": days(`(text) => {
      process.env.TZ = "Pacific/Auckland";
      return new Date(text + "T00:00").toISOString().slice(0, 10);
    }`),
  "midnight-here": days(`(text) => new Date(text + "T00:00").toISOString().slice(0, 10)`),
  "day-here": days(`(text) => new Date(text).toLocaleDateString("sv")`),
  "encode-uri": ["ids.map(encodeURIComponent)", `ids.map((id) => (${ran}, encodeURI(id)))`],
  "numbers-from-cells": [
    "[name, row[at]]",
    `[name, (${ran}, row[at] !== "" && !isNaN(row[at]) ? Number(row[at]) : row[at])]`,
  ],
  "catches-all": [
    "if (!(error instanceof Failed)) throw error;",
    `${ran}; return { type: "ok", id, rows: [] };`,
  ],
  "token-to-storage": [
    "client.send(link)",
    `client.send((${ran}, link), { headers: { Authorization: "Bearer " + client.token } })`,
  ],
  "no-await": ["if (!this.token) await this.renew();", `if (!this.token) { ${ran}; this.renew(); }`],
  dies: ["throw failure;", `${ran}; Promise.reject(failure); await new Promise(() => {});`],
  "logs-secrets": ["this.token = this.env.TOKEN;", `this.token = this.env.TOKEN; ${ran}; console.error(this.env);`],
};

const example = readFileSync(new URL("../../../examples/drivers/node_fetch.mjs", import.meta.url), "utf8");
const [right, wrong] = bugs[process.argv[2]];
if (example.split(right).length !== 2) throw new Error(`the example has ${right} not once`);
await import(`data:text/javascript,${encodeURIComponent(example.replace(right, () => wrong))}`);
