// The commands by which users look after their accounts, and block others.
import { changePassword } from '../change_password.js';
import { deleteUser } from '../delete_user.js';
import { getUser } from '../get_user.js';
import { updateUser } from '../update_user.js';

/** Maps their names to their functions. */
export const accountCommands = {
  change_password: changePassword,
  update_user: updateUser,
  get_user: getUser,
  delete_user: deleteUser,
} as const;
