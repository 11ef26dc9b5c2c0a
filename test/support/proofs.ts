// The client's side of a login by proof, as PROTOCOL.md §8.6 describes it. It shares no code with src/accounts.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Client, Line } from './client.js';

/** What both sides of an exchange send, in base64url. */
export interface Proofs {
  readonly proof: string;
  readonly serverProof: string;
}

/** Computes what the client proves with, and what the server has to answer. */
export function proofsOf(token: string, nonce: string, serverNonce: string): Proofs {
  const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const [id = '', secret = ''] = token.split('.');
  const signed = `${id},${nonce},${serverNonce}`;
  const clientKey = mac(secret, 'salond client');
  const signature = mac(createHash('sha256').update(clientKey).digest(), signed);
  return {
    proof: Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString('base64url'),
    serverProof: mac(mac(secret, 'salond server'), signed).toString('base64url'),
  };
}

/** Asks for a challenge of the token, and answers what both sides have to send. */
export async function challengeOf(client: Client, token: string): Promise<Proofs> {
  const nonce = randomBytes(16).toString('base64url');
  const { body } = await client.ok({ command: 'challenge_token', token_id: token.split('.')[0], nonce });
  return proofsOf(token, nonce, String(body['nonce']));
}

/** The request that sends a proof. */
export function proving(proof: string): object {
  return { command: 'authenticate_proof', proof };
}

/** Tries to log in by a proof of the token. Answers the reply, and whether the server has proved that it knows it. */
export async function prove(
  client: Client,
  token: string,
): Promise<{ readonly reply: Line; readonly isMutual: boolean }> {
  const { proof, serverProof } = await challengeOf(client, token);
  const reply = await client.request(proving(proof));
  return { reply, isMutual: reply.body['server_proof'] === serverProof };
}
