// The inner end of an operator's connection: the same lines, other commands, and no user. One request runs at a time.
import { failure } from '../commands/failure.js';
import { encodeAnswer, type Output } from '../session/session.js';
import { StoreFailure } from '../store/store.js';
import { encodeRefusal } from '../wire/encode.js';
import type { OperatorCommandName } from '../wire/generated/operator-parameters.js';
import { operatorSpecs } from '../wire/generated/operator-specs.js';
import type { Refusal } from '../wire/refusal.js';
import { isRequest, parserOf, type AnyRequest } from '../wire/request.js';
import type { OperatorServices } from './services.js';
import { commands } from './table.js';

const parse = parserOf(Object.values(operatorSpecs));

export class OperatorSession {
  /** There is no time limit for whoever could open the socket. */
  readonly authenticated = true;
  quitting = false;
  #running = false;
  #gone = false;

  /** @param id names the session in the log @param line told to go on when `ready` may have become true again */
  constructor(
    readonly id: number,
    readonly output: Output,
    readonly services: OperatorServices,
    readonly line: { proceed(): void },
  ) {}

  get ready(): boolean {
    return !this.#running && !this.quitting && !this.#gone;
  }

  get idle(): boolean {
    return !this.#running;
  }

  receive(frame: string | Refusal): void {
    const request = typeof frame === 'string' ? parse(frame) : frame;
    if (!isRequest(request)) {
      this.output.reply(encodeRefusal(request));
      return;
    }
    this.#running = true;
    void this.#answer(request).then((reply) => {
      this.output.reply(reply);
      this.#running = false;
      this.quitting = request.command === 'quit';
      this.line.proceed();
    });
  }

  end(): void {
    this.#gone = true;
  }

  closed(): void {}

  async #answer(request: AnyRequest): Promise<string> {
    const name = request.command as OperatorCommandName;
    this.services.audit.write(
      { operator: this.id, command: name, ...audited(request) },
      'operator_command',
      request.spec.reads === true,
    );
    try {
      const command = commands[name] as (
        parameters: object,
        services: OperatorServices,
        output: Output,
      ) => ReturnType<(typeof commands)[OperatorCommandName]>;
      return encodeAnswer(request, await command(request.parameters, this.services, this.output));
    } catch (error) {
      const told = error instanceof StoreFailure ? error.message : undefined;
      return encodeAnswer(request, failure(error, this.services.log, { operator: this.id, command: name }, told));
    }
  }
}

/** What the log may have of a request: no passwords. */
function audited({ spec, parameters }: AnyRequest): object {
  const shown = spec.parameters
    .filter(({ field }) => field !== 'password')
    .map(({ name }) => [name, (parameters as Record<string, unknown>)[name]]);
  return { parameters: Object.fromEntries(shown) };
}
