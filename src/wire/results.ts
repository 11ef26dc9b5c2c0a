// Types the answer of a command by the results that protocol/ declares for it (wire/generated/results.ts). The compiler
// refuses a result that is missing or of another type, and one that only other commands have.
import type { CommandResults } from './generated/results.js';
import type { OperatorResults } from './generated/operator-results.js';

type KeysOfEach<Union> = Union extends unknown ? keyof Union : never;

/** The names of all results of all commands. */
type AnyResult = KeysOfEach<CommandResults[keyof CommandResults] | OperatorResults[keyof OperatorResults]>;

/** `Results`, without the results of other commands: an object of this type can't have them. */
type Only<Results> = Results & { readonly [Other in Exclude<AnyResult, keyof Results>]?: undefined };

type ListName<Results> = {
  [Name in keyof Results]-?: NonNullable<Results[Name]> extends readonly unknown[] ? Name : never;
}[keyof Results];

/**
 * The results with one list apart, so that the encoder can cut the list to the length of a line (PROTOCOL.md §1.3).
 */
type WithList<Results, Name extends keyof Results> = {
  readonly results: Only<Omit<Results, Name | 'more'>>;
  readonly list: {
    readonly name: Name;
    readonly items: NonNullable<Results[Name]> extends readonly (infer Item)[] ? Iterable<Item> : never;
  } & Pick<Results, Extract<'more', keyof Results>>;
};

/** The success of a command with these results: all of them together, or with one list apart. */
export type ResultsOf<Results> =
  | { readonly results: Only<Results>; readonly list?: never }
  | { [Name in ListName<Results>]: WithList<Results, Name> }[ListName<Results>];
