// Generated from protocol/limits.json and protocol/operator/fields.json by `npm run generate`. Change it there, not here.
import type { FieldRule } from '../spec.js';
import { limits } from './limits.js';

const operatorFields: Readonly<Record<string, FieldRule>> = {
  target: {
    kind: 'text',
    unit: 'characters',
    min: 1,
    max: 64,
    control: false,
    rule: "a user's name, an IP address, a network like 192.0.2.0/24, or a session like #7; write `user:NAME` or `address:ADDRESS` if a user's name is also an address",
  },
  notice: {
    kind: 'text',
    unit: 'characters',
    min: 1,
    max: 500,
    control: false,
    rule: '1 to 500 characters, no control characters',
  },
  position: { kind: 'text', unit: 'characters', min: 1, max: 64, control: false, rule: 'a position that a line of the feed had' },
  level: {
    kind: 'text',
    unit: 'characters',
    min: 1,
    max: 16,
    control: false,
    rule: 'fatal, error, warn, info, debug, trace or silent',
  },
  uses: { kind: 'integer', min: 1, max: 1000000, rule: 'integer from 1 to 1,000,000; 1 when not given' },
  invitation_id: { kind: 'base64url', min: 8, max: 16, rule: 'the `invitation_id` of an invitation, as the list shows it' },
};

/** The rule of each field, the operator's too. */
export const fieldRules: Readonly<Record<string, FieldRule>> = { ...limits.fields, ...operatorFields };
