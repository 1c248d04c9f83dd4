// Wrong clients of IBM Video Streaming Analytics for Node: the driver with fetch with one bug, named by the argument.
//
// A bug is a change of the driver's text; it writes "bug ran" to standard error when it runs.

import { readFileSync } from "node:fs";

const ran = 'process.stderr.write("bug ran\\n")';
const bugs = {
  "first-page-only": ["link = page.pagination.next &&", `link = page.pagination.next && (${ran}, null) &&`],
  "joins-addresses": ["const next = new URL(link);", `${ran}; return new URL(href, link).href; const next = null;`],
  rounds: [
    "return JSON.parse(body.replace",
    `if (/[^"]\\d{16,}/.test(body)) ${ran}; return JSON.parse(body); return JSON.parse(body.replace`,
  ],
  "times-here": [
    "return new URLSearchParams(rest);",
    `for (const name of ["date_time_from", "date_time_to"].filter((each) => rest[each])) {
      ${ran};
      rest[name] = new Date(rest[name]).toISOString();
    }
    return new URLSearchParams(rest);`,
  ],
  "drops-false": [
    "return new URLSearchParams(rest);",
    `if (Object.values(rest).includes(false)) ${ran};
    return new URLSearchParams(Object.entries(rest).filter(([, value]) => value));`,
  ],
  "encode-uri": [
    "return new URLSearchParams(rest);",
    `if (/[+&#]/.test(rest.viewer_identifier)) ${ran};
    return Object.entries(rest).map(([name, value]) => encodeURI(name + "=" + value)).join("&");`,
  ],
  "catches-all": [
    "if (!(error instanceof Failed)) throw error;",
    `${ran}; return { type: "ok", id, rows: [] };`,
  ],
  "no-await": ["if (!this.token) await this.renew();", `if (!this.token) { ${ran}; this.renew(); }`],
  dies: ["throw failure;", `${ran}; Promise.reject(failure); await new Promise(() => {});`],
  "logs-secrets": ["this.token = this.env.TOKEN;", `this.token = this.env.TOKEN; ${ran}; console.error(this.env);`],
};

const driver = readFileSync(new URL("../../adapters/ibmvideo_fetch.mjs", import.meta.url), "utf8");
const [right, wrong] = bugs[process.argv[2]];
if (driver.split(right).length !== 2) throw new Error(`the driver has ${right} not once`);
await import(`data:text/javascript,${encodeURIComponent(driver.replace(right, () => wrong))}`);
