// The published shape of the JSON documents, as a JSON Schema (draft 2020-12) that validators understand.

extension JSONFormatter {
    /// The schema of a whole document; rows of ndjson, and those that are followed, are `#/$defs/row`.
    ///
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
                "id": { "type": ["string", "null"] },
                "request_id": { "type": ["string", "null"] },
                "requests": { "$ref": "#/$defs/number" },
                "count": { "$ref": "#/$defs/number" }
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
