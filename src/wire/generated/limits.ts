// Generated from protocol/ by `npm run generate`. Change the specs there, not this file.
export const limits = {
  "protocol": 1,
  "line_bytes": 16384,
  "unterminated_bytes": 1048576,
  "server_line_bytes": 32768,
  "depth": 16,
  "ref_characters": 64,
  "fields": {
    "username": {
      "kind": "name",
      "max": 32,
      "anywhere": "",
      "rule": "1 to 32 letters, marks and digits of any script, `_`, `.` or `-`; the first is a letter or a digit"
    },
    "room": {
      "kind": "name",
      "max": 64,
      "anywhere": "#+",
      "rule": "1 to 64 letters, marks and digits of any script, `_`, `.`, `-`, `#` or `+`; the first is a letter, a digit, `#` or `+`"
    },
    "new_username": {
      "kind": "name",
      "max": 32,
      "anywhere": "",
      "made": true,
      "rule": "1 to 32 letters, marks and digits of any script, `_`, `.` or `-`; the first is a letter or a digit; a new name has no invisible characters and at most four marks in a row"
    },
    "new_room": {
      "kind": "name",
      "max": 64,
      "anywhere": "#+",
      "made": true,
      "rule": "1 to 64 letters, marks and digits of any script, `_`, `.`, `-`, `#` or `+`; the first is a letter, a digit, `#` or `+`; a new name has no invisible characters and at most four marks in a row"
    },
    "password": {
      "kind": "text",
      "unit": "bytes",
      "min": 8,
      "max": 1024,
      "control": true,
      "rule": "8 to 1,024 bytes, any characters"
    },
    "checked_password": {
      "kind": "text",
      "unit": "bytes",
      "min": 1,
      "max": 1024,
      "control": true,
      "rule": "1 to 1,024 bytes, any characters"
    },
    "person_name": {
      "kind": "text",
      "unit": "characters",
      "min": 1,
      "max": 100,
      "control": false,
      "rule": "1 to 100 characters, no control characters"
    },
    "message": {
      "kind": "text",
      "unit": "bytes",
      "min": 1,
      "max": 4096,
      "control": true,
      "rule": "1 to 4,096 bytes, any characters"
    },
    "short_text": {
      "kind": "text",
      "unit": "characters",
      "min": 0,
      "max": 500,
      "control": false,
      "rule": "0 to 500 characters, no control characters"
    },
    "key": {
      "kind": "text",
      "unit": "characters",
      "min": 0,
      "max": 64,
      "control": true,
      "rule": "at most 64 characters"
    },
    "data": {
      "kind": "text",
      "unit": "characters",
      "min": 0,
      "max": 1024,
      "control": true,
      "rule": "at most 1,024 characters"
    },
    "topic_of_help": {
      "kind": "text",
      "unit": "characters",
      "min": 1,
      "max": 64,
      "control": false,
      "rule": "1 to 64 characters, no control characters"
    },
    "id": {
      "kind": "integer",
      "min": 0,
      "max": 9007199254740991,
      "rule": "integer from 0 to 2^53 − 1"
    },
    "limit": {
      "kind": "integer",
      "min": 1,
      "max": 1000,
      "rule": "integer from 1 to 1,000; 100 when not given"
    }
  }
} as const;
