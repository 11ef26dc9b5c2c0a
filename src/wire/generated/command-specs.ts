// Generated from protocol/ by `npm run generate`. Change the specs there, not this file.
import type { CommandSpec } from '../spec.js';
import type { CommandName } from './parameters.js';

export const commandSpecs: { readonly [Name in CommandName]: CommandSpec } = {
  "create_user": {
    "name": "create_user",
    "summary": "Create a user. This does not log the session in.",
    "user": "any",
    "secret": true,
    "cost": "password",
    "role": "registrant",
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
    "cost": "password",
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
    "role": "entrant",
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
    "room": "joined",
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
    "room": "joined",
    "cost": "message",
    "keyed": true,
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
    "room": "joined",
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
    "room": "joined",
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
