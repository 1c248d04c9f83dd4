// A client of IBM Video Streaming Analytics for Node, without packages. It follows next.href as the service gives it.
//
//   node ibmvideo.mjs URL TOKEN_URL CLIENT_ID CLIENT_SECRET /views '{"date_time_from": "...", "date_time_to": "..."}'
//
// prints the attributes of all rows of all pages as one JSON array, or says what was wrong and exits 1.

const [base, tokenUrl, clientId, clientSecret, path, query] = process.argv.slice(2);

async function json(response) {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text);
}

async function newToken() {
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id: clientId, token_type: "jwt" });
  const headers = { Authorization: `Basic ${clientSecret}` };
  return (await json(await fetch(tokenUrl, { method: "POST", headers, body }))).access_token;
}

// A link is relative to the base address, or names the whole path on its host; nothing of it is changed.
function follow(href) {
  const root = new URL(base);
  return href.startsWith(`${root.pathname.replace(/\/$/, "")}/`) ? root.origin + href : base.replace(/\/$/, "") + href;
}

async function main() {
  const token = await newToken();
  const rows = [];
  let url = `${base.replace(/\/$/, "")}${path}?${new URLSearchParams(JSON.parse(query))}`;
  while (url) {
    const page = await json(await fetch(url, { headers: { Authorization: token } }));
    rows.push(...(page.data ?? page.resources).map((row) => row.attributes));
    url = page.pagination.next ? follow(page.pagination.next.href) : null;
  }
  process.stdout.write(JSON.stringify(rows));
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
