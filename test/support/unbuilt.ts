// What protocol/ says already although no command has it yet. Whoever builds one takes its line out; a test fails until
// then. Lines stand apart, so that two branches can each take one out.

/** Fields that no parameter has yet. */
export const unbuiltFields: readonly string[] = [
  'switch',
  // of set_chatroom and others
  'kind',
  // of messages
  'room_password',
  // of set_chatroom
  'welcome',
  // of set_chatroom
  'status',
  // of update_user
  'token',
  // of authenticate_token
  'base64url',
  // of delete_token
  'instant',
  // of chatroom_history
  'count',
  // of set_chatroom
  'offset',
  // of get_message
  'duration',
  // of ban_user
  'newest',
];

/** Events that nobody sends yet. */
export const unbuiltEvents: readonly number[] = [
  104,
  // a private message
  105,
  // a message was deleted
  109,
  // another session has read that far
  111,
  // what was trimmed
  112,
];
