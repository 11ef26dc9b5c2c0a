// The commands by which users come and go.
import { authenticateUser } from '../authenticate_user.js';
import { createUser } from '../create_user.js';
import { logOut } from '../log_out.js';

/** Maps their names to their functions. */
export const userCommands = {
  create_user: createUser,
  authenticate_user: authenticateUser,
  log_out: logOut,
} as const;
