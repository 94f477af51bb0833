// The published shape of the JSON documents, as a JSON Schema (draft 2020-12) that validators understand.

extension JSONFormatter {
    /// The schema of a whole document; rows of ndjson, and those that are followed, are `#/$defs/row`.
    ///
    /// A row has the columns of its list; all that reports have are named here, those of `query` are the user's own.
    /// Within a version names are only added. Units are in the names: `_ms`, `_us` and `_s` are milliseconds,
    /// microseconds and seconds, `bytes_…` and `…_bytes` bytes, `_percent` hundredths.
    public static let documentSchema = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "urn:basehttpd:httpstats:1",
          "title": "A report of httpstats",
          "type": "object",
          "required": ["schema", "report", "generated_at"],
          "properties": {
            "schema": { "const": "httpstats/1" },
            "report": { "type": "string", "description": "The report, as on the command line." },
            "generated_at": { "$ref": "#/$defs/time" },
            "since": { "$ref": "#/$defs/time_or_null", "description": "The first moment; null: of all time." },
            "until": { "$ref": "#/$defs/time_or_null", "description": "The moment after the last; null: until now." },
            "rows_read": { "type": "integer", "minimum": 0 },
            "summaries_read": { "type": "integer", "minimum": 0 },
            "tier": { "type": "string", "description": "Where the figures come from." },
            "newest_row_at": { "$ref": "#/$defs/time_or_null", "description": "Null: the log is empty." },
            "newest_row_age_s": { "type": ["number", "null"], "minimum": 0 },
            "unlogged_served_requests": {
              "type": "integer", "minimum": 0,
              "description": "Requests of the span that were served without a row, as the log was full."
            },
            "unlogged_refused_requests": {
              "type": "integer", "minimum": 0, "description": "Those that were refused with 503 without a row."
            },
            "unlogged_messages": { "type": "integer", "minimum": 0, "description": "Messages that found no room." }
          },
          "additionalProperties": { "$ref": "#/$defs/panel" },
          "$defs": {
            "time": { "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$" },
            "time_or_null": { "anyOf": [{ "$ref": "#/$defs/time" }, { "type": "null" }] },
            "text": { "type": ["string", "null"] },
            "key": { "description": "A number, or a text for all others.", "type": ["integer", "string", "null"] },
            "number": {
              "description": "Whole numbers beyond 2^53 are strings of digits.",
              "anyOf": [{ "type": ["number", "null"] }, { "type": "string", "pattern": "^-?[0-9]+$" }]
            },
            "panel": {
              "description": "A list of rows, one thing with properties, or null when there is none.",
              "anyOf": [
                { "type": "array", "items": { "$ref": "#/$defs/row" } },
                { "$ref": "#/$defs/row" },
                { "type": "null" }
              ]
            },
            "row": {
              "type": "object",
              "properties": {
                "id": { "$ref": "#/$defs/text" },
                "status": { "$ref": "#/$defs/key", "description": "Of lists; null: no answer." },
                "worker": { "$ref": "#/$defs/key", "description": "The slot; -1: an imported request." },
                "time": { "$ref": "#/$defs/text" },
                "since": { "$ref": "#/$defs/text" },
                "until": { "$ref": "#/$defs/text" },
                "began": { "$ref": "#/$defs/text" },
                "started": { "$ref": "#/$defs/text" },
                "ended": { "$ref": "#/$defs/text" },
                "first_seen": { "$ref": "#/$defs/text" },
                "last_seen": { "$ref": "#/$defs/text" },
                "request_id": { "$ref": "#/$defs/text" },
                "method": { "$ref": "#/$defs/text" },
                "host": { "$ref": "#/$defs/text" },
                "path": { "$ref": "#/$defs/text" },
                "query": { "$ref": "#/$defs/text" },
                "protocol": { "$ref": "#/$defs/text" },
                "client": { "$ref": "#/$defs/text" },
                "referer": { "$ref": "#/$defs/text" },
                "agent": { "$ref": "#/$defs/text" },
                "agent_class": { "$ref": "#/$defs/text" },
                "agent_family": { "$ref": "#/$defs/text" },
                "template": { "$ref": "#/$defs/text" },
                "site": { "$ref": "#/$defs/text" },
                "not_found": { "$ref": "#/$defs/text" },
                "outcome": { "$ref": "#/$defs/text" },
                "class": { "$ref": "#/$defs/text" },
                "level": { "$ref": "#/$defs/key" },
                "message": { "$ref": "#/$defs/text" },
                "pattern": { "$ref": "#/$defs/text" },
                "redirect_to": { "$ref": "#/$defs/text" },
                "requests_on_connection": { "$ref": "#/$defs/text" },
                "role": { "$ref": "#/$defs/text" },
                "state": { "$ref": "#/$defs/text" },
                "reason": { "$ref": "#/$defs/text" },
                "signal": { "$ref": "#/$defs/text" },
                "worker_end": { "$ref": "#/$defs/text" },
                "cause": { "$ref": "#/$defs/text" },
                "address": { "$ref": "#/$defs/text" },
                "client_got": { "$ref": "#/$defs/text" },
                "top_frames": { "$ref": "#/$defs/text" },
                "frames": { "$ref": "#/$defs/text" },
                "frame": { "$ref": "#/$defs/text" },
                "log": { "$ref": "#/$defs/text" },
                "span": { "$ref": "#/$defs/text" },
                "tier": { "$ref": "#/$defs/text" },
                "figure": { "$ref": "#/$defs/text" },
                "note": { "$ref": "#/$defs/text" },
                "field": { "$ref": "#/$defs/text" },
                "key": { "$ref": "#/$defs/text" },
                "result": { "$ref": "#/$defs/text" },
                "check": { "$ref": "#/$defs/text" },
                "unit": { "$ref": "#/$defs/text" },
                "report": { "$ref": "#/$defs/text" },
                "step": { "$ref": "#/$defs/text" },
                "sql": { "$ref": "#/$defs/text" },
                "finding": { "$ref": "#/$defs/text" },
                "remedy": { "$ref": "#/$defs/text" },
                "all": { "$ref": "#/$defs/text" },
                "view": { "$ref": "#/$defs/text" },
                "columns": { "$ref": "#/$defs/text" },
                "source": { "$ref": "#/$defs/text" },
                "requests": { "$ref": "#/$defs/number" },
                "requests_per_connection": { "$ref": "#/$defs/number" },
                "requests_per_worker": { "$ref": "#/$defs/number" },
                "p50_requests": { "$ref": "#/$defs/number" },
                "p95_requests": { "$ref": "#/$defs/number" },
                "max_requests": { "$ref": "#/$defs/number" },
                "referer_requests": { "$ref": "#/$defs/number" },
                "clients": { "$ref": "#/$defs/number" },
                "failed": { "$ref": "#/$defs/number" },
                "aborted": { "$ref": "#/$defs/number" },
                "timeout": { "$ref": "#/$defs/number" },
                "crashed": { "$ref": "#/$defs/number" },
                "killed": { "$ref": "#/$defs/number" },
                "shed": { "$ref": "#/$defs/number" },
                "dropped": { "$ref": "#/$defs/number" },
                "in_flight": { "$ref": "#/$defs/number" },
                "count": { "$ref": "#/$defs/number" },
                "messages": { "$ref": "#/$defs/number" },
                "referers": { "$ref": "#/$defs/number" },
                "connections": { "$ref": "#/$defs/number" },
                "connection_number": { "$ref": "#/$defs/number" },
                "kept_alive": { "$ref": "#/$defs/number" },
                "figures_of_before_the_send": { "$ref": "#/$defs/number" },
                "workers": { "$ref": "#/$defs/number" },
                "lives": { "$ref": "#/$defs/number" },
                "restarts": { "$ref": "#/$defs/number" },
                "deaths": { "$ref": "#/$defs/number" },
                "pid": { "$ref": "#/$defs/number" },
                "slot": { "$ref": "#/$defs/number" },
                "generation": { "$ref": "#/$defs/number" },
                "exit_status": { "$ref": "#/$defs/number" },
                "code": { "$ref": "#/$defs/number" },
                "before": { "$ref": "#/$defs/number" },
                "after": { "$ref": "#/$defs/number" },
                "change": { "$ref": "#/$defs/number" },
                "value": { "$ref": "#/$defs/number" },
                "rows_read": { "$ref": "#/$defs/number" },
                "summaries_read": { "$ref": "#/$defs/number" },
                "requests_or_rows_found": { "$ref": "#/$defs/number" },
                "number": { "$ref": "#/$defs/number" },
                "part": { "$ref": "#/$defs/number" },
                "statement": { "$ref": "#/$defs/number" }
              },
              "patternProperties": {
                "_(ms|us|s|percent|per_second|bytes)$": { "$ref": "#/$defs/number" },
                "^(bytes|status)_": { "$ref": "#/$defs/number" }
              },
              "additionalProperties": { "type": ["string", "number", "null"] }
            }
          }
        }

        """#
}
