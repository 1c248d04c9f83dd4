#!/bin/bash
# A client of Video Central with curl and jq, and the driver that lets testcard judge it: the five lists.
#
#   testcard verify --driver "bash examples/drivers/shell_curl_jq.sh"

set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
token='' refresh=''

# What went wrong, for the driver to tell; never returns.
fail() { jq -nc --arg class "$1" --arg status "$2" '{class: $class, status: ($status | tonumber? // null | if . == 0 then null else . end)}' >"$work/failure"; return 1; }

of_env() { jq -r --arg name "TESTCARD_VIDEOCENTRAL_$1" '.env[$name] // empty' "$work/message"; }

# Arguments for curl -> the body in $work/body; a few more tries where waiting may help.
send() {
  local attempt status wait=0 asked
  for attempt in 0 1 2 3 4; do
    sleep "$wait"; wait=0.$((attempt + 1))
    if status=$(curl -sS --max-time 20 -D "$work/headers" -o "$work/body" -w '%{http_code}' "$@" 2>"$work/curl"); then
      case $status in
        200) return 0 ;;
        429 | 5??) asked=$(tr -d '\r' <"$work/headers" | sed -n 's/^[Rr]etry-[Aa]fter: *//p')
          [ -n "$asked" ] && wait=$(pause "$asked") ;;
        *) break ;;
      esac
    else
      status=0
    fi
  done
  case $status in
    0) fail network 0 ;; 400) fail invalid 400 ;; 401) fail auth 401 ;; 403) fail forbidden 403 ;;
    404) fail not-found 404 ;; 429) fail rate-limit 429 ;; 5??) fail server "$status" ;; *) fail protocol "$status" ;;
  esac
}

# Retry-After -> seconds: it is a number, or a date.
pause() {
  case $1 in
    *[!0-9]*) local left=$(($(date -d "$1" +%s) - $(date +%s))); echo $((left > 0 ? left : 0)) ;;
    *) echo "$1" ;;
  esac
}

parsed() { jq -e . "$work/body" >/dev/null 2>&1 || fail protocol 200; }

renew() {
  # Secrets go through a file: a command line is for everybody to see.
  jq -nr --arg id "$(of_env CLIENT_ID)" --arg secret "$(of_env CLIENT_SECRET)" --arg token "$refresh" \
    '"grant_type=refresh_token&client_id=\($id | @uri)&client_secret=\($secret | @uri)&refresh_token=\($token | @uri)"' \
    | tr -d '\n' >"$work/form"
  send --data "@$work/form" "$(of_env TOKEN_URL)" && parsed || return 1
  token=$(jq -r .access_token "$work/body") refresh=$(jq -r .refresh_token "$work/body")
}

get() {
  [ -n "$token" ] || renew || return 1
  printf 'header = "Authorization: Bearer %s"\n' "$token" >"$work/secret"
  send -K "$work/secret" "$1" && parsed && return 0
  [ "$(jq .status "$work/failure")" = 401 ] || return 1
  renew || return 1
  printf 'header = "Authorization: Bearer %s"\n' "$token" >"$work/secret"
  send -K "$work/secret" "$1" && parsed
}

# A path and a query -> all rows in $work/rows, the total in $work/total.
pages() {
  local attempt link base
  base=$(of_env URL)
  for attempt in 1 2 3; do # rows may come and go under way: then the pages do not fit together
    link="$base$1?limit=50$2"
    : >"$work/pages"; : >"$work/seen"; : >"$work/totals"
    while [ -n "$link" ]; do
      grep -qxF "$link" "$work/seen" && { fail protocol 0; return 1; }
      [ "${link#"${base%/apis/v1}"/}" != "$link" ] || { fail protocol 0; return 1; }
      echo "$link" >>"$work/seen"
      get "$link" || return 1
      jq -c .data "$work/body" >>"$work/pages"
      jq -c .total "$work/body" >>"$work/totals"
      link=$(jq -r '.next // empty' "$work/body")
    done
    jq -sc add "$work/pages" >"$work/rows"
    jq length "$work/rows" >"$work/total"
    [ "$(sort -u "$work/totals")" = "$(cat "$work/total")" ] && return 0
  done
  fail protocol 0
}

call() {
  local place kind
  place=$(jq -r '.arguments | [.account_id, .reports_group_id, .channel_id | values | @uri] | join("/")' "$work/message")
  kind=$(jq -r '.arguments.report_type_id // empty | @uri' "$work/message")
  case $(jq -r .operation "$work/message") in
    list_accounts) pages /accounts '' ;;
    list_report_groups | list_channels) pages "/accounts/$place" '' ;;
    list_report_types) pages "/accounts/$place/reportTypes" '' ;;
    list_reports) pages "/accounts/$place/reportTypes/$kind/reports" "$(jq -r '.arguments | del(.account_id, .reports_group_id, .channel_id, .report_type_id)
      | to_entries | map("&\(.key)=\(.value | @uri)") | join("")' "$work/message")" ;;
  esac
}

# The driver: a message a line, an answer a line.
while IFS= read -r line; do
  printf '%s' "$line" >"$work/message"
  case $(jq -r .type "$work/message") in
    bye) exit 0 ;;
    hello) echo '{"type": "introduced", "protocol": 1, "client": "curl example", "operations":
      ["list_accounts", "list_report_groups", "list_channels", "list_report_types", "list_reports"]}' | jq -c . ;;
    call)
      [ "$(jq .fresh "$work/message")" = true ] && token=$(of_env TOKEN) refresh=$(of_env REFRESH_TOKEN)
      if call; then
        jq -c --slurpfile rows "$work/rows" --slurpfile total "$work/total" \
          '{type: "ok", id, rows: $rows[0], totals: {total: $total[0]}}' "$work/message"
      else
        jq -c --slurpfile failure "$work/failure" '{type: "failed", id} + $failure[0]' "$work/message"
      fi ;;
  esac
done
