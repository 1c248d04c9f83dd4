// A client of Video Central for Java 17 without libraries, and the driver that lets testcard judge it: the five lists.
//
//   testcard verify --driver "java examples/drivers/Driver.java"

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

public class Driver {
    static final List<String> OPERATIONS =
        List.of("list_accounts", "list_report_groups", "list_channels", "list_report_types", "list_reports");
    static final List<String> PLACE = List.of("account_id", "reports_group_id", "channel_id");

    static class Failed extends Exception {
        final String kind;
        final Integer status;

        Failed(String kind, String message, Integer status) {
            super(message);
            this.kind = kind;
            this.status = status;
        }
    }

    // The client.

    final Map<String, String> env = new LinkedHashMap<>();
    final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    String token;

    Driver(Map<String, Object> given) {
        given.forEach((name, value) -> env.put(name.replace("TESTCARD_VIDEOCENTRAL_", ""), (String) value));
        token = env.get("TOKEN");
    }

    Map<String, Object> call(String operation, Map<String, Object> arguments) throws Exception {
        return switch (operation) {
            case "list_accounts" -> pages("/accounts", arguments);
            case "list_report_groups", "list_channels" -> pages(path(arguments), arguments);
            case "list_report_types" -> pages(path(arguments) + "/reportTypes", arguments);
            default -> {
                String kind = encoded(arguments.remove("report_type_id"));
                yield pages(path(arguments) + "/reportTypes/" + kind + "/reports", arguments);
            }
        };
    }

    Map<String, Object> pages(String path, Map<String, Object> filters) throws Exception {
        StringBuilder query = new StringBuilder("?limit=50");
        filters.forEach((name, value) -> query.append("&").append(name).append("=").append(encoded(value)));
        for (int attempt = 0; attempt < 3; attempt++) { // rows may come and go under way
            List<Object> rows = new ArrayList<>();
            Set<Integer> totals = walk(env.get("URL") + path + query, rows);
            if (totals.equals(Set.of(rows.size())))
                return Map.of("rows", rows, "totals", Map.of("total", rows.size()));
        }
        throw new Failed("protocol", "the pages do not fit together", null);
    }

    Set<Integer> walk(String link, List<Object> rows) throws Exception {
        Set<String> seen = new HashSet<>();
        Set<Integer> totals = new HashSet<>();
        while (link != null) {
            boolean foreign = !URI.create(link).getAuthority().equals(URI.create(env.get("URL")).getAuthority());
            if (foreign || !seen.add(link)) throw new Failed("protocol", "the next page is " + link, null);
            Map<String, Object> page = get(link);
            rows.addAll(Json.list(page.get("data")));
            totals.add(((Number) page.get("total")).intValue());
            link = (String) page.get("next");
        }
        return totals;
    }

    Map<String, Object> get(String link) throws Exception {
        if (token == null) renew();
        try {
            return parsed(send(HttpRequest.newBuilder(URI.create(link)).header("Authorization", "Bearer " + token)));
        } catch (Failed failed) {
            if (failed.status == null || failed.status != 401) throw failed;
            renew();
            return parsed(send(HttpRequest.newBuilder(URI.create(link)).header("Authorization", "Bearer " + token)));
        }
    }

    void renew() throws Exception {
        StringBuilder form = new StringBuilder("grant_type=refresh_token");
        for (String name : List.of("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"))
            form.append("&").append(name.toLowerCase()).append("=").append(encoded(env.get(name)));
        Map<String, Object> tokens = parsed(send(HttpRequest.newBuilder(URI.create(env.get("TOKEN_URL")))
            .header("Content-Type", "application/x-www-form-urlencoded").POST(BodyPublishers.ofString(form.toString()))));
        token = (String) tokens.get("access_token");
        env.put("REFRESH_TOKEN", (String) tokens.get("refresh_token"));
    }

    String send(HttpRequest.Builder request) throws Exception {
        Failed failure = null;
        long wait = 0;
        for (int attempt = 0; attempt < 5; attempt++) {
            Thread.sleep(wait);
            wait = 50L << attempt;
            try {
                HttpRequest ready = request.timeout(Duration.ofSeconds(20)).build();
                HttpResponse<byte[]> answer = http.send(ready, BodyHandlers.ofByteArray());
                String text = new String(answer.body(), StandardCharsets.UTF_8);
                if (answer.statusCode() == 200) return text;
                failure = new Failed(kind(answer.statusCode()), text, answer.statusCode());
                if (answer.statusCode() != 429 && answer.statusCode() < 500) break;
                String asked = answer.headers().firstValue("Retry-After").orElse("");
                if (!asked.isEmpty()) wait = pause(asked) + 20;
            } catch (IOException error) {
                failure = new Failed("network", String.valueOf(error.getMessage()), null);
            }
        }
        throw failure;
    }

    static long pause(String asked) {
        if (asked.matches("\\d+")) return 1000 * Long.parseLong(asked);
        Instant until = ZonedDateTime.parse(asked, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        return Math.max(0, Duration.between(Instant.now(), until).toMillis());
    }

    static Map<String, Object> parsed(String text) throws Failed {
        try {
            return Json.map(new Json(text).value());
        } catch (RuntimeException error) {
            throw new Failed("protocol", "not JSON: " + error, 200);
        }
    }

    static String path(Map<String, Object> arguments) {
        StringBuilder path = new StringBuilder("/accounts");
        for (String name : PLACE) if (arguments.containsKey(name)) path.append("/").append(encoded(arguments.remove(name)));
        return path.toString();
    }

    static String encoded(Object value) {
        return URLEncoder.encode((String) value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static String kind(int status) {
        Map<Integer, String> known =
            Map.of(400, "invalid", 401, "auth", 403, "forbidden", 404, "not-found", 429, "rate-limit");
        return known.getOrDefault(status, status >= 500 ? "server" : "protocol");
    }

    // The driver: a message a line, an answer a line.

    public static void main(String[] ignored) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Driver client = null;
        for (String line; (line = lines.readLine()) != null; ) {
            Map<String, Object> message = Json.map(new Json(line).value());
            if (message.get("type").equals("bye")) return;
            Map<String, Object> answer = new LinkedHashMap<>();
            if (message.get("type").equals("hello")) {
                answer.putAll(Map.of("type", "introduced", "protocol", 1, "client", "Java example", "operations", OPERATIONS));
            } else {
                if (client == null || (Boolean) message.get("fresh")) client = new Driver(Json.map(message.get("env")));
                answer.put("id", message.get("id"));
                try {
                    answer.put("type", "ok");
                    answer.putAll(client.call((String) message.get("operation"), Json.map(message.get("arguments"))));
                } catch (Failed failed) {
                    answer.put("type", "failed");
                    answer.put("class", failed.kind);
                    answer.put("status", failed.status);
                    answer.put("message", failed.getMessage());
                }
            }
            System.out.write((Json.text(answer) + "\n").getBytes(StandardCharsets.UTF_8));
            System.out.flush();
        }
    }

    /** JSON in sixty lines; any library will do as well. Numbers stay as they were written. */
    static class Json {
        static class Verbatim extends Number {
            final String text;

            Verbatim(String text) { this.text = text; }

            public int intValue() { return (int) Double.parseDouble(text); }
            public long longValue() { return (long) Double.parseDouble(text); }
            public float floatValue() { return Float.parseFloat(text); }
            public double doubleValue() { return Double.parseDouble(text); }
            public String toString() { return text; }
        }

        final String text;
        int at = 0;

        Json(String text) { this.text = text; }

        char next() {
            while (Character.isWhitespace(text.charAt(at))) at++;
            return text.charAt(at);
        }

        Object value() {
            switch (next()) {
                case '{': {
                    Map<String, Object> map = new LinkedHashMap<>();
                    for (at++; next() != '}'; ) {
                        if (next() == ',') at++;
                        next();
                        String name = string();
                        if (next() != ':') throw new IllegalArgumentException("no colon");
                        at++;
                        map.put(name, value());
                    }
                    at++;
                    return map;
                }
                case '[': {
                    List<Object> list = new ArrayList<>();
                    for (at++; next() != ']'; ) {
                        if (next() == ',') at++;
                        list.add(value());
                    }
                    at++;
                    return list;
                }
                case '"':
                    return string();
                default: {
                    int from = at;
                    while (at < text.length() && ",]} \r\n\t".indexOf(text.charAt(at)) < 0) at++;
                    String word = text.substring(from, at);
                    if (word.equals("null")) return null;
                    if (word.equals("true") || word.equals("false")) return Boolean.valueOf(word);
                    Double.parseDouble(word);
                    return new Verbatim(word);
                }
            }
        }

        String string() {
            StringBuilder out = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                char c = text.charAt(at);
                if (c != '\\') { out.append(c); continue; }
                c = text.charAt(++at);
                int known = "nrtbf".indexOf(c);
                if (known >= 0) out.append("\n\r\t\b\f".charAt(known));
                else if (c == 'u') { out.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16)); at += 4; }
                else out.append(c);
            }
            at++;
            return out.toString();
        }

        @SuppressWarnings("unchecked")
        static Map<String, Object> map(Object value) { return (Map<String, Object>) value; }

        @SuppressWarnings("unchecked")
        static List<Object> list(Object value) { return (List<Object>) value; }

        static String text(Object value) {
            if (value instanceof Map) {
                List<String> parts = new ArrayList<>();
                map(value).forEach((name, each) -> parts.add(text(name) + ":" + text(each)));
                return "{" + String.join(",", parts) + "}";
            }
            if (value instanceof List) {
                List<String> parts = new ArrayList<>();
                list(value).forEach(each -> parts.add(text(each)));
                return "[" + String.join(",", parts) + "]";
            }
            if (!(value instanceof String)) return String.valueOf(value);
            StringBuilder out = new StringBuilder("\"");
            for (char c : ((String) value).toCharArray())
                if (c == '"' || c == '\\') out.append('\\').append(c);
                else if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
                else out.append(c);
            return out.append('"').toString();
        }
    }
}
