// Generated from protocol/words/, limits.json and commands/ by `npm run generate`. Change it there, not here.
/** The sentences of the catalogues, and the places of each that need a value. */
export interface Words {
  readonly not_json: never;
  readonly nests_too_deep: 'levels';
  readonly ref_too_long: 'bytes';
  readonly lone_surrogate: never;
  readonly bad_quotes: never;
  readonly bad_telnet: never;
  readonly not_utf8: never;
  readonly looks_like_tls: never;
  readonly looks_like_http: never;
  readonly line_too_long: 'bytes';
  readonly unknown_command: never;
  readonly no_help: never;
  readonly missing: 'field';
  readonly invalid: 'field' | 'problem';
  readonly must_be: 'rule';
  readonly must_have: 'rule';
  readonly must_be_an: 'rule';
  readonly must_be_string: 'rule';
  readonly must_not_hold_invisible: 'character';
  readonly must_not_pile_marks: never;
  readonly must_not_be_earlier: 'field';
  readonly must_be_ref: 'characters';
  readonly not_together: 'one' | 'other';
  readonly after_beyond_newest: never;
  readonly id_beyond_newest: never;
  readonly id_beyond_newest_private: never;
  readonly after_is_nobody: never;
  readonly edited_reaction_too_long: 'characters';
  readonly authenticate_first: never;
  readonly wrong_user: never;
  readonly already_authenticated: never;
  readonly encryption_required: never;
  readonly wrong_password: never;
  readonly wrong_token: never;
  readonly wrong_proof: never;
  readonly session_cannot_authenticate: never;
  readonly name_taken: never;
  readonly account_disabled: never;
  readonly banned: never;
  readonly banned_because: 'reason';
  readonly user_deleted: never;
  readonly registration_closed: never;
  readonly registration_by_invitation: never;
  readonly no_user_of_name: never;
  readonly no_such_user: never;
  readonly no_room_of_name: never;
  readonly no_message_in_room: never;
  readonly no_message_in_conversation: never;
  readonly re_not_in_room: never;
  readonly re_not_in_conversation: never;
  readonly no_such_token: never;
  readonly no_such_session: never;
  readonly not_in_or_of_room: never;
  readonly user_not_banned: never;
  readonly not_joined: never;
  readonly others_only: never;
  readonly out_of_reach: 'role';
  readonly an_owner: never;
  readonly a_moderator: never;
  readonly a_member: never;
  readonly a_muted_user: never;
  readonly owners_only: never;
  readonly moderators_only: never;
  readonly room_closed: never;
  readonly room_deleted: never;
  readonly room_deleted_after: never;
  readonly room_full: never;
  readonly room_moderated: never;
  readonly room_lookalike: never;
  readonly muted: never;
  readonly banned_from_room: never;
  readonly members_only: never;
  readonly room_password_missing: never;
  readonly room_password_wrong: never;
  readonly removed_from_room: never;
  readonly takes_no_messages: never;
  readonly only_lower_own_role: never;
  readonly only_owners_give_role: never;
  readonly last_owner_role: never;
  readonly last_owner_stays: never;
  readonly target_banned: never;
  readonly too_many_roles: 'most';
  readonly too_many_bans: 'most';
  readonly too_many_invitations: never;
  readonly not_yours_to_delete: never;
  readonly private_not_yours_to_delete: never;
  readonly not_yours_to_edit: never;
  readonly too_many_edits: 'times';
  readonly password_or_members_only: never;
  readonly key_used: never;
  readonly too_many_messages: never;
  readonly too_many_attempts: never;
  readonly too_many_requests: never;
  readonly too_many_requests_of_user: never;
  readonly too_many_requests_of_address: never;
  readonly too_many_requests_of_guests: never;
  readonly too_many_wrong_passwords: never;
  readonly slow_room: 'seconds';
  readonly rooms_of_session: 'most';
  readonly rooms_of_user: 'most';
  readonly new_rooms_of_user: 'most';
  readonly new_rooms_of_address: 'most';
  readonly new_conversations_of_user: 'most';
  readonly new_conversations_of_address: 'most';
  readonly new_users_of_address: 'most';
  readonly blocked_users: 'most';
  readonly sessions_of_user: 'most';
  readonly tokens_of_user: 'most';
  readonly messages_wait: never;
  readonly passwords_wait: never;
  readonly changes_wait: never;
  readonly store_away: never;
  readonly room_being_erased: never;
  readonly room_being_changed: never;
  readonly not_stored: never;
  readonly not_done: never;
  readonly session_ended: never;
  readonly words_too_frequent: never;
  readonly 'reasons.connections_total': never;
  readonly 'reasons.connections_of_address': never;
  readonly 'reasons.connection_rate': never;
  readonly 'reasons.address_banned': never;
  readonly 'reasons.address_banned_because': 'reason';
  readonly 'reasons.proxies_only': never;
  readonly 'reasons.proxy_header_late': never;
  readonly 'reasons.handshake_late': never;
  readonly 'reasons.handshake_gave_way': never;
  readonly 'reasons.early_bytes': never;
  readonly 'reasons.connection_memory': never;
  readonly 'reasons.too_many_operators': never;
  readonly 'reasons.read_slowly': never;
  readonly 'reasons.read_nothing': never;
  readonly 'reasons.session_memory': never;
  readonly 'reasons.silent_guest': never;
  readonly 'reasons.crowded_network': never;
  readonly 'reasons.login_late': never;
  readonly 'reasons.line_late': never;
  readonly 'reasons.endless_line': never;
  readonly 'reasons.idle_operator': never;
  readonly 'reasons.server_stopping': never;
  readonly 'reasons.server_draining': never;
  readonly 'reasons.session_ended_by_operator': never;
  readonly 'reasons.session_ended_by_user': never;
  readonly 'reasons.password_changed': never;
  readonly 'reasons.account_disabled': never;
  readonly 'reasons.account_deleted': never;
  readonly 'reasons.token_deleted': never;
  readonly 'reasons.token_expired': never;
  readonly 'reasons.room_closed': never;
  readonly 'reasons.room_deleted': never;
  readonly 'reasons.trimmed': never;
  readonly 'reasons.room_left_on_disk': never;
  readonly 'reasons.erased_left_on_disk': never;
  readonly 'reasons.deleted_left_on_disk': never;
  readonly 'reasons.damaged_left_on_disk': never;
  readonly 'rules.username': never;
  readonly 'rules.room': never;
  readonly 'rules.new_username': never;
  readonly 'rules.new_room': never;
  readonly 'rules.password': never;
  readonly 'rules.checked_password': never;
  readonly 'rules.person_name': never;
  readonly 'rules.message': never;
  readonly 'rules.reaction': never;
  readonly 'rules.short_text': never;
  readonly 'rules.key': never;
  readonly 'rules.data': never;
  readonly 'rules.topic_of_help': never;
  readonly 'rules.role': never;
  readonly 'rules.id': never;
  readonly 'rules.switch': never;
  readonly 'rules.kind': never;
  readonly 'rules.room_password': never;
  readonly 'rules.welcome': never;
  readonly 'rules.status': never;
  readonly 'rules.token': never;
  readonly 'rules.base64url': never;
  readonly 'rules.nonce': never;
  readonly 'rules.instant': never;
  readonly 'rules.count': never;
  readonly 'rules.offset': never;
  readonly 'rules.duration': never;
  readonly 'rules.newest': never;
  readonly 'rules.limit': never;
  readonly 'rules.form': never;
  readonly 'rules.events': never;
  readonly 'rules.language': never;
  readonly 'rules.max_line': never;
  readonly 'rules.keepalive': never;
  readonly 'summaries.create_user': never;
  readonly 'summaries.authenticate_user': never;
  readonly 'summaries.join_chatroom': never;
  readonly 'summaries.leave_chatroom': never;
  readonly 'summaries.chatroom_message': never;
  readonly 'summaries.log_out': never;
  readonly 'summaries.create_token': never;
  readonly 'summaries.authenticate_token': never;
  readonly 'summaries.challenge_token': never;
  readonly 'summaries.authenticate_proof': never;
  readonly 'summaries.delete_token': never;
  readonly 'summaries.list_tokens': never;
  readonly 'summaries.change_password': never;
  readonly 'summaries.update_user': never;
  readonly 'summaries.get_user': never;
  readonly 'summaries.delete_user': never;
  readonly 'summaries.list_sessions': never;
  readonly 'summaries.end_session': never;
  readonly 'summaries.block_user': never;
  readonly 'summaries.unblock_user': never;
  readonly 'summaries.list_blocked': never;
  readonly 'summaries.list_chatrooms': never;
  readonly 'summaries.list_my_rooms': never;
  readonly 'summaries.list_users': never;
  readonly 'summaries.list_members': never;
  readonly 'summaries.set_topic': never;
  readonly 'summaries.set_chatroom': never;
  readonly 'summaries.delete_chatroom': never;
  readonly 'summaries.set_role': never;
  readonly 'summaries.kick_user': never;
  readonly 'summaries.ban_user': never;
  readonly 'summaries.unban_user': never;
  readonly 'summaries.list_bans': never;
  readonly 'summaries.invite_user': never;
  readonly 'summaries.post_message': never;
  readonly 'summaries.delete_message': never;
  readonly 'summaries.mark_read': never;
  readonly 'summaries.chatroom_history': never;
  readonly 'summaries.get_message': never;
  readonly 'summaries.search_chatroom': never;
  readonly 'summaries.direct_message': never;
  readonly 'summaries.direct_history': never;
  readonly 'summaries.list_conversations': never;
  readonly 'summaries.mark_direct_read': never;
  readonly 'summaries.get_direct_message': never;
  readonly 'summaries.delete_direct_message': never;
  readonly 'summaries.set_session': never;
  readonly 'summaries.ping': never;
  readonly 'summaries.help': never;
  readonly 'summaries.get_server': never;
  readonly 'summaries.quit': never;
}

/** The words of each sentence by language. */
export const words: Readonly<Record<'en' | 'fr', Readonly<Record<keyof Words, string>>>> = {
  en: {
    not_json: 'the line begins with { and is not a JSON object',
    nests_too_deep: 'the JSON nests deeper than {levels}',
    ref_too_long: 'ref has no room in the reply: the session reads lines of at most {bytes} bytes',
    lone_surrogate: 'the JSON holds a lone surrogate',
    bad_quotes: 'a value that begins with a quote must be a JSON string like "Jean Paul", followed by a space',
    bad_telnet: 'the line holds a byte 255 that begins no telnet sequence, or one that is cut short',
    not_utf8: 'the line is not UTF-8',
    looks_like_tls: 'this looks like a TLS handshake, but this port does not speak TLS',
    looks_like_http: 'this looks like an HTTP request, but this port does not speak HTTP',
    line_too_long: 'the line is longer than {bytes} bytes',
    unknown_command: 'there is no such command; help lists all commands',
    no_help: 'there is no help on that; help lists all commands',
    missing: '{field} is missing',
    invalid: '{field} {problem}',
    must_be: 'must be {rule}',
    must_have: 'must be {rule}',
    must_be_an: 'must be an {rule}',
    must_be_string: 'must be a string: {rule}',
    must_not_hold_invisible: 'must not contain the invisible character {character}',
    must_not_pile_marks: 'must not have more than four marks in a row',
    must_not_be_earlier: 'must not be earlier than {field}',
    must_be_ref: 'must be a string of at most {characters} characters or an integer from −(2^53 − 1) to 2^53 − 1',
    not_together: "{one} and {other} can't be given together",
    after_beyond_newest: 'after is beyond the newest message of the room',
    id_beyond_newest: 'id is beyond the newest message of the room',
    id_beyond_newest_private: 'id is beyond the newest message of the conversation',
    after_is_nobody: 'after is nobody with whom you have a conversation',
    edited_reaction_too_long: 'message must be 1 to {characters} characters: it edits a reaction',
    authenticate_first: 'authenticate first',
    wrong_user: 'username is not the user of this session',
    already_authenticated: 'this session has a user already: log out first',
    encryption_required: 'passwords and tokens are not accepted on an unencrypted connection from another machine: use TLS',
    wrong_password: 'wrong username or password',
    wrong_token: 'wrong token',
    wrong_proof: 'wrong proof',
    session_cannot_authenticate: 'this session has ended',
    name_taken: 'this name is taken, or looks like a taken one',
    account_disabled: 'an operator has disabled this account',
    banned: 'you are banned',
    banned_because: 'you are banned: {reason}',
    user_deleted: 'this user was deleted',
    registration_closed: 'registration is closed: ask the operator',
    registration_by_invitation: 'registration is by invitation: ask the operator for one',
    no_user_of_name: 'there is no user of that name',
    no_such_user: 'there is no such user',
    no_room_of_name: 'there is no room of that name',
    no_message_in_room: 'there is no message with that id in this room',
    no_message_in_conversation: 'there is no message with that id in this conversation',
    re_not_in_room: 're names no message of this room',
    re_not_in_conversation: 're names no message of this conversation',
    no_such_token: 'you have no token of that id',
    no_such_session: 'you have no session of that number',
    not_in_or_of_room: 'that user is neither in the room nor a member of it',
    user_not_banned: 'that user is not banned from this room',
    not_joined: 'this session has not joined that room',
    others_only: 'this command is about others',
    out_of_reach: 'that user is {role} of the room: your role does not reach it',
    an_owner: 'an owner',
    a_moderator: 'a moderator',
    a_member: 'a member',
    a_muted_user: 'a muted user',
    owners_only: 'only an owner of the room may do this',
    moderators_only: 'only moderators and owners of the room may do this',
    room_closed: 'the room is closed',
    room_deleted: 'the room was deleted: only its last owner and the operator can make it again',
    room_deleted_after: 'the room was deleted: only its last owner, by a join without after, and the operator can make it again',
    room_full: 'the room is full',
    room_moderated: 'the room is moderated: only its moderators and owners speak',
    room_lookalike: 'this name looks like the name of another room',
    muted: 'you are muted in this room',
    banned_from_room: 'you are banned from this room',
    members_only: 'only members may enter this room: ask for an invitation',
    room_password_missing: 'this room has a password: join with it',
    room_password_wrong: "this is not the room's password",
    removed_from_room: 'you were removed from the room',
    takes_no_messages: 'that user takes no messages from you',
    only_lower_own_role: 'you can only lower your own role',
    only_owners_give_role: 'only an owner of the room can give the roles of owners and moderators',
    last_owner_role: 'the last owner of a room stays one: make another owner first',
    last_owner_stays: 'the last owner of a room stays in it: make another owner first',
    target_banned: 'that user is banned from the room: end the ban first',
    too_many_roles: 'the room has as many owners, moderators and muted users as it may have, {most}: make members of some first',
    too_many_bans: 'the room has as many bans as it may have, {most}: end some first',
    too_many_invitations: 'this user has as many open invitations of yours as it may have',
    not_yours_to_delete: 'only its author, a moderator of a higher role or an owner may delete a message',
    private_not_yours_to_delete: 'only its author may delete a private message',
    not_yours_to_edit: 'an edit is of a message of your own that is no edit itself and was not deleted',
    too_many_edits: 'a message can be edited {times} times: send a new one',
    password_or_members_only: 'members_only lets nobody in who could be asked for the password: set one of the two',
    key_used: 'this key was used for another message',
    too_many_messages: 'too many messages',
    too_many_attempts: 'too many password attempts from your address',
    too_many_requests: 'too many requests',
    too_many_requests_of_user: 'too many requests from all sessions of this user together',
    too_many_requests_of_address: 'too many requests from your address',
    too_many_requests_of_guests: 'too many requests without a login from your address',
    too_many_wrong_passwords: 'too many wrong passwords: try again later',
    slow_room: 'this room takes one message in {seconds} seconds from you',
    rooms_of_session: 'this session is in as many rooms as it may be, {most}: leave one first',
    rooms_of_user: 'you have joined as many rooms as you may, {most}: leave one first',
    new_rooms_of_user: 'you have made as many rooms as you may in a day, {most}: join one that exists, or wait until midnight UTC',
    new_rooms_of_address: 'your address has made as many rooms as it may in a day, {most}: join one that exists, or wait until midnight UTC',
    new_conversations_of_user: 'you have begun as many private conversations as you may in a day, {most}: wait until midnight UTC',
    new_conversations_of_address: 'your address has begun as many private conversations as it may in a day, {most}: wait until midnight UTC',
    new_users_of_address: 'your address has made as many users as it may in a day, {most}: log in as one that exists, or wait until midnight UTC',
    blocked_users: 'you block as many users as you may, {most}: unblock one first',
    sessions_of_user: 'this user has as many sessions as it may have, {most}: end one of them first',
    tokens_of_user: 'this user has as many tokens as it may have, {most}: delete one of them first',
    messages_wait: 'too many messages wait for the disk',
    passwords_wait: 'too many passwords wait to be checked',
    changes_wait: 'too many new rooms and users wait for the disk',
    store_away: "the store can't be reached",
    room_being_erased: "the room's messages are still being erased",
    room_being_changed: 'others change this room at the moment: try again',
    not_stored: 'the message could not be stored',
    not_done: 'the server could not do it, and did nothing',
    session_ended: 'the session has ended',
    words_too_frequent: 'these words are in so many messages, and hardly together, that not all can be looked at: take rarer ones',
    'reasons.connections_total': 'the server has too many connections',
    'reasons.connections_of_address': 'too many connections from your address',
    'reasons.connection_rate': 'too many new connections from your address',
    'reasons.address_banned': 'your address is banned',
    'reasons.address_banned_because': 'your address is banned: {reason}',
    'reasons.proxies_only': 'only proxies may connect here',
    'reasons.proxy_header_late': 'no PROXY header came in time',
    'reasons.handshake_late': 'the TLS handshake did not end in time',
    'reasons.handshake_gave_way': 'the TLS handshake gave way to others',
    'reasons.early_bytes': 'too many bytes before the TLS handshake',
    'reasons.connection_memory': 'the server needs the memory that this connection takes',
    'reasons.too_many_operators': 'too many operators',
    'reasons.read_slowly': 'you read too slowly',
    'reasons.read_nothing': 'you read nothing for too long',
    'reasons.session_memory': 'the server needs the memory that this session takes',
    'reasons.silent_guest': 'you were silent, and another client needs your place',
    'reasons.crowded_network': 'your network has more than its share of places, and another client needs one',
    'reasons.login_late': 'you did not authenticate in time',
    'reasons.line_late': 'the line did not end in time',
    'reasons.endless_line': 'too many bytes without a line end',
    'reasons.idle_operator': 'you were idle, and another operator needs your place',
    'reasons.server_stopping': 'the server is stopping',
    'reasons.server_draining': 'the server is about to stop',
    'reasons.session_ended_by_operator': 'the operator has ended this session',
    'reasons.session_ended_by_user': 'you have ended this session',
    'reasons.password_changed': 'your password was changed',
    'reasons.account_disabled': 'your account was disabled',
    'reasons.account_deleted': 'your account was deleted',
    'reasons.token_deleted': 'the token of this session was deleted',
    'reasons.token_expired': 'the token of this session has expired',
    'reasons.room_closed': 'the room was closed',
    'reasons.room_deleted': 'the room was deleted',
    'reasons.trimmed': 'older messages were trimmed',
    'reasons.room_left_on_disk': 'the room is deleted, but messages of it may still be on the disk, because that fails or the daemon stops: they are erased as soon as that works',
    'reasons.erased_left_on_disk': 'the user is deleted, but texts and names that it had may still be on the disk, because that fails or the daemon stops: they are erased as soon as that works',
    'reasons.deleted_left_on_disk': 'the user is deleted, but names that it had may still be on the disk, because that fails or the daemon stops: they are erased as soon as that works',
    'reasons.damaged_left_on_disk': "the user is erased, but rows of messages that are damaged, and that nobody is shown, may have texts of it: the server's log says where",
    'rules.username': '1 to 32 letters, marks and digits of any script, `_`, `.` or `-`; the first is a letter or a digit',
    'rules.room': '1 to 64 letters, marks and digits of any script, `_`, `.`, `-`, `#` or `+`; the first is a letter, a digit, `#` or `+`',
    'rules.new_username': '1 to 32 letters, marks and digits of any script, `_`, `.` or `-`; the first is a letter or a digit; a new name has no invisible characters and at most four marks in a row',
    'rules.new_room': '1 to 64 letters, marks and digits of any script, `_`, `.`, `-`, `#` or `+`; the first is a letter, a digit, `#` or `+`; a new name has no invisible characters and at most four marks in a row',
    'rules.password': '8 to 1,024 bytes, any characters',
    'rules.checked_password': '1 to 1,024 bytes, any characters',
    'rules.person_name': '1 to 100 characters, no control characters',
    'rules.message': '1 to 4,096 bytes, any characters',
    'rules.reaction': '1 to 32 characters',
    'rules.short_text': '0 to 500 characters, no control characters',
    'rules.key': 'at most 64 characters',
    'rules.data': 'at most 1,024 characters',
    'rules.topic_of_help': '1 to 64 characters, no control characters',
    'rules.role': '`owner`, `moderator`, `member` or `muted`',
    'rules.id': 'integer from 0 to 2^53 − 1',
    'rules.switch': '`true` or `false`; in the plain form also `on`, `off`, `yes` and `no`',
    'rules.kind': '`action`, `notice`, `reply`, `edit` or `reaction`',
    'rules.room_password': '0 to 64 characters',
    'rules.welcome': '0 to 500 characters',
    'rules.status': '0 to 100 characters',
    'rules.token': '8 to 256 characters of base64url without padding, with one `.` among them',
    'rules.base64url': '8 to 256 characters of base64url without padding',
    'rules.nonce': '16 to 64 characters of base64url without padding',
    'rules.instant': 'a time as RFC 3339 writes it, such as `2026-11-22T12:00:00Z`',
    'rules.count': 'integer from 0 to 2^53 − 1; 0 is no limit',
    'rules.offset': 'integer from 0 to 2^53 − 1',
    'rules.duration': 'integer from 1 to 315,576,000: seconds, at most ten years',
    'rules.newest': 'integer from 1 to 1,000',
    'rules.limit': 'integer from 1 to 1,000; 100 when not given',
    'rules.form': '`json`, `tsv` or `text`',
    'rules.events': '`all`, `messages` or `none`',
    'rules.language': '`en` or `fr`',
    'rules.max_line': 'integer from 512 to 32,768: bytes, the LF included',
    'rules.keepalive': 'integer from 10 to 3,600: seconds, or 0 for never',
    'summaries.create_user': 'Create a user. This does not log the session in.',
    'summaries.authenticate_user': 'Log this session in as the user. A failure takes the same time and gives the same line whether or not the user exists.',
    'summaries.join_chatroom': 'Join a room. A new room is made, and the user who makes it owns it. With `after`, the messages that followed that id come first, as 110 lines, with no gap and nothing twice; with `newest`, as many of the newest ones.',
    'summaries.leave_chatroom': 'Leave a room. No event of the room comes after the reply.',
    'summaries.chatroom_message': 'Send a message to a room. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.',
    'summaries.log_out': 'Leave all rooms and log out. The connection stays open.',
    'summaries.create_token': "Make a token, by which a device logs in without a password. It is told this once. One made in a token's session expires and ends with that token.",
    'summaries.authenticate_token': 'Log this session in by a token. A token that is unknown, has expired or is wrong gives the same line.',
    'summaries.challenge_token': 'Ask for a challenge, which `authenticate_proof` answers within 60 seconds. A token that does not exist is challenged like one that does.',
    'summaries.authenticate_proof': "Log this session in by a proof that the client knows a token's secret (section 9). Each challenge is good for one try. Whatever is wrong gives the same line.",
    'summaries.delete_token': 'End a token of your own, those that were made in its sessions, and all their sessions.',
    'summaries.list_tokens': 'List your tokens, the newest first.',
    'summaries.change_password': "Give your user another password. Every other session of the user ends with a 199, and so does every token but this session's. A wrong password takes the same time as a wrong one of a login, and counts as a password attempt.",
    'summaries.update_user': 'Change your names, or what you say of yourself, which get_user shows while you are away too. An empty status takes it away.',
    'summaries.get_user': 'Show a user. Of yourself, and of those with whom you share a room or a conversation, also the names, whether a session of the user is open, and when one last was.',
    'summaries.delete_user': 'Delete your user. This session goes on without a user, and all others of the user end with a 199. Names, status, password and whatever else is kept of the user are gone from the disk before the reply; where the disk is full, say, left says what is still to go. With erase the texts of all its messages are too, and username is empty where it stood. The name is never given again.',
    'summaries.list_sessions': 'List your open sessions.',
    'summaries.end_session': 'End a session of your own, with a 199. It may be the one that asks.',
    'summaries.block_user': 'Take no private messages from a user any more: what the user sends you directly is answered 12. You can still write to the user.',
    'summaries.unblock_user': 'Take private messages from a user again.',
    'summaries.list_blocked': 'List the users whom you block, in the order of their folded names.',
    'summaries.list_chatrooms': 'List the rooms whose name contains `match` (case is ignored), in the order of their folded names. `after` continues after the room of that name.',
    'summaries.list_my_rooms': 'List the rooms that you have joined and not left, connected or not, in the order of their folded names. `after` continues after the room of that name.',
    'summaries.list_users': 'List the users in a room, in the order of their folded names. `after` continues after the user of that name.',
    'summaries.list_members': 'List those who belong to a room, connected or not, in the order of their folded names. `after` continues after the user of that name.',
    'summaries.set_topic': 'Set the topic of a room. An empty one takes it away.',
    'summaries.set_chatroom': "Change settings of a room: an owner's. Without any it shows them. An empty `password` or `welcome` takes it away. `slow_seconds` is how long a user waits between two messages.",
    'summaries.delete_chatroom': "Delete a room: an owner's. Everybody is removed from it, and its messages are erased. Only its last owner can make it again; ids go on where they were.",
    'summaries.set_role': 'Give a user a role in a room. Owners give every role. Moderators make members and muted users of those below them. You can lower your own role, unless you are the last owner.',
    'summaries.kick_user': 'Put a user out of a room, and end its membership or invitation. It may come back as others may.',
    'summaries.ban_user': 'Ban a user from a room, for a time or until `unban_user`, and put it out. A ban takes the rank of an owner or a moderator. A second ban replaces the first.',
    'summaries.unban_user': 'End the ban of a user from a room.',
    'summaries.list_bans': "List the bans from a room, in the order of the users' folded names: its moderators' and owners', who need not have joined it. `after` continues after the user of that name.",
    'summaries.invite_user': 'Make a user a member of a room, who may join it. The user is told in a private message. If it is a member already, nothing happens.',
    'summaries.post_message': 'Send a message to a room without joining it. It makes no room. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.',
    'summaries.delete_message': 'Delete a message of a room: its text is erased, and those of its edits with it. Its id, author and time stay.',
    'summaries.mark_read': 'Remember how far you have read in a room that you have joined. Your other sessions are told (event 109).',
    'summaries.chatroom_history': 'Read stored messages, oldest first: those after an id, before one or around one, those of a time, or the newest.',
    'summaries.get_message': 'Read one message: a 110 line without its text, then as much of the text as fits into the reply.',
    'summaries.search_chatroom': 'Find messages by their words: the newest ones before an id that have all words of `match`, oldest first.',
    'summaries.direct_message': 'Send a private message to a user, who may be away. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.',
    'summaries.direct_history': 'Read the stored messages of a private conversation, oldest first: those after an id, those before one, or the newest.',
    'summaries.list_conversations': 'List your private conversations, the one with the newest message first. `after` continues after the one with that user.',
    'summaries.mark_direct_read': 'Say how far you have read in a private conversation: 0, or an id up to that of its newest message. It may go back. Your other sessions are told.',
    'summaries.get_direct_message': 'Read one private message: a 112 line without its text, then as much of the text as fits into the reply.',
    'summaries.delete_direct_message': 'Delete a private message of your own: its text is erased, and those of its edits with it. Its id, author and time stay.',
    'summaries.set_session': 'Say how this session reads: in which form and language, how long its lines may be, which events come. What is not given stays as it is. A token that is made afterwards keeps it.',
    'summaries.ping': "Answer with the same data, and the server's time.",
    'summaries.help': "List all commands, or show one command's parameters and codes.",
    'summaries.get_server': "Show the server's name, version, limits and durability.",
    'summaries.quit': 'Close the connection after the reply. Nothing sent after `quit` is read.',
  },
  fr: {
    not_json: 'the line begins with { and is not a JSON object',
    nests_too_deep: 'the JSON nests deeper than {levels}',
    ref_too_long: 'ref has no room in the reply: the session reads lines of at most {bytes} bytes',
    lone_surrogate: 'the JSON holds a lone surrogate',
    bad_quotes: 'a value that begins with a quote must be a JSON string like "Jean Paul", followed by a space',
    bad_telnet: 'the line holds a byte 255 that begins no telnet sequence, or one that is cut short',
    not_utf8: 'the line is not UTF-8',
    looks_like_tls: 'this looks like a TLS handshake, but this port does not speak TLS',
    looks_like_http: 'this looks like an HTTP request, but this port does not speak HTTP',
    line_too_long: 'the line is longer than {bytes} bytes',
    unknown_command: 'there is no such command; help lists all commands',
    no_help: 'there is no help on that; help lists all commands',
    missing: '{field} is missing',
    invalid: '{field} {problem}',
    must_be: 'must be {rule}',
    must_have: 'must be {rule}',
    must_be_an: 'must be an {rule}',
    must_be_string: 'must be a string: {rule}',
    must_not_hold_invisible: 'must not contain the invisible character {character}',
    must_not_pile_marks: 'must not have more than four marks in a row',
    must_not_be_earlier: 'must not be earlier than {field}',
    must_be_ref: 'must be a string of at most {characters} characters or an integer from −(2^53 − 1) to 2^53 − 1',
    not_together: "{one} and {other} can't be given together",
    after_beyond_newest: 'after is beyond the newest message of the room',
    id_beyond_newest: 'id is beyond the newest message of the room',
    id_beyond_newest_private: 'id is beyond the newest message of the conversation',
    after_is_nobody: 'after is nobody with whom you have a conversation',
    edited_reaction_too_long: 'message must be 1 to {characters} characters: it edits a reaction',
    authenticate_first: 'authenticate first',
    wrong_user: 'username is not the user of this session',
    already_authenticated: 'this session has a user already: log out first',
    encryption_required: 'passwords and tokens are not accepted on an unencrypted connection from another machine: use TLS',
    wrong_password: 'wrong username or password',
    wrong_token: 'wrong token',
    wrong_proof: 'wrong proof',
    session_cannot_authenticate: 'this session has ended',
    name_taken: 'this name is taken, or looks like a taken one',
    account_disabled: 'an operator has disabled this account',
    banned: 'you are banned',
    banned_because: 'you are banned: {reason}',
    user_deleted: 'this user was deleted',
    registration_closed: 'registration is closed: ask the operator',
    registration_by_invitation: 'registration is by invitation: ask the operator for one',
    no_user_of_name: 'there is no user of that name',
    no_such_user: 'there is no such user',
    no_room_of_name: 'there is no room of that name',
    no_message_in_room: 'there is no message with that id in this room',
    no_message_in_conversation: 'there is no message with that id in this conversation',
    re_not_in_room: 're names no message of this room',
    re_not_in_conversation: 're names no message of this conversation',
    no_such_token: 'you have no token of that id',
    no_such_session: 'you have no session of that number',
    not_in_or_of_room: 'that user is neither in the room nor a member of it',
    user_not_banned: 'that user is not banned from this room',
    not_joined: 'this session has not joined that room',
    others_only: 'this command is about others',
    out_of_reach: 'that user is {role} of the room: your role does not reach it',
    an_owner: 'an owner',
    a_moderator: 'a moderator',
    a_member: 'a member',
    a_muted_user: 'a muted user',
    owners_only: 'only an owner of the room may do this',
    moderators_only: 'only moderators and owners of the room may do this',
    room_closed: 'the room is closed',
    room_deleted: 'the room was deleted: only its last owner and the operator can make it again',
    room_deleted_after: 'the room was deleted: only its last owner, by a join without after, and the operator can make it again',
    room_full: 'the room is full',
    room_moderated: 'the room is moderated: only its moderators and owners speak',
    room_lookalike: 'this name looks like the name of another room',
    muted: 'you are muted in this room',
    banned_from_room: 'you are banned from this room',
    members_only: 'only members may enter this room: ask for an invitation',
    room_password_missing: 'this room has a password: join with it',
    room_password_wrong: "this is not the room's password",
    removed_from_room: 'you were removed from the room',
    takes_no_messages: 'that user takes no messages from you',
    only_lower_own_role: 'you can only lower your own role',
    only_owners_give_role: 'only an owner of the room can give the roles of owners and moderators',
    last_owner_role: 'the last owner of a room stays one: make another owner first',
    last_owner_stays: 'the last owner of a room stays in it: make another owner first',
    target_banned: 'that user is banned from the room: end the ban first',
    too_many_roles: 'the room has as many owners, moderators and muted users as it may have, {most}: make members of some first',
    too_many_bans: 'the room has as many bans as it may have, {most}: end some first',
    too_many_invitations: 'this user has as many open invitations of yours as it may have',
    not_yours_to_delete: 'only its author, a moderator of a higher role or an owner may delete a message',
    private_not_yours_to_delete: 'only its author may delete a private message',
    not_yours_to_edit: 'an edit is of a message of your own that is no edit itself and was not deleted',
    too_many_edits: 'a message can be edited {times} times: send a new one',
    password_or_members_only: 'members_only lets nobody in who could be asked for the password: set one of the two',
    key_used: 'this key was used for another message',
    too_many_messages: 'too many messages',
    too_many_attempts: 'too many password attempts from your address',
    too_many_requests: 'too many requests',
    too_many_requests_of_user: 'too many requests from all sessions of this user together',
    too_many_requests_of_address: 'too many requests from your address',
    too_many_requests_of_guests: 'too many requests without a login from your address',
    too_many_wrong_passwords: 'too many wrong passwords: try again later',
    slow_room: 'this room takes one message in {seconds} seconds from you',
    rooms_of_session: 'this session is in as many rooms as it may be, {most}: leave one first',
    rooms_of_user: 'you have joined as many rooms as you may, {most}: leave one first',
    new_rooms_of_user: 'you have made as many rooms as you may in a day, {most}: join one that exists, or wait until midnight UTC',
    new_rooms_of_address: 'your address has made as many rooms as it may in a day, {most}: join one that exists, or wait until midnight UTC',
    new_conversations_of_user: 'you have begun as many private conversations as you may in a day, {most}: wait until midnight UTC',
    new_conversations_of_address: 'your address has begun as many private conversations as it may in a day, {most}: wait until midnight UTC',
    new_users_of_address: 'your address has made as many users as it may in a day, {most}: log in as one that exists, or wait until midnight UTC',
    blocked_users: 'you block as many users as you may, {most}: unblock one first',
    sessions_of_user: 'this user has as many sessions as it may have, {most}: end one of them first',
    tokens_of_user: 'this user has as many tokens as it may have, {most}: delete one of them first',
    messages_wait: 'too many messages wait for the disk',
    passwords_wait: 'too many passwords wait to be checked',
    changes_wait: 'too many new rooms and users wait for the disk',
    store_away: "the store can't be reached",
    room_being_erased: "the room's messages are still being erased",
    room_being_changed: 'others change this room at the moment: try again',
    not_stored: 'the message could not be stored',
    not_done: 'the server could not do it, and did nothing',
    session_ended: 'the session has ended',
    words_too_frequent: 'these words are in so many messages, and hardly together, that not all can be looked at: take rarer ones',
    'reasons.connections_total': 'the server has too many connections',
    'reasons.connections_of_address': 'too many connections from your address',
    'reasons.connection_rate': 'too many new connections from your address',
    'reasons.address_banned': 'your address is banned',
    'reasons.address_banned_because': 'your address is banned: {reason}',
    'reasons.proxies_only': 'only proxies may connect here',
    'reasons.proxy_header_late': 'no PROXY header came in time',
    'reasons.handshake_late': 'the TLS handshake did not end in time',
    'reasons.handshake_gave_way': 'the TLS handshake gave way to others',
    'reasons.early_bytes': 'too many bytes before the TLS handshake',
    'reasons.connection_memory': 'the server needs the memory that this connection takes',
    'reasons.too_many_operators': 'too many operators',
    'reasons.read_slowly': 'you read too slowly',
    'reasons.read_nothing': 'you read nothing for too long',
    'reasons.session_memory': 'the server needs the memory that this session takes',
    'reasons.silent_guest': 'you were silent, and another client needs your place',
    'reasons.crowded_network': 'your network has more than its share of places, and another client needs one',
    'reasons.login_late': 'you did not authenticate in time',
    'reasons.line_late': 'the line did not end in time',
    'reasons.endless_line': 'too many bytes without a line end',
    'reasons.idle_operator': 'you were idle, and another operator needs your place',
    'reasons.server_stopping': 'the server is stopping',
    'reasons.server_draining': 'the server is about to stop',
    'reasons.session_ended_by_operator': 'the operator has ended this session',
    'reasons.session_ended_by_user': 'you have ended this session',
    'reasons.password_changed': 'your password was changed',
    'reasons.account_disabled': 'your account was disabled',
    'reasons.account_deleted': 'your account was deleted',
    'reasons.token_deleted': 'the token of this session was deleted',
    'reasons.token_expired': 'the token of this session has expired',
    'reasons.room_closed': 'the room was closed',
    'reasons.room_deleted': 'the room was deleted',
    'reasons.trimmed': 'older messages were trimmed',
    'reasons.room_left_on_disk': 'the room is deleted, but messages of it may still be on the disk, because that fails or the daemon stops: they are erased as soon as that works',
    'reasons.erased_left_on_disk': 'the user is deleted, but texts and names that it had may still be on the disk, because that fails or the daemon stops: they are erased as soon as that works',
    'reasons.deleted_left_on_disk': 'the user is deleted, but names that it had may still be on the disk, because that fails or the daemon stops: they are erased as soon as that works',
    'reasons.damaged_left_on_disk': "the user is erased, but rows of messages that are damaged, and that nobody is shown, may have texts of it: the server's log says where",
    'rules.username': '1 to 32 letters, marks and digits of any script, `_`, `.` or `-`; the first is a letter or a digit',
    'rules.room': '1 to 64 letters, marks and digits of any script, `_`, `.`, `-`, `#` or `+`; the first is a letter, a digit, `#` or `+`',
    'rules.new_username': '1 to 32 letters, marks and digits of any script, `_`, `.` or `-`; the first is a letter or a digit; a new name has no invisible characters and at most four marks in a row',
    'rules.new_room': '1 to 64 letters, marks and digits of any script, `_`, `.`, `-`, `#` or `+`; the first is a letter, a digit, `#` or `+`; a new name has no invisible characters and at most four marks in a row',
    'rules.password': '8 to 1,024 bytes, any characters',
    'rules.checked_password': '1 to 1,024 bytes, any characters',
    'rules.person_name': '1 to 100 characters, no control characters',
    'rules.message': '1 to 4,096 bytes, any characters',
    'rules.reaction': '1 to 32 characters',
    'rules.short_text': '0 to 500 characters, no control characters',
    'rules.key': 'at most 64 characters',
    'rules.data': 'at most 1,024 characters',
    'rules.topic_of_help': '1 to 64 characters, no control characters',
    'rules.role': '`owner`, `moderator`, `member` or `muted`',
    'rules.id': 'integer from 0 to 2^53 − 1',
    'rules.switch': '`true` or `false`; in the plain form also `on`, `off`, `yes` and `no`',
    'rules.kind': '`action`, `notice`, `reply`, `edit` or `reaction`',
    'rules.room_password': '0 to 64 characters',
    'rules.welcome': '0 to 500 characters',
    'rules.status': '0 to 100 characters',
    'rules.token': '8 to 256 characters of base64url without padding, with one `.` among them',
    'rules.base64url': '8 to 256 characters of base64url without padding',
    'rules.nonce': '16 to 64 characters of base64url without padding',
    'rules.instant': 'a time as RFC 3339 writes it, such as `2026-11-22T12:00:00Z`',
    'rules.count': 'integer from 0 to 2^53 − 1; 0 is no limit',
    'rules.offset': 'integer from 0 to 2^53 − 1',
    'rules.duration': 'integer from 1 to 315,576,000: seconds, at most ten years',
    'rules.newest': 'integer from 1 to 1,000',
    'rules.limit': 'integer from 1 to 1,000; 100 when not given',
    'rules.form': '`json`, `tsv` or `text`',
    'rules.events': '`all`, `messages` or `none`',
    'rules.language': '`en` or `fr`',
    'rules.max_line': 'integer from 512 to 32,768: bytes, the LF included',
    'rules.keepalive': 'integer from 10 to 3,600: seconds, or 0 for never',
    'summaries.create_user': 'Create a user. This does not log the session in.',
    'summaries.authenticate_user': 'Log this session in as the user. A failure takes the same time and gives the same line whether or not the user exists.',
    'summaries.join_chatroom': 'Join a room. A new room is made, and the user who makes it owns it. With `after`, the messages that followed that id come first, as 110 lines, with no gap and nothing twice; with `newest`, as many of the newest ones.',
    'summaries.leave_chatroom': 'Leave a room. No event of the room comes after the reply.',
    'summaries.chatroom_message': 'Send a message to a room. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.',
    'summaries.log_out': 'Leave all rooms and log out. The connection stays open.',
    'summaries.create_token': "Make a token, by which a device logs in without a password. It is told this once. One made in a token's session expires and ends with that token.",
    'summaries.authenticate_token': 'Log this session in by a token. A token that is unknown, has expired or is wrong gives the same line.',
    'summaries.challenge_token': 'Ask for a challenge, which `authenticate_proof` answers within 60 seconds. A token that does not exist is challenged like one that does.',
    'summaries.authenticate_proof': "Log this session in by a proof that the client knows a token's secret (section 9). Each challenge is good for one try. Whatever is wrong gives the same line.",
    'summaries.delete_token': 'End a token of your own, those that were made in its sessions, and all their sessions.',
    'summaries.list_tokens': 'List your tokens, the newest first.',
    'summaries.change_password': "Give your user another password. Every other session of the user ends with a 199, and so does every token but this session's. A wrong password takes the same time as a wrong one of a login, and counts as a password attempt.",
    'summaries.update_user': 'Change your names, or what you say of yourself, which get_user shows while you are away too. An empty status takes it away.',
    'summaries.get_user': 'Show a user. Of yourself, and of those with whom you share a room or a conversation, also the names, whether a session of the user is open, and when one last was.',
    'summaries.delete_user': 'Delete your user. This session goes on without a user, and all others of the user end with a 199. Names, status, password and whatever else is kept of the user are gone from the disk before the reply; where the disk is full, say, left says what is still to go. With erase the texts of all its messages are too, and username is empty where it stood. The name is never given again.',
    'summaries.list_sessions': 'List your open sessions.',
    'summaries.end_session': 'End a session of your own, with a 199. It may be the one that asks.',
    'summaries.block_user': 'Take no private messages from a user any more: what the user sends you directly is answered 12. You can still write to the user.',
    'summaries.unblock_user': 'Take private messages from a user again.',
    'summaries.list_blocked': 'List the users whom you block, in the order of their folded names.',
    'summaries.list_chatrooms': 'List the rooms whose name contains `match` (case is ignored), in the order of their folded names. `after` continues after the room of that name.',
    'summaries.list_my_rooms': 'List the rooms that you have joined and not left, connected or not, in the order of their folded names. `after` continues after the room of that name.',
    'summaries.list_users': 'List the users in a room, in the order of their folded names. `after` continues after the user of that name.',
    'summaries.list_members': 'List those who belong to a room, connected or not, in the order of their folded names. `after` continues after the user of that name.',
    'summaries.set_topic': 'Set the topic of a room. An empty one takes it away.',
    'summaries.set_chatroom': "Change settings of a room: an owner's. Without any it shows them. An empty `password` or `welcome` takes it away. `slow_seconds` is how long a user waits between two messages.",
    'summaries.delete_chatroom': "Delete a room: an owner's. Everybody is removed from it, and its messages are erased. Only its last owner can make it again; ids go on where they were.",
    'summaries.set_role': 'Give a user a role in a room. Owners give every role. Moderators make members and muted users of those below them. You can lower your own role, unless you are the last owner.',
    'summaries.kick_user': 'Put a user out of a room, and end its membership or invitation. It may come back as others may.',
    'summaries.ban_user': 'Ban a user from a room, for a time or until `unban_user`, and put it out. A ban takes the rank of an owner or a moderator. A second ban replaces the first.',
    'summaries.unban_user': 'End the ban of a user from a room.',
    'summaries.list_bans': "List the bans from a room, in the order of the users' folded names: its moderators' and owners', who need not have joined it. `after` continues after the user of that name.",
    'summaries.invite_user': 'Make a user a member of a room, who may join it. The user is told in a private message. If it is a member already, nothing happens.',
    'summaries.post_message': 'Send a message to a room without joining it. It makes no room. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.',
    'summaries.delete_message': 'Delete a message of a room: its text is erased, and those of its edits with it. Its id, author and time stay.',
    'summaries.mark_read': 'Remember how far you have read in a room that you have joined. Your other sessions are told (event 109).',
    'summaries.chatroom_history': 'Read stored messages, oldest first: those after an id, before one or around one, those of a time, or the newest.',
    'summaries.get_message': 'Read one message: a 110 line without its text, then as much of the text as fits into the reply.',
    'summaries.search_chatroom': 'Find messages by their words: the newest ones before an id that have all words of `match`, oldest first.',
    'summaries.direct_message': 'Send a private message to a user, who may be away. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.',
    'summaries.direct_history': 'Read the stored messages of a private conversation, oldest first: those after an id, those before one, or the newest.',
    'summaries.list_conversations': 'List your private conversations, the one with the newest message first. `after` continues after the one with that user.',
    'summaries.mark_direct_read': 'Say how far you have read in a private conversation: 0, or an id up to that of its newest message. It may go back. Your other sessions are told.',
    'summaries.get_direct_message': 'Read one private message: a 112 line without its text, then as much of the text as fits into the reply.',
    'summaries.delete_direct_message': 'Delete a private message of your own: its text is erased, and those of its edits with it. Its id, author and time stay.',
    'summaries.set_session': 'Say how this session reads: in which form and language, how long its lines may be, which events come. What is not given stays as it is. A token that is made afterwards keeps it.',
    'summaries.ping': "Answer with the same data, and the server's time.",
    'summaries.help': "List all commands, or show one command's parameters and codes.",
    'summaries.get_server': "Show the server's name, version, limits and durability.",
    'summaries.quit': 'Close the connection after the reply. Nothing sent after `quit` is read.',
  },
};
