// A spec's parameters as commander's arguments and options, and back as a request.
import { InvalidArgumentError, Option, type Command, type OptionValues } from 'commander';
import { fieldRules } from '../wire/generated/fields.js';
import type { CommandSpec, ParameterSpec } from '../wire/spec.js';
import { UsageError } from './errors.js';
import { named, optionName, placed, ruleOf, takesRest, valueOf } from './words.js';

/** Says in commander's way what is wrong with a value. */
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

/** Adds what is typed for a command of the daemon's. */
export function addParameters(command: Command, spec: CommandSpec): void {
  for (const parameter of placed(spec)) {
    const label = parameter.name.replaceAll('_', '-');
    if (takesRest(spec, parameter)) command.argument(`<${label}...>`, rule(parameter));
    else
      command.argument(
        `<${label}>`,
        rule(parameter),
        parser((text) => valueOf(parameter.field, text)),
      );
  }
  for (const parameter of named(spec)) {
    command.option(
      `${optionName(parameter)} <${parameter.name}>`,
      rule(parameter),
      parser((text) => valueOf(parameter.field, text)),
    );
  }
}

/** The request, from the values that commander found, in their order, and from those of options. */
export function requestOf(
  spec: CommandSpec,
  given: readonly unknown[],
  options: OptionValues,
): Readonly<Record<string, unknown>> {
  const request: Record<string, unknown> = { command: spec.name };
  for (const parameter of named(spec)) {
    const value: unknown = options[new Option(optionName(parameter)).attributeName()];
    if (value !== undefined) request[parameter.name] = value;
  }
  for (const [at, { name }] of placed(spec).entries()) {
    const value = given[at];
    request[name] = Array.isArray(value) ? value.join(' ') : value;
  }
  return request;
}
