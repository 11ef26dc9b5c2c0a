// An operator's session, on the Unix socket: the same lines as a client's, other commands, and no user.
import type { Answer } from '../session/answer.js';
import type { AuditTrail } from '../session/audit-trail.js';
import type { Dispatch } from '../session/dispatcher.js';
import { OrderedSession, type Line, type Output } from '../session/ordered-session.js';
import type { Peer, Requester } from '../session/requester.js';
import { operatorSpecs } from '../wire/generated/operator-specs.js';
import type { Refusal } from '../wire/refusal.js';
import { parserOf, type AnyRequest } from '../wire/request.js';

const parse = parserOf(Object.values(operatorSpecs));

/** Whoever could open the socket is on this machine, and no limit counts it. */
const peer: Peer = { address: 'unix', limitKey: 'operator', confidential: true, encrypted: false, exempt: true };

/** What all operators' sessions share. */
export interface OperatorContext {
  readonly dispatch: Dispatch<OperatorSession>;
  readonly audit: AuditTrail;
}

/** The session of an operator. */
export class OperatorSession extends OrderedSession implements Requester {
  /** There is no time limit for whoever could open the socket. */
  readonly authenticated = true;
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

  /** Ends the session. What runs goes on, and nobody reads its answer. */
  end(): void {
    this.stop();
  }

  /** The connection is gone, after `end`. Nothing is kept of an operator's session. */
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

  /** Not counted: the replies that the metrics show are those to clients. */
  protected override count(): void {}
}

/** The parameters that the audit may have: no passwords. */
function withoutSecrets({ spec, parameters }: AnyRequest): object {
  const shown = spec.parameters
    .filter(({ field }) => field !== 'password')
    .map(({ name }): [string, unknown] => [name, (parameters as Readonly<Record<string, unknown>>)[name]]);
  return Object.fromEntries(shown);
}
