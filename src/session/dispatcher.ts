// Takes a request to its answer, for clients and operators alike: it passes the gates, runs the command from the table,
// and turns a failure into a refusal.
import type { Logger } from 'pino';
import { PasswordsBusy } from '../accounts/passwords.js';
import type { Member } from '../chat/member.js';
import type { UserRecord } from '../store/directory.js';
import { StoreBusy } from '../store/store.js';
import { refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';
import type { CommandSpec } from '../wire/spec.js';
import { say } from '../wire/words.js';
import type { Answer } from './answer.js';
import { failure } from './failure.js';
import { gatesAround, memberFor, passGates, targetOf, type Gate, type GateServices } from './gates.js';
import type { Requester } from './requester.js';

/**
 * Carries out one request that has passed the gates. May throw or reject: `failure` answers the request then.
 * @param member the session's membership in the request's room, where the spec says `"room": "joined"`
 * @param target the user whom the request is about, where the spec names its parameter as `target`
 */
export type Handler<
  Session,
  Request,
  Services,
  Place = Member | undefined,
  Reply extends Answer = Answer,
  Target = UserRecord | undefined,
> = (session: Session, request: Request, services: Services, member: Place, target: Target) => Reply | Promise<Reply>;

/** Answers a request by the gates and its command. Neither throws nor rejects. */
export type Dispatch<Session> = (session: Session, request: AnyRequest) => Answer | Promise<Answer>;

/** The services that every command has. */
export interface DispatcherServices {
  readonly gates: GateServices;
  readonly log: Logger;
}

/** A table of handlers, by the names of their commands. The type of each table says which request a handler gets. */
type Table<Services> = Readonly<Record<string, Handler<never, never, Services, never, Answer, never>>>;

interface CompiledCommand<Session, Services> {
  /** The gates before and after the target is looked up. */
  readonly before: readonly Gate[];
  readonly after: readonly Gate[];
  readonly handle: Handler<Session, AnyRequest, Services>;
}

/**
 * Makes the dispatcher for a table of commands.
 * @param specs of the commands in `table`, by the same names
 * @param audience `operators` are told why the store failed, and a failure is logged even after the operator has gone
 */
export function dispatcher<Session extends Requester, Services extends DispatcherServices>(
  specs: Readonly<Record<string, CommandSpec>>,
  table: Table<Services>,
  services: Services,
  audience: 'clients' | 'operators',
): Dispatch<Session> {
  const commands = new Map<string, CompiledCommand<Session, Services>>();
  for (const spec of Object.values(specs)) {
    // A request and its handler share one name, which the compiler can't follow through the table.
    const handle = table[spec.name] as CompiledCommand<Session, Services>['handle'] | undefined;
    if (handle === undefined) throw new Error(`no command carries out ${spec.name}`);
    commands.set(spec.name, { ...gatesAround(spec), handle });
  }
  const failed = (error: unknown, session: Session, { command }: AnyRequest): Answer => {
    const isOperator = audience === 'operators';
    if (error instanceof PasswordsBusy) services.gates.counters.limit('password_queue');
    if (error instanceof StoreBusy) services.gates.counters.limit('change_queue');
    const log = session.gone && !isOperator ? undefined : services.log;
    return failure(error, { log, fields: { ...session.logFields, command }, tellsReason: isOperator });
  };
  /** Goes on once the target is known. Everything else may have changed meanwhile. */
  const withTarget = async (
    { after, handle }: CompiledCommand<Session, Services>,
    session: Session,
    request: AnyRequest,
  ): Promise<Answer> => {
    const target = await targetOf(session, request, services.gates);
    if (session.gone) return refusal('failed', say('session_ended'));
    const member = memberFor(session, request);
    return (
      (await passGates(after, session, request, services.gates, member, target)) ??
      handle(session, request, services, member, target)
    );
  };
  return (session, request) => {
    try {
      const command = commands.get(request.command);
      if (command === undefined) throw new Error(`there is no command ${request.command}`);
      const member = memberFor(session, request);
      const answer =
        passGates(command.before, session, request, services.gates, member) ??
        (request.spec.target === undefined
          ? command.handle(session, request, services, member, undefined)
          : withTarget(command, session, request));
      return answer instanceof Promise ? answer.catch((error: unknown) => failed(error, session, request)) : answer;
    } catch (error) {
      return failed(error, session, request);
    }
  };
}
