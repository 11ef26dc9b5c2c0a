// Generated from protocol/codes.json by `npm run generate`. Change it there, not here.
/** The codes of replies, by name (PROTOCOL.md §3). */
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

/** A code of replies. */
export type Code = (typeof code)[keyof typeof code];
