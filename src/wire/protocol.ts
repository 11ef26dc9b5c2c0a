// Generated from protocol/ by `npm run generate`. Change the specs there, not this file.
import type { CommandSpec, FieldRule } from './spec.js';

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

/** The codes of replies (PROTOCOL.md §3). */
export const code = {
  ok: 1,
  failed: 2,
  missing_field: 3,
  refused: 4,
  malformed: 5,
  unknown_command: 6,
  invalid_field: 7,
  not_authenticated: 8,
  wrong_user: 9,
  not_in_room: 10,
  not_found: 11,
  not_permitted: 12,
  already_authenticated: 13,
  rate_limited: 14,
  line_too_long: 15,
  busy: 16,
  encryption_required: 17,
  conflict: 18,
} as const;
export type Code = (typeof code)[keyof typeof code];

/** The codes of events (PROTOCOL.md §4). */
export const event = {
  message: 100,
  user_joined: 101,
  user_left: 102,
  removed: 106,
  past_message: 110,
  notice: 190,
  closing: 199,
} as const;
export type EventCode = (typeof event)[keyof typeof event];

export interface CreateUser {
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly password: string;
}

export interface AuthenticateUser {
  readonly username: string;
  readonly password: string;
}

export interface JoinChatroom {
  readonly username: string;
  readonly room: string;
  readonly after?: number | undefined;
}

export interface LeaveChatroom {
  readonly username: string;
  readonly room: string;
}

export interface ChatroomMessage {
  readonly username: string;
  readonly room: string;
  readonly message: string;
  readonly key?: string | undefined;
}

export interface LogOut {
}

export interface ListChatrooms {
  readonly match?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface ListUsers {
  readonly room: string;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface ChatroomHistory {
  readonly room: string;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

export interface Ping {
  readonly data?: string | undefined;
}

export interface Help {
  readonly about?: string | undefined;
}

export interface GetServer {
}

export interface Quit {
}

/** What each command's handler is given. */
export interface CommandParameters {
  readonly create_user: CreateUser;
  readonly authenticate_user: AuthenticateUser;
  readonly join_chatroom: JoinChatroom;
  readonly leave_chatroom: LeaveChatroom;
  readonly chatroom_message: ChatroomMessage;
  readonly log_out: LogOut;
  readonly list_chatrooms: ListChatrooms;
  readonly list_users: ListUsers;
  readonly chatroom_history: ChatroomHistory;
  readonly ping: Ping;
  readonly help: Help;
  readonly get_server: GetServer;
  readonly quit: Quit;
}

export type CommandName = keyof CommandParameters;

export const commandSpecs: { readonly [Name in CommandName]: CommandSpec } = {
  "create_user": {
    "name": "create_user",
    "summary": "Create a user. This does not log the session in.",
    "user": "any",
    "secret": true,
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
      4,
      12,
      17
    ],
    "results": {
      "username": "the name as it is stored"
    },
    "example": {
      "request": {
        "command": "create_user",
        "username": "alice",
        "first_name": "Alice",
        "last_name": "Liddell",
        "password": "down the rabbit hole"
      },
      "reply": {
        "username": "alice"
      }
    }
  },
  "authenticate_user": {
    "name": "authenticate_user",
    "summary": "Log this session in as the user. A failure takes the same time and gives the same line whether or not the user exists.",
    "user": "none",
    "secret": true,
    "parameters": [
      {
        "name": "username",
        "field": "username",
        "required": true
      },
      {
        "name": "password",
        "field": "checked_password",
        "required": true
      }
    ],
    "codes": [
      4,
      13,
      17
    ],
    "results": {
      "username": "the name as it is stored"
    },
    "example": {
      "request": {
        "command": "authenticate_user",
        "username": "alice",
        "password": "down the rabbit hole"
      },
      "reply": {
        "username": "alice"
      }
    }
  },
  "join_chatroom": {
    "name": "join_chatroom",
    "summary": "Join a room. A new room is made, and the user who makes it owns it. With `after`, the messages that followed that id come first, as 110 lines, with no gap and nothing twice.",
    "user": "own",
    "parameters": [
      {
        "name": "username",
        "field": "username",
        "required": true
      },
      {
        "name": "room",
        "field": "room",
        "made": "new_room",
        "required": true
      },
      {
        "name": "after",
        "field": "id",
        "required": false
      }
    ],
    "codes": [
      7,
      12
    ],
    "results": {
      "room": "the name as it is stored",
      "users": "the names of the users in the room",
      "count": "how many users are in the room",
      "topic": "the room's topic, empty if none is set",
      "last": "the id of the newest message, 0 for none"
    },
    "example": {
      "request": {
        "command": "join_chatroom",
        "username": "alice",
        "room": "lobby"
      },
      "reply": {
        "room": "lobby",
        "users": [
          "alice"
        ],
        "count": 1,
        "topic": "",
        "last": 0
      }
    }
  },
  "leave_chatroom": {
    "name": "leave_chatroom",
    "summary": "Leave a room. No event of the room comes after the reply.",
    "user": "own",
    "parameters": [
      {
        "name": "username",
        "field": "username",
        "required": true
      },
      {
        "name": "room",
        "field": "room",
        "required": true
      }
    ],
    "codes": [
      10
    ],
    "results": {
      "room": "the room's name"
    },
    "example": {
      "request": {
        "command": "leave_chatroom",
        "username": "alice",
        "room": "lobby"
      },
      "reply": {
        "room": "lobby"
      }
    }
  },
  "chatroom_message": {
    "name": "chatroom_message",
    "summary": "Send a message to a room. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.",
    "user": "own",
    "pipelined": true,
    "parameters": [
      {
        "name": "username",
        "field": "username",
        "required": true
      },
      {
        "name": "room",
        "field": "room",
        "required": true
      },
      {
        "name": "message",
        "field": "message",
        "required": true
      },
      {
        "name": "key",
        "field": "key",
        "required": false
      }
    ],
    "codes": [
      10,
      18
    ],
    "results": {
      "room": "the room's name",
      "id": "the message's id in the room",
      "prev": "the id of the message before it, 0 for the first",
      "duplicate": "true if the key was known and nothing was stored"
    },
    "example": {
      "request": {
        "command": "chatroom_message",
        "username": "alice",
        "room": "lobby",
        "message": "hello, world"
      },
      "reply": {
        "room": "lobby",
        "id": 1,
        "prev": 0
      }
    }
  },
  "log_out": {
    "name": "log_out",
    "summary": "Leave all rooms and log out. The connection stays open.",
    "user": "own",
    "parameters": [],
    "codes": [],
    "results": {},
    "example": {
      "request": {
        "command": "log_out"
      },
      "reply": {}
    }
  },
  "list_chatrooms": {
    "name": "list_chatrooms",
    "summary": "List the rooms whose name contains `match` (case is ignored), in the order of their folded names. `after` continues after the room of that name.",
    "user": "own",
    "parameters": [
      {
        "name": "match",
        "field": "short_text",
        "required": false
      },
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
      "rooms": "one object per room: name, count (users in it), topic",
      "more": "whether there are more rooms"
    },
    "example": {
      "request": {
        "command": "list_chatrooms"
      },
      "reply": {
        "rooms": [
          {
            "name": "lobby",
            "count": 1,
            "topic": ""
          }
        ],
        "more": false
      }
    }
  },
  "list_users": {
    "name": "list_users",
    "summary": "List the users in a room, in the order of their folded names. `after` continues after the user of that name.",
    "user": "own",
    "parameters": [
      {
        "name": "room",
        "field": "room",
        "required": true
      },
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
    "codes": [
      10
    ],
    "results": {
      "users": "one object per user: username, role (owner or member)",
      "more": "whether there are more users"
    },
    "example": {
      "request": {
        "command": "list_users",
        "room": "lobby"
      },
      "reply": {
        "users": [
          {
            "username": "alice",
            "role": "owner"
          }
        ],
        "more": false
      }
    }
  },
  "chatroom_history": {
    "name": "chatroom_history",
    "summary": "Read stored messages, oldest first: those after an id, those before one, or the newest.",
    "user": "own",
    "parameters": [
      {
        "name": "room",
        "field": "room",
        "required": true
      },
      {
        "name": "after",
        "field": "id",
        "required": false
      },
      {
        "name": "before",
        "field": "id",
        "required": false
      },
      {
        "name": "limit",
        "field": "limit",
        "required": false
      }
    ],
    "exclusive": [
      "after",
      "before"
    ],
    "codes": [
      10
    ],
    "results": {
      "count": "how many 110 lines stand before this reply",
      "more": "whether more messages lie in the direction that was asked",
      "last": "the id of the room's newest message, 0 for none"
    },
    "example": {
      "request": {
        "command": "chatroom_history",
        "room": "lobby",
        "after": 0
      },
      "reply": {
        "count": 1,
        "more": false,
        "last": 1
      }
    }
  },
  "ping": {
    "name": "ping",
    "summary": "Answer with the same data.",
    "user": "any",
    "parameters": [
      {
        "name": "data",
        "field": "data",
        "required": false
      }
    ],
    "codes": [],
    "results": {
      "data": "what was sent, if anything was"
    },
    "example": {
      "request": {
        "command": "ping",
        "data": "hello"
      },
      "reply": {
        "data": "hello"
      }
    }
  },
  "help": {
    "name": "help",
    "summary": "List all commands, or show one command's parameters and codes.",
    "user": "any",
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
      "summary": "what the command does, in a sentence",
      "parameters": "its parameters in plain-form order: name, required, rule",
      "codes": "the codes that the command can answer with, besides 5 and 15, which any line can get"
    },
    "example": {
      "request": {
        "command": "help",
        "about": "log_out"
      },
      "reply": {
        "about": "log_out",
        "summary": "Leave all rooms and log out. The connection stays open.",
        "parameters": [],
        "codes": [
          1,
          2,
          7,
          8,
          14,
          16
        ]
      }
    }
  },
  "get_server": {
    "name": "get_server",
    "summary": "Show the server's name, version, limits and durability.",
    "user": "any",
    "parameters": [],
    "codes": [],
    "results": {
      "name": "the program's name",
      "version": "its version",
      "protocol": "the version of this contract",
      "limits": "line_bytes, message_bytes, list (the greatest `limit`)",
      "durability": "`full`: a message is on disk before it is answered or shown; `relaxed`: a power loss may take the newest ones (5.1)",
      "commands": "the names of all commands",
      "username": "the session's user, if it has one"
    },
    "example": {
      "request": {
        "command": "get_server"
      },
      "reply": {
        "name": "salond",
        "version": "0.1.0",
        "protocol": 1,
        "limits": {
          "line_bytes": 16384,
          "message_bytes": 4096,
          "list": 1000
        },
        "durability": "full",
        "commands": [
          "authenticate_user",
          "chatroom_history",
          "chatroom_message",
          "create_user",
          "get_server",
          "help",
          "join_chatroom",
          "leave_chatroom",
          "list_chatrooms",
          "list_users",
          "log_out",
          "ping",
          "quit"
        ]
      }
    }
  },
  "quit": {
    "name": "quit",
    "summary": "Close the connection after the reply. Nothing sent after `quit` is read.",
    "user": "any",
    "parameters": [],
    "codes": [],
    "results": {},
    "example": {
      "request": {
        "command": "quit"
      },
      "reply": {}
    }
  }
};

/** The codes of events on an operator's connection. */
export const operatorEvent = {
  piece: 180,
} as const;

/** What each of the operator's commands is given. */
export interface OperatorParameters {
  readonly announce: { readonly text: string; };
  readonly back_up: object;
  readonly ban: { readonly target: string; readonly duration?: number | undefined; readonly reason?: string | undefined; };
  readonly close_room: { readonly room: string; readonly reason?: string | undefined; };
  readonly create_account: { readonly username: string; readonly first_name: string; readonly last_name: string; readonly password: string; };
  readonly delete_account: { readonly user: string; };
  readonly disable_account: { readonly user: string; };
  readonly drain: { readonly over?: number | undefined; };
  readonly enable_account: { readonly user: string; };
  readonly help: { readonly about?: string | undefined; };
  readonly kick: { readonly target: string; readonly reason?: string | undefined; };
  readonly list_accounts: { readonly after?: string | undefined; readonly limit?: number | undefined; };
  readonly list_bans: { readonly after?: string | undefined; readonly limit?: number | undefined; };
  readonly list_rooms: { readonly after?: string | undefined; readonly limit?: number | undefined; };
  readonly list_sessions: { readonly after?: number | undefined; readonly limit?: number | undefined; };
  readonly open_room: { readonly room: string; };
  readonly own_room: { readonly room: string; readonly user: string; };
  readonly quit: object;
  readonly reload: object;
  readonly reset_time: object;
  readonly set_log_level: { readonly level: string; };
  readonly set_password: { readonly user: string; readonly password: string; };
  readonly show_room: { readonly room: string; };
  readonly status: object;
  readonly unban: { readonly target: string; };
}

export type OperatorCommandName = keyof OperatorParameters;

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

/** Every field's rule, the operator's too. */
export const fieldRules: Readonly<Record<string, FieldRule>> = { ...limits.fields, ...{
  "target": {
    "kind": "text",
    "unit": "characters",
    "min": 1,
    "max": 64,
    "control": false,
    "rule": "a user's name, an IP address, a network like 192.0.2.0/24, or a session like #7; write `user:NAME` or `address:ADDRESS` if a user's name is also an address"
  },
  "duration": {
    "kind": "integer",
    "min": 1,
    "max": 315360000,
    "rule": "integer from 1 to 315,360,000 (ten years), in seconds"
  },
  "notice": {
    "kind": "text",
    "unit": "characters",
    "min": 1,
    "max": 500,
    "control": false,
    "rule": "1 to 500 characters, no control characters"
  },
  "level": {
    "kind": "text",
    "unit": "characters",
    "min": 1,
    "max": 16,
    "control": false,
    "rule": "fatal, error, warn, info, debug, trace or silent"
  }
} };
