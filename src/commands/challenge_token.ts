// challenge_token: gives a guest the nonce that a proof of its token has to sign.
import { newChallenge } from '../accounts/token-proof.js';
import type { Command } from './services.js';

/** Answers the server's nonce. Looks no token up, so nothing tells whether there is one of that id. */
export const challengeToken: Command<'challenge_token'> = (session, { parameters }, { gates }) => {
  const { challenge, nonce } = newChallenge(parameters.token_id, parameters.nonce, gates.now());
  session.challenged(challenge);
  return { results: { nonce } };
};
