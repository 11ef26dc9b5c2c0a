// Numbers with units, and times, as people read and type them.
import { UsageError } from './errors.js';

/** A count with its noun: `1 session`, `2 sessions`, `12,000 rooms`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}

const byteUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A number of bytes in the largest suitable unit: `48.0 KiB`. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0];
  // Above this, rounding to one decimal would give 1024.0.
  while (value >= 1023.95 && unit < byteUnits.length - 1) [value, unit] = [value / 1024, unit + 1];
  return unit === 0 ? counted(Math.round(value), 'byte') : `${value.toFixed(1)} ${byteUnits[unit] ?? ''}`;
}

const timeUnits = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** A number of seconds in its two largest units: `3 d 4 h`, `12 min 5 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = timeUnits.findIndex(([unit]) => whole >= unit);
  if (first === -1) return '0 s';
  const [[large, largeName] = [1, 's'], [small, smallName] = [1, '']] = timeUnits.slice(first, first + 2);
  const rest = smallName === '' ? 0 : Math.floor((whole % large) / small);
  return `${Math.floor(whole / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

const typedUnits = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** The units of a typed time; appended to the rule of a field of seconds. */
export const unitsRule = '; with a unit: 90s, 15m, 2h, 7d, 1w';

/** Parses a time such as `90`, `90s`, `15m`, `2h`, `7d` or `1w` to seconds. Throws UsageError. */
export function seconds(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw]?)$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError('It is not a time such as 90, 90s, 15m, 2h or 7d.');
  return Number(count) * typedUnits[unit as keyof typeof typedUnits];
}

/** A number of seconds in the form in which it is typed, with the largest unit that divides it: `1h`. */
export function typedDuration(time: number): string {
  const units = Object.entries(typedUnits).reverse();
  const [unit, size] = units.find(([, each]) => time >= each && time % each === 0) ?? ['s', 1];
  return `${time / size}${unit}`;
}

function two(part: number): string {
  return String(Math.floor(part)).padStart(2, '0');
}

/** The languages to look for a zone's short name in: each has such names only for zones in which it is spoken. */
const languages = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA'] as const;

/**
 * The name of the local time zone at that time, such as `CET`. If it has no common name, its offset, such as `+09:00`.
 */
function zone(time: Date): string {
  for (const language of languages) {
    const name =
      new Intl.DateTimeFormat(language, { timeZoneName: 'short' })
        .formatToParts(time)
        .find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{2,5}$/.test(name)) return name;
  }
  const minutes = -time.getTimezoneOffset();
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/**
 * A time of the protocol (`2026-11-25T06:28:42.000Z`) in the local time zone: `2026-11-25 07:28:42 CET`.
 * @param to `minute` leaves out the seconds
 */
export function localTime(text: string, to: 'minute' | 'second' = 'second'): string {
  const time = new Date(text);
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(two).join('-');
  const clock = [time.getHours(), time.getMinutes(), ...(to === 'minute' ? [] : [time.getSeconds()])];
  return `${date} ${clock.map(two).join(':')} ${zone(time)}`;
}
