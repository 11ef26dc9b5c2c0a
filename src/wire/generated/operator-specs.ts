// Generated from protocol/ by `npm run generate`. Change the specs there, not this file.
import type { CommandSpec } from '../spec.js';
import type { OperatorCommandName } from './operator-parameters.js';

export const operatorSpecs: { readonly [Name in OperatorCommandName]: CommandSpec } = {
  "announce": {
    "name": "announce",
    "summary": "Send a text to everybody who is connected, as event 190.",
    "user": "any",
    "parameters": [
      {
        "name": "text",
        "field": "notice",
        "required": true
      }
    ],
    "codes": [],
    "results": {
      "sessions": "how many sessions get it"
    },
    "example": {
      "request": {
        "command": "announce",
        "text": "The server restarts at noon."
      },
      "reply": {
        "sessions": 12
      }
    }
  },
  "back_up": {
    "name": "back_up",
    "summary": "Send a copy of all data in events before the reply, while the daemon runs.",
    "user": "any",
    "parameters": [],
    "codes": [],
    "results": {
      "bytes": "the size of the copy",
      "sha256": "the SHA-256 sum of the copy, in hexadecimal digits"
    },
    "example": {
      "request": {
        "command": "back_up"
      },
      "reply": {
        "bytes": 10485760,
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      }
    }
  },
  "ban": {
    "name": "ban",
    "summary": "Ban a user, an address or a network, for a time or until it is unbanned, and end its sessions. A session like #7 means its user, or its address while it has no user.",
    "user": "any",
    "parameters": [
      {
        "name": "target",
        "field": "target",
        "required": true
      },
      {
        "name": "duration",
        "field": "duration",
        "required": false
      },
      {
        "name": "reason",
        "field": "short_text",
        "required": false
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "kind": "`user`, `address` or `network`: what the target was taken for",
      "target": "what is banned, as it is stored",
      "asked": "what was asked for, where that was written otherwise: 192.0.2.1/24 is 192.0.2.0/24",
      "until": "when the ban ends, if it ends by itself",
      "replaced": "the ban of the same target that this one takes the place of, where there was one: reason, created, until",
      "wider": "targets of bans that keep all of it out too and go on, twenty at most",
      "narrower": "targets of bans inside it that go on, twenty at most",
      "narrower_count": "how many they are",
      "sessions": "how many sessions were ended"
    },
    "example": {
      "request": {
        "command": "ban",
        "target": "192.0.2.0/24",
        "duration": 3600
      },
      "reply": {
        "kind": "network",
        "target": "192.0.2.0/24",
        "until": "2026-11-25T07:28:42.000Z",
        "sessions": 2
      }
    }
  },
  "close_room": {
    "name": "close_room",
    "summary": "Let nobody enter a room, and remove everybody who is in it. Its messages stay.",
    "user": "any",
    "parameters": [
      {
        "name": "room",
        "field": "room",
        "required": true
      },
      {
        "name": "reason",
        "field": "short_text",
        "required": false
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "room": "the room's name",
      "sessions": "how many sessions were removed"
    },
    "example": {
      "request": {
        "command": "close_room",
        "room": "lobby"
      },
      "reply": {
        "room": "lobby",
        "sessions": 3
      }
    }
  },
  "create_account": {
    "name": "create_account",
    "summary": "Create a user, also while registration is closed.",
    "user": "any",
    "parameters": [
      {
        "name": "username",
        "field": "new_username",
        "required": true
      },
      {
        "name": "first_name",
        "field": "person_name",
        "required": true
      },
      {
        "name": "last_name",
        "field": "person_name",
        "required": true
      },
      {
        "name": "password",
        "field": "password",
        "required": true
      }
    ],
    "codes": [
      4
    ],
    "results": {
      "username": "the name as it is stored"
    },
    "example": {
      "request": {
        "command": "create_account",
        "username": "alice",
        "first_name": "Alice",
        "last_name": "Liddell",
        "password": "rabbit-hole"
      },
      "reply": {
        "username": "alice"
      }
    }
  },
  "delete_account": {
    "name": "delete_account",
    "summary": "Delete a user, and end the user's sessions. The name is never given again. The user's messages stay.",
    "user": "any",
    "parameters": [
      {
        "name": "user",
        "field": "username",
        "required": true
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "username": "the user's name",
      "sessions": "how many sessions were ended"
    },
    "example": {
      "request": {
        "command": "delete_account",
        "user": "alice"
      },
      "reply": {
        "username": "alice",
        "sessions": 1
      }
    }
  },
  "disable_account": {
    "name": "disable_account",
    "summary": "Let nobody log in as a user, and end the user's sessions. The name stays taken.",
    "user": "any",
    "parameters": [
      {
        "name": "user",
        "field": "username",
        "required": true
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "username": "the user's name",
      "sessions": "how many sessions were ended"
    },
    "example": {
      "request": {
        "command": "disable_account",
        "user": "alice"
      },
      "reply": {
        "username": "alice",
        "sessions": 1
      }
    }
  },
  "drain": {
    "name": "drain",
    "summary": "Accept no more connections, end the open ones over a period, and stop. A second drain changes the time.",
    "user": "any",
    "parameters": [
      {
        "name": "over",
        "field": "duration",
        "required": false
      }
    ],
    "codes": [],
    "results": {
      "sessions": "how many sessions are to end",
      "over": "seconds, from now on",
      "changed": "true where a drain was under way already, whose time is now this one"
    },
    "example": {
      "request": {
        "command": "drain",
        "over": 120
      },
      "reply": {
        "sessions": 12,
        "over": 120,
        "changed": false
      }
    }
  },
  "enable_account": {
    "name": "enable_account",
    "summary": "Let a disabled user log in again.",
    "user": "any",
    "parameters": [
      {
        "name": "user",
        "field": "username",
        "required": true
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "username": "the user's name"
    },
    "example": {
      "request": {
        "command": "enable_account",
        "user": "alice"
      },
      "reply": {
        "username": "alice"
      }
    }
  },
  "help": {
    "name": "help",
    "summary": "List all commands, or explain one.",
    "user": "any",
    "reads": true,
    "parameters": [
      {
        "name": "about",
        "field": "topic_of_help",
        "required": false
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "commands": "without `about`: the names of all commands",
      "about": "the command that is explained",
      "summary": "what it does",
      "parameters": "its parameters, with their rules",
      "codes": "the codes that it can answer with"
    },
    "example": {
      "request": {
        "command": "help",
        "about": "unban"
      },
      "reply": {
        "about": "unban",
        "summary": "End a ban.",
        "parameters": [
          {
            "name": "target",
            "required": true,
            "rule": "a user's name"
          }
        ],
        "codes": [
          1,
          2,
          3,
          7,
          11
        ]
      }
    }
  },
  "kick": {
    "name": "kick",
    "summary": "End a session, or all sessions of a user, an address or a network, with a 199.",
    "user": "any",
    "parameters": [
      {
        "name": "target",
        "field": "target",
        "required": true
      },
      {
        "name": "reason",
        "field": "short_text",
        "required": false
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "kind": "`user`, `address`, `network` or `session`: what the target was taken for",
      "target": "the one that was meant",
      "asked": "what was asked for, where that was written otherwise",
      "sessions": "how many sessions were ended"
    },
    "example": {
      "request": {
        "command": "kick",
        "target": "alice"
      },
      "reply": {
        "kind": "user",
        "target": "alice",
        "sessions": 1
      }
    }
  },
  "list_accounts": {
    "name": "list_accounts",
    "summary": "List the users, by name.",
    "user": "any",
    "reads": true,
    "parameters": [
      {
        "name": "after",
        "field": "username",
        "required": false
      },
      {
        "name": "limit",
        "field": "limit",
        "required": false
      }
    ],
    "codes": [],
    "results": {
      "accounts": "one object per user: username, first_name, last_name, state (active, disabled or deleted), sessions, created",
      "more": "whether there are more users"
    },
    "example": {
      "request": {
        "command": "list_accounts",
        "limit": 1
      },
      "reply": {
        "accounts": [
          {
            "username": "alice",
            "first_name": "Alice",
            "last_name": "Liddell",
            "state": "active",
            "sessions": 1,
            "created": "2026-11-25T06:28:42.000Z"
          }
        ],
        "more": false
      }
    }
  },
  "list_bans": {
    "name": "list_bans",
    "summary": "List the bans in force.",
    "user": "any",
    "reads": true,
    "parameters": [
      {
        "name": "after",
        "field": "target",
        "required": false
      },
      {
        "name": "limit",
        "field": "limit",
        "required": false
      }
    ],
    "codes": [],
    "results": {
      "bans": "one object per ban: target, kind (user, address or network), reason, created, until",
      "more": "whether there are more bans"
    },
    "example": {
      "request": {
        "command": "list_bans"
      },
      "reply": {
        "bans": [
          {
            "target": "192.0.2.0/24",
            "kind": "network",
            "reason": "spam",
            "created": "2026-11-25T06:28:42.000Z",
            "until": "2026-11-25T07:28:42.000Z"
          }
        ],
        "more": false
      }
    }
  },
  "list_rooms": {
    "name": "list_rooms",
    "summary": "List the rooms, by name, closed ones too.",
    "user": "any",
    "reads": true,
    "parameters": [
      {
        "name": "after",
        "field": "room",
        "required": false
      },
      {
        "name": "limit",
        "field": "limit",
        "required": false
      }
    ],
    "codes": [],
    "results": {
      "rooms": "one object per room: room, state (open or closed), users (how many are in it now), topic",
      "more": "whether there are more rooms"
    },
    "example": {
      "request": {
        "command": "list_rooms",
        "limit": 1
      },
      "reply": {
        "rooms": [
          {
            "room": "lobby",
            "state": "open",
            "users": 3,
            "topic": ""
          }
        ],
        "more": false
      }
    }
  },
  "list_sessions": {
    "name": "list_sessions",
    "summary": "List the open connections, by number.",
    "user": "any",
    "reads": true,
    "parameters": [
      {
        "name": "after",
        "field": "id",
        "required": false
      },
      {
        "name": "limit",
        "field": "limit",
        "required": false
      }
    ],
    "codes": [],
    "results": {
      "sessions": "one object per session: session, username if it has one, address, encrypted, rooms, seconds",
      "more": "whether there are more sessions"
    },
    "example": {
      "request": {
        "command": "list_sessions",
        "limit": 1
      },
      "reply": {
        "sessions": [
          {
            "session": 7,
            "username": "alice",
            "address": "192.0.2.7",
            "encrypted": true,
            "rooms": 2,
            "seconds": 360
          }
        ],
        "more": true
      }
    }
  },
  "open_room": {
    "name": "open_room",
    "summary": "Let people enter a closed room again.",
    "user": "any",
    "parameters": [
      {
        "name": "room",
        "field": "room",
        "required": true
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "room": "the room's name"
    },
    "example": {
      "request": {
        "command": "open_room",
        "room": "lobby"
      },
      "reply": {
        "room": "lobby"
      }
    }
  },
  "own_room": {
    "name": "own_room",
    "summary": "Make a user the only owner of a room.",
    "user": "any",
    "parameters": [
      {
        "name": "room",
        "field": "room",
        "required": true
      },
      {
        "name": "user",
        "field": "username",
        "required": true
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "room": "the room's name",
      "owner": "the user's name"
    },
    "example": {
      "request": {
        "command": "own_room",
        "room": "lobby",
        "user": "bob"
      },
      "reply": {
        "room": "lobby",
        "owner": "bob"
      }
    }
  },
  "quit": {
    "name": "quit",
    "summary": "End the connection.",
    "user": "any",
    "reads": true,
    "parameters": [],
    "codes": [],
    "results": {},
    "example": {
      "request": {
        "command": "quit"
      },
      "reply": {}
    }
  },
  "reload": {
    "name": "reload",
    "summary": "Read the settings and the certificates again, and apply what can be applied without a restart.",
    "user": "any",
    "parameters": [],
    "codes": [
      7
    ],
    "results": {
      "applied": "names of the settings that changed and are in force now",
      "restart": "names of the settings that changed and need a restart"
    },
    "example": {
      "request": {
        "command": "reload"
      },
      "reply": {
        "applied": [
          "log_level"
        ],
        "restart": []
      }
    }
  },
  "reset_time": {
    "name": "reset_time",
    "summary": "Let new messages take the time of the machine's clock again, after the clock was ahead and stored messages have later times.",
    "user": "any",
    "parameters": [],
    "codes": [],
    "results": {
      "back": "seconds that the times go back"
    },
    "example": {
      "request": {
        "command": "reset_time"
      },
      "reply": {
        "back": 2302128000
      }
    }
  },
  "set_log_level": {
    "name": "set_log_level",
    "summary": "Log from this level on, until the next reload or restart.",
    "user": "any",
    "parameters": [
      {
        "name": "level",
        "field": "level",
        "required": true
      }
    ],
    "codes": [],
    "results": {
      "level": "the level that was set"
    },
    "example": {
      "request": {
        "command": "set_log_level",
        "level": "debug"
      },
      "reply": {
        "level": "debug"
      }
    }
  },
  "set_password": {
    "name": "set_password",
    "summary": "Give a user a new password, and end the user's sessions.",
    "user": "any",
    "parameters": [
      {
        "name": "user",
        "field": "username",
        "required": true
      },
      {
        "name": "password",
        "field": "password",
        "required": true
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "username": "the user's name",
      "sessions": "how many sessions were ended"
    },
    "example": {
      "request": {
        "command": "set_password",
        "user": "alice",
        "password": "looking-glass"
      },
      "reply": {
        "username": "alice",
        "sessions": 1
      }
    }
  },
  "show_room": {
    "name": "show_room",
    "summary": "Show what is known about a room.",
    "user": "any",
    "reads": true,
    "parameters": [
      {
        "name": "room",
        "field": "room",
        "required": true
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "room": "the room's name",
      "topic": "its topic",
      "state": "`open`, or `closed`",
      "owners": "names of the owners",
      "users": "names of the users in it now, twenty at most",
      "count": "how many users are in it now",
      "created": "when it was created"
    },
    "example": {
      "request": {
        "command": "show_room",
        "room": "lobby"
      },
      "reply": {
        "room": "lobby",
        "topic": "",
        "state": "open",
        "owners": [
          "alice"
        ],
        "users": [
          "alice",
          "bob"
        ],
        "count": 2,
        "created": "2026-11-25T06:28:42.000Z"
      }
    }
  },
  "status": {
    "name": "status",
    "summary": "Show the daemon's state.",
    "user": "any",
    "reads": true,
    "parameters": [],
    "codes": [],
    "results": {
      "version": "the daemon's version",
      "pid": "its process id",
      "uptime": "seconds since the start",
      "state": "`running`, or `draining`",
      "durability": "`full` or `relaxed`",
      "sessions": "open connections",
      "users": "open connections with a user",
      "rooms": "rooms with somebody in them",
      "messages": "messages stored since the start",
      "delivered": "messages sent to members since the start",
      "memory": "resident memory in bytes",
      "database": "size of salond.db in bytes",
      "log": "size of its write-ahead log in bytes",
      "disk_free": "bytes that the file system of the data folder still has room for; null where the system can't tell",
      "refused": "connections refused since the start: an object of reasons and their counts",
      "loop_delay": "the event loop's longest delay since the last status, in milliseconds",
      "writable": "whether commits succeed",
      "problem": "why they do not",
      "last_commit": "seconds since a commit reached the disk",
      "clock_behind": "seconds by which the machine's clock is behind the newest message"
    },
    "example": {
      "request": {
        "command": "status"
      },
      "reply": {
        "version": "0.1.0",
        "pid": 4711,
        "uptime": 86400,
        "state": "running",
        "durability": "full",
        "sessions": 12,
        "users": 10,
        "rooms": 2,
        "messages": 51200,
        "delivered": 563200,
        "memory": 73400320,
        "database": 10485760,
        "log": 4194304,
        "disk_free": 52428800000,
        "refused": {
          "your address is banned": 2
        },
        "loop_delay": 3,
        "writable": true,
        "last_commit": 4,
        "clock_behind": 0
      }
    }
  },
  "unban": {
    "name": "unban",
    "summary": "End a ban.",
    "user": "any",
    "parameters": [
      {
        "name": "target",
        "field": "target",
        "required": true
      }
    ],
    "codes": [
      11
    ],
    "results": {
      "kind": "`user`, `address` or `network`",
      "target": "what was banned",
      "asked": "what was asked for, where that was written otherwise",
      "wider": "targets of bans that still keep it out, twenty at most",
      "narrower": "targets of bans inside it that go on, twenty at most",
      "narrower_count": "how many they are"
    },
    "example": {
      "request": {
        "command": "unban",
        "target": "192.0.2.0/24"
      },
      "reply": {
        "kind": "network",
        "target": "192.0.2.0/24"
      }
    }
  }
};
