// create_token: makes a token of the session's user.
import { timeOrNone } from '../session/listed-token.js';
import { keptSettings } from '../session/session-settings.js';
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Command } from './services.js';

/** Answers the token, whose secret is stored nowhere. 14 where the user has as many as it may have. */
export const createToken: Command<'create_token'> = async (session, { parameters }, services) => {
  const { label = '', expires_in: expiresIn } = parameters;
  const { audit, limits, tokens } = services;
  const { user, token: parent } = session.identity;
  const settings = keptSettings(session.asked);
  const made = await tokens.create({ user: user.id, parent, label, settings, expiresIn }, limits.mostTokens, session);
  if (made === 'full') return limits.tooManyTokens();
  if (made === 'gone') return refusal('failed', say('session_ended'));
  const { id, expires } = made.token;
  audit.write({ ...session.auditFields, username: user.name, token_id: id }, 'token_created');
  return { results: { token: made.text, token_id: id, expires: timeOrNone(expires) } };
};
