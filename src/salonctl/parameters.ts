// Turns a spec's parameters into commander's arguments and options, and the values that commander parsed into a
// request.
import { InvalidArgumentError, Option, type Command, type OptionValues } from 'commander';
import { fieldRules } from '../wire/generated/fields.js';
import type { CommandSpec, ParameterSpec } from '../wire/spec.js';
import { UsageError } from './errors.js';
import { optional, optionName, positional, ruleOf, takesRest, valueOf } from './words.js';

/** Wraps a parser so that its UsageError becomes commander's error for a wrong value. */
export function parser<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof UsageError ? new InvalidArgumentError(error.message) : error;
    }
  };
}

function rule(parameter: ParameterSpec): string {
  return ruleOf(parameter, fieldRules[parameter.field]?.rule ?? '').replaceAll('`', '');
}

/** Adds the arguments and options of one of the daemon's commands. */
export function addParameters(command: Command, spec: CommandSpec): void {
  for (const parameter of positional(spec)) {
    const label = parameter.name.replaceAll('_', '-');
    if (takesRest(spec, parameter)) command.argument(`<${label}...>`, rule(parameter));
    else
      command.argument(
        `<${label}>`,
        rule(parameter),
        parser((text) => valueOf(parameter, text)),
      );
  }
  for (const parameter of optional(spec)) {
    command.option(
      `${optionName(parameter)} <${parameter.name}>`,
      rule(parameter),
      parser((text) => valueOf(parameter, text)),
    );
  }
}

/** Builds a request from the arguments and options that commander parsed. */
export function requestOf(
  spec: CommandSpec,
  given: readonly unknown[],
  options: OptionValues,
): Readonly<Record<string, unknown>> {
  const request: Record<string, unknown> = { command: spec.name };
  for (const parameter of optional(spec)) {
    const value: unknown = options[new Option(optionName(parameter)).attributeName()];
    if (value !== undefined) request[parameter.name] = value;
  }
  for (const [at, { name }] of positional(spec).entries()) {
    const value = given[at];
    request[name] = Array.isArray(value) ? value.join(' ') : value;
  }
  return request;
}
