// Finds settings that contradict each other: they are accepted, and one of them does not do what it says.
// --check-config and a reload tell the operator.
import { camel, type Settings } from './table.js';

/** Two limits of which the first should not be above the second, and what it means where it is. */
const ordered: readonly (readonly [lower: NumericKey, upper: NumericKey, consequence: string])[] = [
  ['max_connections_per_address', 'max_connections', 'one address may take all places'],
  ['max_refused_per_address', 'max_refused', 'one address may take all places'],
  ['max_handshakes_per_address', 'max_handshakes', 'one address may take all places'],
  ['messages_per_second', 'cost_per_second', 'a message costs 1, so the latter is the limit of messages'],
  ['cost_per_second', 'cost_per_second_per_user', 'the latter is the limit of a session too'],
  ['cost_per_second_per_user', 'cost_per_second_per_address', 'the latter is the limit of most users too'],
  ['max_sessions_per_user', 'max_connections', 'one user may take all places'],
];

/** How many clients may read slowly until others are put out, without a warning. */
const fewestSlowClients = 16;

type NumericKey =
  | 'cost_per_second'
  | 'cost_per_second_per_address'
  | 'cost_per_second_per_user'
  | 'max_connections'
  | 'max_connections_per_address'
  | 'max_handshakes'
  | 'max_handshakes_per_address'
  | 'max_refused'
  | 'max_refused_per_address'
  | 'max_sessions_per_user'
  | 'messages_per_second';

/** Returns a line for each contradiction. */
export function contradictions(settings: Settings): readonly string[] {
  const warnings = ordered.flatMap(([lower, upper, consequence]) => {
    const [one, other] = [settings[camel(lower)], settings[camel(upper)]] as [number, number];
    return one > other ? [`${lower} ${one} is above ${upper} ${other}: ${consequence}`] : [];
  });
  const { maxOutboxBytes, maxBufferBytes } = settings;
  if (maxBufferBytes > 0 && maxBufferBytes < fewestSlowClients * maxOutboxBytes) {
    warnings.push(
      `max_buffer_bytes ${maxBufferBytes} is below ${fewestSlowClients} times max_outbox_bytes ${maxOutboxBytes}: a few clients that read slowly take all of it`,
    );
  }
  return warnings;
}
