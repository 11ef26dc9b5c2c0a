// The settings of a room that its owners choose (PROTOCOL.md §7), who has set its topic, and how the store writes them.

/** The settings of a room. 0 is no limit, and an empty text is none. */
export interface RoomSettings {
  /** The hash of the password that a join is asked for, in base64. */
  readonly password: string;
  /** How often the password was changed: a member who gave an earlier one is asked again. */
  readonly passwordVersion: number;
  readonly membersOnly: boolean;
  readonly moderated: boolean;
  readonly hidden: boolean;
  readonly maxUsers: number;
  readonly slowSeconds: number;
  readonly keepSeconds: number;
  readonly keepMessages: number;
  readonly welcome: string;
  /** The user who has set the topic; 0 for an operator, and where nobody has. */
  readonly topicBy: number;
}

/** The settings of a new room. */
export const defaultSettings: RoomSettings = {
  password: '',
  passwordVersion: 0,
  membersOnly: false,
  moderated: false,
  hidden: false,
  maxUsers: 0,
  slowSeconds: 0,
  keepSeconds: 0,
  keepMessages: 0,
  welcome: '',
  topicBy: 0,
};

const defaults: ReadonlyMap<string, unknown> = new Map(Object.entries(defaultSettings));

/** The settings as JSON, without those that are as in a new room. */
export function settingsText(settings: RoomSettings): string {
  const changed = Object.entries(settings).filter(([name, value]) => value !== defaults.get(name));
  return JSON.stringify(Object.fromEntries(changed));
}

/** Reads what `settingsText` has written. Undefined for any other text. */
export function parsedSettings(text: string): RoomSettings | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined;
  const isKnown = Object.entries(read).every(([name, value]) => isLike(value, defaults.get(name)));
  return isKnown ? { ...defaultSettings, ...read } : undefined;
}

function isLike(value: unknown, model: unknown): boolean {
  return typeof value === typeof model && (typeof value !== 'number' || (Number.isSafeInteger(value) && value >= 0));
}
