// Generated from protocol/ by `npm run generate`. Change the specs there, not this file.
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

/** The commands that need a room which the session has joined. */
export type JoinedCommandName = 'leave_chatroom' | 'chatroom_message' | 'list_users' | 'chatroom_history';
