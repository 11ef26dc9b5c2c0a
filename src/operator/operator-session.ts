// An operator's session on the Unix socket. It has the same lines as a client's, other commands, and no user.
import type { Answer } from '../session/answer.js';
import type { AuditTrail } from '../session/audit-trail.js';
import type { Dispatch } from '../session/dispatcher.js';
import { OrderedSession, type Line, type Output } from '../session/ordered-session.js';
import type { Peer, Requester } from '../session/requester.js';
import { operatorSpecs } from '../wire/generated/operator-specs.js';
import type { Refusal } from '../wire/refusal.js';
import { parserOf, type AnyRequest } from '../wire/request.js';

const parse = parserOf(Object.values(operatorSpecs));

/** The socket's permissions say who is an operator: always on this machine, and exempt from limits. */
const peer: Peer = { address: 'unix', limitKey: 'operator', confidential: true, encrypted: false, exempt: true };

/** All operators share the event loop's time and the store's as one address and one user. */
export const operatorPayer = { payerClass: 'operator', payerAddress: peer.limitKey, payerUser: '' } as const;

/** The services that all operators' sessions share. */
export interface OperatorContext {
  readonly dispatch: Dispatch<OperatorSession>;
  readonly audit: AuditTrail;
}

/** The session of an operator. */
export class OperatorSession extends OrderedSession implements Requester {
  /** True, so that no login deadline applies. */
  readonly authenticated = true;
  readonly payerClass = operatorPayer.payerClass;
  readonly payerAddress = operatorPayer.payerAddress;
  readonly payerUser = operatorPayer.payerUser;
  readonly peer = peer;
  readonly state = { kind: 'guest' } as const;
  readonly #context: OperatorContext;

  /** @param id the number that names the session in logs */
  constructor(id: number, output: Output, line: Line, context: OperatorContext) {
    super(id, output, line);
    this.#context = context;
  }

  /** Names the session in the log. */
  get logFields(): { readonly operator: number } {
    return { operator: this.id };
  }

  /** Ends the session. A command that runs goes on, and its answer is dropped. */
  end(): void {
    this.stop();
  }

  /** Reports that the connection is gone. Comes after `end`; there is nothing to clean up. */
  closed(): void {}

  protected override parse(line: string): AnyRequest | Refusal {
    return parse(line);
  }

  protected override dispatch(request: AnyRequest): Answer | Promise<Answer> {
    const { command, spec } = request;
    this.#context.audit.write(
      { ...this.logFields, command, parameters: withoutSecrets(request) },
      'operator_command',
      spec.reads === true,
    );
    return this.#context.dispatch(this, request);
  }

  /** Does nothing: the metrics count replies to clients alone. */
  protected override count(): void {}
}

/** The parameters without passwords, for the audit. */
function withoutSecrets({ spec, parameters }: AnyRequest): object {
  const shown = spec.parameters
    .filter(({ field }) => field !== 'password')
    .map(({ name }): [string, unknown] => [name, (parameters as Readonly<Record<string, unknown>>)[name]]);
  return Object.fromEntries(shown);
}
