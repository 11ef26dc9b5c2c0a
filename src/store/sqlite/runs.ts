// Runs, the rows of the log (migrations.ts, 2): what one commit brought to one room, cut where it grows long.

/** Messages in a run at most: what a reader of one message reads with it. */
export const maxRun = 100;

/** SQL for the text of a message, from the run that has it; `room` and `id` are SQL too. */
export function textOf(room: string, id: string): string {
  return `(SELECT r.messages ->> ('$[' || (${id} - r.first) || '][1]')
    FROM runs r WHERE r.room = ${room} AND r.first <= ${id} ORDER BY r.first DESC LIMIT 1)`;
}
