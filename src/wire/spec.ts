// The types of a command's spec and of a field's rule. The values are generated from protocol/ (wire/generated).
// tools/protocol-files.ts reads the members that only documents and tests need.

/** How one kind of value is checked (PROTOCOL.md §6). Lengths are inclusive. */
export type FieldRule =
  | {
      readonly kind: 'name';
      readonly max: number;
      readonly anywhere: string;
      /** Whether the name is about to be created. Then it has to meet rules that older names need not meet. */
      readonly isNew?: boolean;
      readonly rule: string;
    }
  | {
      readonly kind: 'text';
      /** `bytes` of the UTF-8 as it came, or `characters`: code points after NFC. */
      readonly unit: 'bytes' | 'characters';
      readonly min: number;
      readonly max: number;
      /** Whether control characters (general category Cc) may stand in it. */
      readonly control: boolean;
      /** It is a password: no sentence shows it. */
      readonly secret?: true;
      readonly rule: string;
    }
  | {
      readonly kind: 'integer';
      readonly min: number;
      readonly max: number;
      /** Whether 0 is allowed besides. */
      readonly orZero?: boolean;
      readonly rule: string;
    }
  /** `true` or `false`; in the plain form also `on`, `off`, `yes` and `no`. */
  | { readonly kind: 'boolean'; readonly rule: string }
  /** A time as RFC 3339 writes it, with any offset from UTC. */
  | { readonly kind: 'time'; readonly rule: string }
  /** One of these words. */
  | { readonly kind: 'word'; readonly words: readonly string[]; readonly rule: string }
  /**
   * Bytes in base64url without padding (RFC 4648 §5), `min` to `max` characters; with `isToken`, two such joined by a
   * dot.
   */
  | {
      readonly kind: 'base64url';
      readonly min: number;
      readonly max: number;
      readonly isToken?: boolean;
      /** It lets somebody in: no sentence shows it. */
      readonly secret?: true;
      readonly rule: string;
    };

/** One parameter of a command. */
export interface ParameterSpec {
  readonly name: string;
  /** A key of protocol/limits.json's `fields`. */
  readonly field: string;
  readonly required: boolean;
  /** The field whose rule the value also has to meet if the command creates what it names. */
  readonly fieldIfNew?: string;
  /** The field whose rule the value also has to meet if the parameter `by` has the value `to`. */
  readonly narrowed?: { readonly by: string; readonly to: string; readonly field: string };
  /** 2: the parameter came with the second edition of the contract. */
  readonly edition?: 2;
}

/**
 * A budget that pays for some commands besides those that all commands share (code 14): `message`, the session's
 * messages; `password`, the address's password attempts. Each request takes one token of it. `failed password`: it
 * needs one of the address's password attempts, and takes it only where it fails.
 */
export type OwnBudget = 'message' | 'password' | 'failed password';

/**
 * Who may send a command (else 12), as src/chat/permissions.ts decides: `registrant`, anyone while registration is
 * open; `entrant`, anyone whom the room's bans and settings let in; `speaker`, anyone in the room who is not muted, or
 * whom a moderated room lets speak; `moderator`, its moderators and owners; `owner`, its owners; `correspondent`,
 * anyone whom `target` does not block.
 */
export type RequiredRole = 'registrant' | 'entrant' | 'speaker' | 'moderator' | 'owner' | 'correspondent';

/** What the daemon needs to know of a command to parse, check and explain its requests. */
export interface CommandSpec {
  readonly name: string;
  /**
   * The name for people, in small letters. It is valid in the plain form alone, in any case, with or without `/` in
   * front, and without `username`, if that is the session's own (PROTOCOL.md §2.2). Operators' commands have none.
   */
  readonly short?: string;
  /**
   * In the plain form nothing may follow its name but blanks (else 5), so that a pasted line does not end a session.
   */
  readonly alone?: boolean;
  /** Lines that a person could type: the example in the plain form, by both names. */
  readonly typed?: { readonly full: string; readonly short: string };
  /**
   * 2: the command came with the second edition of the contract. Whoever sends it, or a parameter of the second
   * edition, has a session of the second edition from then on (PROTOCOL.md §3.6).
   */
  readonly edition?: 2;
  /** One sentence for `help` and PROTOCOL.md. */
  readonly summary: string;
  /** Who may send it: `own`, a session with a user (else 8); `none`, one without (else 13); `any`, both. */
  readonly user: 'own' | 'none' | 'any';
  /**
   * It carries a password or a token, which must not cross the network unencrypted (else 17). `if given`: it does where
   * the parameter `password` is there.
   */
  readonly secret?: boolean | 'if given';
  /**
   * `joined`: the session must be in the room that the parameter `room` names (else 10). The command gets its Member.
   */
  readonly room?: 'joined';
  /** The parameter that names another user, who must exist (else 11). The command gets the user's record. */
  readonly target?: string;
  readonly role?: RequiredRole;
  /**
   * The sender's role must rank above that of `target`, and an owner's does (else 12). With `others or oneself` the
   * sender may name itself.
   */
  readonly outranks?: 'others' | 'others or oneself';
  /**
   * What a request takes from the budgets that all commands share: its session's, its user's and its address's (else
   * 14). The unit is a `ping`. Every client's command has a cost; operators' commands have none.
   */
  readonly cost?: number;
  readonly budget?: OwnBudget;
  /**
   * It has the parameters `message` and `key`, and `room` or `to`. A known key is answered before 10, 12 and 14
   * (PROTOCOL.md §5.3).
   */
  readonly keyed?: boolean;
  /** It changes nothing. An operator's command that changes nothing is logged at `debug`. */
  readonly reads?: boolean;
  /**
   * It is answered when the store has committed it. Many may be on their way at once (else 16); every other command
   * waits until all before it are answered.
   */
  readonly pipelined?: boolean;
  /** In the order of the plain form, the required ones first. */
  readonly parameters: readonly ParameterSpec[];
  /** Parameters of which one may stand (else 7 names the second that does, in the order of the parameters). */
  readonly exclusive?: readonly string[];
  /** Two parameters that are times: the second one must not be earlier than the first (else 7 names it). */
  readonly ordered?: readonly [earlier: string, later: string];
  /** The command's own codes, beside those that every command can answer. */
  readonly codes: readonly number[];
  /** The results that only sessions of the second edition get. */
  readonly newResults?: readonly string[];
}

/** An operator's command. `salonctl` shows its example. */
export interface OperatorSpec extends CommandSpec {
  readonly example: CommandExample;
}

/** A request, and the results of the reply to it. */
export interface CommandExample {
  readonly request: object;
  readonly reply: object;
  /** The values of the example in the plain form, where that can't say those of `request`. */
  readonly values?: string;
}
