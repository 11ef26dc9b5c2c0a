// Generated from protocol/words/, limits.json and commands/ by `npm run generate`. Change it there, not here.
/** The sentences of the catalogues, and the places of each that need a value. */
export interface Words {
  readonly of_code_2: 'error';
  readonly of_code_3: 'error';
  readonly of_code_4_making: 'error';
  readonly of_code_4_logging_in: 'error';
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
  readonly no_command: 'read';
  readonly no_command_but: 'nearest' | 'read';
  readonly nothing_may_follow: 'command';
  readonly wrong_usage: 'problem' | 'usage';
  readonly wrong_line: 'problem' | 'read' | 'usage';
  readonly wrong_text: 'problem' | 'read';
  readonly wrong_value: 'problem' | 'read';
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
  readonly 'reasons.silent': never;
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
  readonly 'rules.token_id': never;
  readonly 'rules.base64url': never;
  readonly 'rules.proof': never;
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
    of_code_2: '{error}',
    of_code_3: '{error}',
    of_code_4_making: '{error}',
    of_code_4_logging_in: '{error}',
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
    no_command: 'there is no command "{read}"; help lists all commands',
    no_command_but: 'there is no command "{read}" (did you mean {nearest}?); help lists all commands',
    nothing_may_follow: 'nothing may follow {command} on its line',
    wrong_usage: '{problem}; usage: {usage}',
    wrong_line: '{problem}; usage: {usage}; read: "{read}"',
    wrong_text: '{problem}; read: "{read}"',
    wrong_value: '{problem}; read: {read}',
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
    'reasons.silent': 'nothing came from you for too long',
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
    'rules.token_id': '8 to 256 characters of base64url without padding',
    'rules.base64url': '8 to 256 characters of base64url without padding',
    'rules.proof': '8 to 256 characters of base64url without padding',
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
    'summaries.authenticate_proof': "Log this session in by a proof that the client knows a token's secret (8.6). Each challenge is good for one try. Whatever is wrong gives the same line.",
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
    'summaries.help': "List all commands, or show one command's parameters and codes, how it is typed, and an example.",
    'summaries.get_server': "Show the server's name, version, limits and durability.",
    'summaries.quit': 'Close the connection after the reply. Nothing sent after `quit` is read.',
  },
  fr: {
    of_code_2: 'Échec pour une raison indéterminée : {error}',
    of_code_3: 'Il manque un champ dans la requète : {error}',
    of_code_4_making: "L'utilisateur existe déjà : {error}",
    of_code_4_logging_in: "Échec de l'authentification : {error}",
    not_json: "la ligne commence par { et n'est pas un objet JSON",
    nests_too_deep: 'le JSON est imbriqué sur plus de {levels} niveaux',
    ref_too_long: "ref n'a pas de place dans la réponse : la session lit des lignes de {bytes} octets au plus",
    lone_surrogate: 'le JSON contient un demi-codet UTF-16 isolé',
    bad_quotes: "une valeur qui commence par un guillemet doit être une chaîne JSON, comme \"Jean Paul\", suivie d'une espace",
    bad_telnet: 'la ligne contient un octet 255 qui ne commence aucune séquence telnet, ou une séquence interrompue',
    not_utf8: "la ligne n'est pas en UTF-8",
    looks_like_tls: 'ceci ressemble à une négociation TLS, mais ce port ne parle pas TLS',
    looks_like_http: 'ceci ressemble à une requête HTTP, mais ce port ne parle pas HTTP',
    line_too_long: 'la ligne dépasse {bytes} octets',
    unknown_command: "cette commande n'existe pas ; help les donne toutes",
    no_command: "il n'y a pas de commande « {read} » ; help les donne toutes",
    no_command_but: "il n'y a pas de commande « {read} » (vouliez-vous dire {nearest} ?) ; help les donne toutes",
    nothing_may_follow: 'rien ne peut suivre {command} sur sa ligne',
    wrong_usage: '{problem} ; usage : {usage}',
    wrong_line: '{problem} ; usage : {usage} ; lu : « {read} »',
    wrong_text: '{problem} ; lu : « {read} »',
    wrong_value: '{problem} ; lu : {read}',
    missing: '{field}',
    invalid: '{field} {problem}',
    must_be: 'doit être {rule}',
    must_have: 'doit compter {rule}',
    must_be_an: 'doit être un {rule}',
    must_be_string: 'doit être une chaîne : {rule}',
    must_not_hold_invisible: 'ne doit pas contenir le caractère invisible {character}',
    must_not_pile_marks: 'ne doit pas avoir plus de quatre marques à la suite',
    must_not_be_earlier: 'ne doit pas être antérieur à {field}',
    must_be_ref: 'doit être une chaîne de {characters} caractères au plus ou un entier de −(2^53 − 1) à 2^53 − 1',
    not_together: '{one} et {other} ne peuvent pas être donnés ensemble',
    after_beyond_newest: 'after dépasse le dernier message du salon',
    id_beyond_newest: 'id dépasse le dernier message du salon',
    id_beyond_newest_private: 'id dépasse le dernier message de la conversation',
    after_is_nobody: 'after ne désigne personne avec qui vous avez une conversation',
    edited_reaction_too_long: 'message doit compter de 1 à {characters} caractères : il modifie une réaction',
    authenticate_first: "authentifiez-vous d'abord",
    wrong_user: "username n'est pas l'utilisateur de cette session",
    already_authenticated: "cette session a déjà un utilisateur : déconnectez-le d'abord (log_out)",
    encryption_required: 'les mots de passe et les jetons ne sont pas acceptés sur une connexion non chiffrée depuis une autre machine : utilisez TLS',
    wrong_password: "nom d'utilisateur ou mot de passe incorrect",
    wrong_token: 'jeton incorrect',
    wrong_proof: 'preuve incorrecte',
    session_cannot_authenticate: 'cette session a pris fin',
    name_taken: 'ce nom est pris, ou ressemble à un nom déjà pris',
    account_disabled: 'un opérateur a désactivé ce compte',
    banned: 'vous êtes banni',
    banned_because: 'vous êtes banni : {reason}',
    user_deleted: 'cet utilisateur a été supprimé',
    registration_closed: "les inscriptions sont fermées : adressez-vous à l'opérateur",
    registration_by_invitation: "on s'inscrit sur invitation : demandez-en une à l'opérateur",
    no_user_of_name: 'aucun utilisateur ne porte ce nom',
    no_such_user: "cet utilisateur n'existe pas",
    no_room_of_name: 'aucun salon ne porte ce nom',
    no_message_in_room: "aucun message de ce salon n'a cet id",
    no_message_in_conversation: "aucun message de cette conversation n'a cet id",
    re_not_in_room: 're ne désigne aucun message de ce salon',
    re_not_in_conversation: 're ne désigne aucun message de cette conversation',
    no_such_token: "vous n'avez aucun jeton de cet id",
    no_such_session: "vous n'avez aucune session de ce numéro",
    not_in_or_of_room: "cet utilisateur n'est ni dans le salon ni membre du salon",
    user_not_banned: "cet utilisateur n'est pas banni de ce salon",
    not_joined: "cette session n'a pas rejoint ce salon",
    others_only: 'cette commande concerne les autres',
    out_of_reach: "cet utilisateur est {role} du salon : votre rôle ne vous permet pas d'agir sur lui",
    an_owner: 'propriétaire',
    a_moderator: 'modérateur',
    a_member: 'membre',
    a_muted_user: 'membre réduit au silence',
    owners_only: 'seul un propriétaire du salon peut faire cela',
    moderators_only: 'seuls les modérateurs et les propriétaires du salon peuvent faire cela',
    room_closed: 'le salon est fermé',
    room_deleted: "le salon a été supprimé : seuls son dernier propriétaire et l'opérateur peuvent le recréer",
    room_deleted_after: "le salon a été supprimé : seuls son dernier propriétaire, en le rejoignant sans after, et l'opérateur peuvent le recréer",
    room_full: 'le salon est plein',
    room_moderated: 'le salon est modéré : seuls ses modérateurs et ses propriétaires y parlent',
    room_lookalike: "ce nom ressemble à celui d'un autre salon",
    muted: 'vous êtes réduit au silence dans ce salon',
    banned_from_room: 'vous êtes banni de ce salon',
    members_only: 'seuls les membres peuvent entrer dans ce salon : demandez une invitation',
    room_password_missing: 'ce salon a un mot de passe : donnez-le en le rejoignant',
    room_password_wrong: "ce n'est pas le mot de passe du salon",
    removed_from_room: 'on vous a retiré du salon',
    takes_no_messages: 'cet utilisateur ne reçoit pas de messages de votre part',
    only_lower_own_role: "vous ne pouvez qu'abaisser votre propre rôle",
    only_owners_give_role: 'seul un propriétaire du salon peut donner les rôles de propriétaire et de modérateur',
    last_owner_role: "le dernier propriétaire d'un salon le reste : nommez d'abord un autre propriétaire",
    last_owner_stays: "le dernier propriétaire d'un salon y reste : nommez d'abord un autre propriétaire",
    target_banned: "cet utilisateur est banni du salon : levez d'abord le bannissement",
    too_many_roles: "le salon a autant de propriétaires, de modérateurs et de membres réduits au silence qu'il peut en avoir, soit {most} : rendez d'abord certains simples membres",
    too_many_bans: "le salon a autant de bannissements qu'il peut en avoir, soit {most} : levez-en d'abord",
    too_many_invitations: "cet utilisateur a déjà autant d'invitations en attente de votre part qu'il peut en avoir",
    not_yours_to_delete: "seuls son auteur, un modérateur d'un rôle supérieur au sien ou un propriétaire peuvent supprimer un message",
    private_not_yours_to_delete: 'seul son auteur peut supprimer un message privé',
    not_yours_to_edit: "on ne modifie qu'un message à soi, qui n'est pas lui-même une modification et n'a pas été supprimé",
    too_many_edits: 'un message peut être modifié {times} fois : envoyez-en un nouveau',
    password_or_members_only: "members_only ne laisse entrer personne à qui demander le mot de passe : ne réglez que l'un des deux",
    key_used: 'cette clé a servi pour un autre message',
    too_many_messages: 'trop de messages',
    too_many_attempts: "trop d'essais de mot de passe depuis votre adresse",
    too_many_requests: 'trop de requêtes',
    too_many_requests_of_user: "trop de requêtes de l'ensemble des sessions de cet utilisateur",
    too_many_requests_of_address: 'trop de requêtes depuis votre adresse',
    too_many_requests_of_guests: 'trop de requêtes sans authentification depuis votre adresse',
    too_many_wrong_passwords: 'trop de mots de passe incorrects : réessayez plus tard',
    slow_room: 'ce salon accepte de vous un message toutes les {seconds} secondes',
    rooms_of_session: "cette session est dans autant de salons qu'elle peut l'être, soit {most} : quittez-en d'abord un",
    rooms_of_user: "vous avez rejoint autant de salons que vous le pouvez, soit {most} : quittez-en d'abord un",
    new_rooms_of_user: 'vous avez créé autant de salons que vous le pouvez en un jour, soit {most} : rejoignez-en un qui existe, ou attendez minuit UTC',
    new_rooms_of_address: "votre adresse a créé autant de salons qu'elle le peut en un jour, soit {most} : rejoignez-en un qui existe, ou attendez minuit UTC",
    new_conversations_of_user: 'vous avez commencé autant de conversations privées que vous le pouvez en un jour, soit {most} : attendez minuit UTC',
    new_conversations_of_address: "votre adresse a commencé autant de conversations privées qu'elle le peut en un jour, soit {most} : attendez minuit UTC",
    new_users_of_address: "votre adresse a créé autant d'utilisateurs qu'elle le peut en un jour, soit {most} : authentifiez-vous comme un utilisateur qui existe, ou attendez minuit UTC",
    blocked_users: "vous bloquez autant d'utilisateurs que vous le pouvez, soit {most} : débloquez-en d'abord un",
    sessions_of_user: "cet utilisateur a autant de sessions qu'il peut en avoir, soit {most} : terminez-en d'abord une",
    tokens_of_user: "cet utilisateur a autant de jetons qu'il peut en avoir, soit {most} : supprimez-en d'abord un",
    messages_wait: 'trop de messages attendent le disque',
    passwords_wait: "trop de mots de passe attendent d'être vérifiés",
    changes_wait: 'trop de nouveaux salons et utilisateurs attendent le disque',
    store_away: 'le stockage est injoignable',
    room_being_erased: "les messages de ce salon sont encore en cours d'effacement",
    room_being_changed: "d'autres modifient ce salon en ce moment : réessayez",
    not_stored: "le message n'a pas pu être enregistré",
    not_done: "le serveur n'a pas pu le faire, et n'a rien fait",
    session_ended: 'la session a pris fin',
    words_too_frequent: "ces mots sont dans tant de messages, et si rarement ensemble, qu'on ne peut pas tous les examiner : prenez-en de plus rares",
    'reasons.connections_total': 'le serveur a trop de connexions',
    'reasons.connections_of_address': 'trop de connexions depuis votre adresse',
    'reasons.connection_rate': 'trop de nouvelles connexions depuis votre adresse',
    'reasons.address_banned': 'votre adresse est bannie',
    'reasons.address_banned_because': 'votre adresse est bannie : {reason}',
    'reasons.proxies_only': 'seuls des proxys peuvent se connecter ici',
    'reasons.proxy_header_late': "aucun en-tête PROXY n'est arrivé à temps",
    'reasons.handshake_late': "la négociation TLS ne s'est pas terminée à temps",
    'reasons.handshake_gave_way': "la négociation TLS a laissé la place à d'autres",
    'reasons.early_bytes': "trop d'octets avant la négociation TLS",
    'reasons.connection_memory': 'le serveur a besoin de la mémoire que prend cette connexion',
    'reasons.too_many_operators': "trop d'opérateurs",
    'reasons.read_slowly': 'vous lisez trop lentement',
    'reasons.read_nothing': "vous n'avez rien lu depuis trop longtemps",
    'reasons.session_memory': 'le serveur a besoin de la mémoire que prend cette session',
    'reasons.silent_guest': 'vous étiez silencieux, et un autre client a besoin de votre place',
    'reasons.crowded_network': "votre réseau occupe plus que sa part des places, et un autre client en a besoin d'une",
    'reasons.login_late': 'vous ne vous êtes pas authentifié à temps',
    'reasons.line_late': "la ligne ne s'est pas terminée à temps",
    'reasons.silent': "rien n'est venu de vous depuis trop longtemps",
    'reasons.endless_line': "trop d'octets sans fin de ligne",
    'reasons.idle_operator': 'vous étiez inactif, et un autre opérateur a besoin de votre place',
    'reasons.server_stopping': "le serveur s'arrête",
    'reasons.server_draining': "le serveur va bientôt s'arrêter",
    'reasons.session_ended_by_operator': "l'opérateur a mis fin à cette session",
    'reasons.session_ended_by_user': 'vous avez mis fin à cette session',
    'reasons.password_changed': 'votre mot de passe a été changé',
    'reasons.account_disabled': 'votre compte a été désactivé',
    'reasons.account_deleted': 'votre compte a été supprimé',
    'reasons.token_deleted': 'le jeton de cette session a été supprimé',
    'reasons.token_expired': 'le jeton de cette session a expiré',
    'reasons.room_closed': 'le salon a été fermé',
    'reasons.room_deleted': 'le salon a été supprimé',
    'reasons.trimmed': "les messages plus anciens n'ont pas été gardés",
    'reasons.room_left_on_disk': "le salon est supprimé, mais il peut rester de ses messages sur le disque, parce que celui-ci fait défaut ou que le serveur s'arrête : ils seront effacés dès que cela marchera",
    'reasons.erased_left_on_disk': "l'utilisateur est supprimé, mais il peut rester de ses textes et de ses noms sur le disque, parce que celui-ci fait défaut ou que le serveur s'arrête : ils seront effacés dès que cela marchera",
    'reasons.deleted_left_on_disk': "l'utilisateur est supprimé, mais il peut rester de ses noms sur le disque, parce que celui-ci fait défaut ou que le serveur s'arrête : ils seront effacés dès que cela marchera",
    'reasons.damaged_left_on_disk': "l'utilisateur est effacé, mais des lignes de messages endommagées, que personne ne voit, peuvent contenir de ses textes : le journal du serveur dit où",
    'rules.username': 'de 1 à 32 lettres, marques et chiffres de toute écriture, `_`, `.` ou `-` ; le premier caractère est une lettre ou un chiffre',
    'rules.room': 'de 1 à 64 lettres, marques et chiffres de toute écriture, `_`, `.`, `-`, `#` ou `+` ; le premier caractère est une lettre, un chiffre, `#` ou `+`',
    'rules.new_username': "de 1 à 32 lettres, marques et chiffres de toute écriture, `_`, `.` ou `-` ; le premier caractère est une lettre ou un chiffre ; un nouveau nom n'a aucun caractère invisible et quatre marques à la suite au plus",
    'rules.new_room': "de 1 à 64 lettres, marques et chiffres de toute écriture, `_`, `.`, `-`, `#` ou `+` ; le premier caractère est une lettre, un chiffre, `#` ou `+` ; un nouveau nom n'a aucun caractère invisible et quatre marques à la suite au plus",
    'rules.password': 'de 8 à 1 024 octets, de caractères quelconques',
    'rules.checked_password': 'de 1 à 1 024 octets, de caractères quelconques',
    'rules.person_name': 'de 1 à 100 caractères, sans caractère de contrôle',
    'rules.message': 'de 1 à 4 096 octets, de caractères quelconques',
    'rules.reaction': 'de 1 à 32 caractères',
    'rules.short_text': 'de 0 à 500 caractères, sans caractère de contrôle',
    'rules.key': '64 caractères au plus',
    'rules.data': '1 024 caractères au plus',
    'rules.topic_of_help': 'de 1 à 64 caractères, sans caractère de contrôle',
    'rules.role': '`owner`, `moderator`, `member` ou `muted`',
    'rules.id': 'entier de 0 à 2^53 − 1',
    'rules.switch': '`true` ou `false` ; dans la forme simple aussi `on`, `off`, `yes` et `no`',
    'rules.kind': '`action`, `notice`, `reply`, `edit` ou `reaction`',
    'rules.room_password': 'de 0 à 64 caractères',
    'rules.welcome': 'de 0 à 500 caractères',
    'rules.status': 'de 0 à 100 caractères',
    'rules.token': 'de 8 à 256 caractères en base64url sans remplissage, dont un `.`',
    'rules.base64url': 'de 8 à 256 caractères en base64url sans remplissage',
    'rules.token_id': 'de 8 à 256 caractères en base64url sans remplissage',
    'rules.proof': 'de 8 à 256 caractères en base64url sans remplissage',
    'rules.nonce': 'de 16 à 64 caractères en base64url sans remplissage',
    'rules.instant': 'une date et une heure comme les écrit la RFC 3339, par exemple `2026-11-22T12:00:00Z`',
    'rules.count': 'entier de 0 à 2^53 − 1 ; 0 signifie sans limite',
    'rules.offset': 'entier de 0 à 2^53 − 1',
    'rules.duration': 'entier de 1 à 315 576 000 : des secondes, dix ans au plus',
    'rules.newest': 'entier de 1 à 1 000',
    'rules.limit': "entier de 1 à 1 000 ; 100 s'il n'est pas donné",
    'rules.form': '`json`, `tsv` ou `text`',
    'rules.events': '`all`, `messages` ou `none`',
    'rules.language': '`en` ou `fr`',
    'rules.max_line': 'entier de 512 à 32 768 : des octets, LF compris',
    'rules.keepalive': 'entier de 10 à 3 600 : des secondes, ou 0 pour jamais',
    'summaries.challenge_token': "Demande un défi, auquel `authenticate_proof` répond dans les 60 secondes. Un jeton qui n'existe pas reçoit un défi comme les autres.",
    'summaries.authenticate_proof': "Authentifie cette session par une preuve que le client connaît le secret d'un jeton (8.6). Chaque défi ne vaut que pour un essai. Tout ce qui est faux donne la même ligne.",
    'summaries.authenticate_token': 'Authentifie cette session par un jeton. Un jeton inconnu, expiré ou faux donne la même ligne.',
    'summaries.authenticate_user': "Authentifie un utilisateur dans cette session. Un échec prend le même temps et donne la même ligne, que l'utilisateur existe ou non.",
    'summaries.ban_user': "Bannit un utilisateur d'un salon, pour un temps ou jusqu'à `unban_user`, et l'en fait sortir. Un bannissement retire le rang de propriétaire ou de modérateur. Un second bannissement remplace le premier.",
    'summaries.block_user': "Ne reçoit plus les messages privés d'un utilisateur : ce qu'il vous envoie directement obtient la réponse 12. Vous pouvez encore lui écrire.",
    'summaries.change_password': "Donne un autre mot de passe à votre utilisateur. Toutes ses autres sessions prennent fin par un 199, et tous ses jetons aussi, sauf celui de cette session. Un mot de passe faux prend le même temps qu'à l'authentification, et compte comme un essai.",
    'summaries.chatroom_history': "Lit les messages enregistrés, du plus ancien au plus récent : ceux qui suivent un id, ceux qui le précèdent ou qui l'entourent, ceux d'une période, ou les derniers.",
    'summaries.chatroom_message': "Envoie un message dans un salon. La réponse 1 signifie que le message est sur le disque. Avec une clé (`key`) il n'est enregistré qu'une fois, quel que soit le nombre d'envois.",
    'summaries.create_token': "Crée un jeton, par lequel un appareil s'authentifie sans mot de passe. Il n'est donné que cette fois. Un jeton créé dans la session d'un autre expire et prend fin avec lui.",
    'summaries.create_user': "Crée un utilisateur. Cela n'authentifie pas la session.",
    'summaries.delete_chatroom': 'Supprime un salon : réservé aux propriétaires. Tous en sont retirés, et ses messages sont effacés. Seul son dernier propriétaire peut le recréer ; les ids y reprennent où ils en étaient.',
    'summaries.delete_direct_message': 'Supprime un de vos messages privés : son texte est effacé, et celui de ses modifications aussi. Son id, son auteur et son heure restent.',
    'summaries.delete_message': "Supprime un message d'un salon : son texte est effacé, et celui de ses modifications aussi. Son id, son auteur et son heure restent.",
    'summaries.delete_token': 'Met fin à un de vos jetons, à ceux qui ont été créés dans ses sessions, et à toutes leurs sessions.',
    'summaries.delete_user': "Supprime votre utilisateur. Cette session continue sans utilisateur, et toutes ses autres sessions prennent fin par un 199. Ses noms, son statut, son mot de passe et tout ce qui est gardé de lui ont quitté le disque avant la réponse ; si le disque est plein, par exemple, left dit ce qui reste à effacer. Avec erase, le texte de tous ses messages aussi, et username est vide là où il figurait. Ce nom n'est plus jamais donné.",
    'summaries.direct_history': "Lit les messages enregistrés d'une conversation privée, du plus ancien au plus récent : ceux qui suivent un id, ceux qui le précèdent, ou les derniers.",
    'summaries.direct_message': "Envoie un message privé à un utilisateur, même absent. La réponse 1 signifie que le message est sur le disque. Avec une clé (`key`) il n'est enregistré qu'une fois, quel que soit le nombre d'envois.",
    'summaries.end_session': 'Met fin à une de vos sessions, par un 199. Ce peut être celle qui le demande.',
    'summaries.get_direct_message': "Lit un message privé : une ligne 112 sans son texte, puis autant de texte qu'il en tient dans la réponse.",
    'summaries.get_message': "Lit un message : une ligne 110 sans son texte, puis autant de texte qu'il en tient dans la réponse.",
    'summaries.get_server': 'Montre le nom, la version, les limites et la durabilité du serveur.',
    'summaries.get_user': "Montre un utilisateur. De vous-même, et de ceux avec qui vous partagez un salon ou une conversation, aussi les noms, si une session est ouverte, et quand la dernière l'était.",
    'summaries.help': 'Donne la liste des commandes, ou, pour une commande, ses paramètres, ses codes, la façon de la taper et un exemple.',
    'summaries.invite_user': "Fait d'un utilisateur un membre d'un salon, qu'il peut alors rejoindre. Un message privé l'en informe. S'il est déjà membre, rien ne se passe.",
    'summaries.join_chatroom': "Rejoint un salon. Un nouveau salon est créé, et l'utilisateur qui le crée en est propriétaire. Avec `after`, les messages qui ont suivi cet id viennent d'abord, en lignes 110, sans trou ni doublon ; avec `newest`, autant des derniers messages.",
    'summaries.kick_user': "Fait sortir un utilisateur d'un salon, et met fin à sa qualité de membre ou à son invitation. Il peut revenir comme n'importe qui.",
    'summaries.leave_chatroom': 'Quitte un salon. Aucun événement du salon ne vient après la réponse.',
    'summaries.list_bans': "Donne les bannissements d'un salon, dans l'ordre des noms des utilisateurs, casse ignorée : réservé à ses modérateurs et à ses propriétaires, qui n'ont pas besoin de l'avoir rejoint. `after` continue après l'utilisateur de ce nom.",
    'summaries.list_blocked': "Donne les utilisateurs que vous bloquez, dans l'ordre de leurs noms, casse ignorée.",
    'summaries.list_chatrooms': "Donne les salons dont le nom contient `match` (sans égard à la casse), dans l'ordre de leurs noms, casse ignorée. `after` continue après le salon de ce nom.",
    'summaries.list_conversations': "Donne vos conversations privées, d'abord celle dont le message est le plus récent. `after` continue après celle avec cet utilisateur.",
    'summaries.list_members': "Donne ceux qui appartiennent à un salon, connectés ou non, dans l'ordre de leurs noms, casse ignorée. `after` continue après l'utilisateur de ce nom.",
    'summaries.list_my_rooms': "Donne les salons que vous avez rejoints et pas quittés, connecté ou non, dans l'ordre de leurs noms, casse ignorée. `after` continue après le salon de ce nom.",
    'summaries.list_sessions': 'Donne vos sessions ouvertes.',
    'summaries.list_tokens': 'Donne vos jetons, du plus récent au plus ancien.',
    'summaries.list_users': "Donne les utilisateurs présents dans un salon, dans l'ordre de leurs noms, casse ignorée. `after` continue après l'utilisateur de ce nom.",
    'summaries.log_out': "Quitte tous les salons et déconnecte l'utilisateur. La connexion reste ouverte.",
    'summaries.mark_direct_read': "Dit jusqu'où vous avez lu dans une conversation privée : 0, ou un id jusqu'à celui de son dernier message. On peut revenir en arrière. Vos autres sessions en sont averties.",
    'summaries.mark_read': "Retient jusqu'où vous avez lu dans un salon que vous avez rejoint. Vos autres sessions en sont averties (événement 109).",
    'summaries.ping': "Répond par les mêmes données et l'heure du serveur.",
    'summaries.post_message': "Envoie un message dans un salon sans le rejoindre. Cela ne crée pas de salon. La réponse 1 signifie que le message est sur le disque. Avec une clé (`key`) il n'est enregistré qu'une fois, quel que soit le nombre d'envois.",
    'summaries.quit': "Ferme la connexion après la réponse. Rien de ce qui suit `quit` n'est lu.",
    'summaries.search_chatroom': 'Trouve des messages par leurs mots : les derniers avant un id qui ont tous les mots de `match`, du plus ancien au plus récent.',
    'summaries.set_chatroom': "Change les réglages d'un salon : réservé aux propriétaires. Sans aucun réglage, les montre. Un `password` ou un `welcome` vide le retire. `slow_seconds` est le temps qu'un utilisateur attend entre deux messages.",
    'summaries.set_role': "Donne un rôle à un utilisateur dans un salon. Les propriétaires donnent tous les rôles. Les modérateurs font de ceux qui sont au-dessous d'eux des membres ou des membres réduits au silence. Vous pouvez abaisser votre propre rôle, sauf si vous êtes le dernier propriétaire.",
    'summaries.set_session': "Dit comment cette session lit : sous quelle forme et en quelle langue, quelle longueur ses lignes peuvent avoir, quels événements viennent. Ce qui n'est pas donné reste comme il est. Un jeton créé ensuite le garde.",
    'summaries.set_topic': "Fixe le sujet d'un salon. Un sujet vide le retire.",
    'summaries.unban_user': "Lève le bannissement d'un utilisateur d'un salon.",
    'summaries.unblock_user': "Reçoit de nouveau les messages privés d'un utilisateur.",
    'summaries.update_user': 'Change vos noms, ou ce que vous dites de vous, que get_user montre aussi pendant votre absence. Un statut vide le retire.',
  },
};
