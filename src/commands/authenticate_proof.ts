// authenticate_proof: logs a session in by a proof that its client knows the secret of a token.
import { noChallenge, serverProof } from '../accounts/token-proof.js';
import type { Command } from './services.js';
import { logInByToken, wrongToken } from './token-login.js';

/**
 * Answers the name as it is stored, and the server's own proof. Uses the session's challenge up. A proof that is wrong,
 * comes too late or answers no challenge, and one of a token that is unknown or has ended, is the same 4, after the
 * same work, and counts as a password attempt. 12 where the proof is right and the user is kept out.
 */
export const authenticateProof: Command<'authenticate_proof'> = (session, request, services) => {
  const challenge = session.takeChallenge() ?? noChallenge;
  const isInTime = services.gates.now() < challenge.expires;
  return services.tokens.checkProof(
    request.parameters.proof,
    challenge,
    (read) => services.reads.runSmall(session, read),
    (login, tried) => {
      if (login === undefined || !isInTime) return wrongToken(session, tried ?? login?.user.name, 'proof', services);
      const refused = logInByToken(session, login, request, services);
      if (refused !== undefined) return refused;
      return { results: { username: login.user.name, server_proof: serverProof(login.token.serverKey, challenge) } };
    },
  );
};
