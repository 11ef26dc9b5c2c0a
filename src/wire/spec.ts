// The shape of a command's spec and of a field's rule. The values are generated from protocol/ (wire/generated); what
// only documents and tests need of a command's file, tools/protocol-files.ts reads.

/** How one kind of value is checked (PROTOCOL.md §6). Lengths are inclusive. */
export type FieldRule =
  | {
      readonly kind: 'name';
      readonly max: number;
      readonly anywhere: string;
      /** Whether it names what is about to be made: it is held to rules that names from before need not meet. */
      readonly made?: boolean;
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
      readonly rule: string;
    }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number; readonly rule: string };

/** One parameter of a command. */
export interface ParameterSpec {
  readonly name: string;
  /** A key of protocol/limits.json's `fields`. */
  readonly field: string;
  readonly required: boolean;
  /** The field that the value is held to besides, where there is nothing of that name and the command makes it. */
  readonly made?: string;
}

/** What the daemon needs to know of a command to parse, check and explain its requests. */
export interface CommandSpec {
  readonly name: string;
  /** One sentence for `help` and PROTOCOL.md. */
  readonly summary: string;
  /** Who may send it: `own`, a session with a user (else 8); `none`, one without (else 13); `any`, both. */
  readonly user: 'own' | 'none' | 'any';
  /** It carries a password: gates 17 and 14 apply. */
  readonly secret?: boolean;
  /** It changes nothing: of an operator's command, the log has it at `debug`. */
  readonly reads?: boolean;
  /** Many may be on their way at once; every other command waits until all before it are answered. */
  readonly pipelined?: boolean;
  /** In the order of the plain form, the required ones first. */
  readonly parameters: readonly ParameterSpec[];
  /** Two parameters of which one may stand (else 7 names the second). */
  readonly exclusive?: readonly [string, string];
  /** The command's own codes, beside those that every command can answer. */
  readonly codes: readonly number[];
}

/** An operator's command. `salonctl` shows its example. */
export interface OperatorSpec extends CommandSpec {
  readonly example: CommandExample;
}

/** A request, and the results of the reply to it. */
export interface CommandExample {
  readonly request: object;
  readonly reply: object;
}
