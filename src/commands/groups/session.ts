// The commands that need no user and no room.
import { getServer } from '../get_server.js';
import { help } from '../help.js';
import { ping } from '../ping.js';
import { quit } from '../quit.js';
import { setSession } from '../set_session.js';

/** Maps their names to their functions. */
export const sessionCommands = {
  set_session: setSession,
  ping,
  help,
  get_server: getServer,
  quit,
} as const;
