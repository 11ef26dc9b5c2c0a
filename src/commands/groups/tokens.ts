// The commands of tokens and sessions: how a device comes back.
import { authenticateProof } from '../authenticate_proof.js';
import { authenticateToken } from '../authenticate_token.js';
import { challengeToken } from '../challenge_token.js';
import { createToken } from '../create_token.js';
import { deleteToken } from '../delete_token.js';
import { endSession } from '../end_session.js';
import { listSessions } from '../list_sessions.js';
import { listTokens } from '../list_tokens.js';

/** Maps their names to their functions. */
export const tokenCommands = {
  create_token: createToken,
  authenticate_token: authenticateToken,
  challenge_token: challengeToken,
  authenticate_proof: authenticateProof,
  delete_token: deleteToken,
  list_tokens: listTokens,
  list_sessions: listSessions,
  end_session: endSession,
} as const;
