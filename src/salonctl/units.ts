// Numbers with their units, and times, as people read them.

/** The number of things: `1 session`, `2 sessions`, `12,000 rooms`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}

const byteUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A number of bytes in the largest unit that it fills: `48.0 KiB`. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0];
  // Before rounding would make 1024.0 of it.
  while (value >= 1023.95 && unit < byteUnits.length - 1) [value, unit] = [value / 1024, unit + 1];
  return unit === 0 ? counted(Math.round(value), 'byte') : `${value.toFixed(1)} ${byteUnits[unit] ?? ''}`;
}

const timeUnits = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** Seconds in the two largest units that they fill: `3 d 4 h`, `12 min 5 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = timeUnits.findIndex(([unit]) => whole >= unit);
  if (first === -1) return '0 s';
  const [[large, largeName] = [1, 's'], [small, smallName] = [1, '']] = timeUnits.slice(first, first + 2);
  const rest = smallName === '' ? 0 : Math.floor((whole % large) / small);
  return `${Math.floor(whole / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** Each language knows the short names of the zones where it is spoken only. */
const languages = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA'] as const;

/** The zone's name at that time, such as `CET`; its distance from UTC, such as `+09:00`, where no name is in common use. */
function zone(time: Date): string {
  for (const language of languages) {
    const name =
      new Intl.DateTimeFormat(language, { timeZoneName: 'short' })
        .formatToParts(time)
        .find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{2,5}$/.test(name)) return name;
  }
  const minutes = -time.getTimezoneOffset();
  const two = (part: number): string => String(Math.floor(part)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/** A time of the protocol's (`2026-11-25T06:28:42.000Z`) on the clock of this machine: `2026-11-25 07:28:42 CET`. */
export function localTime(text: string): string {
  const time = new Date(text);
  const two = (part: number): string => String(part).padStart(2, '0');
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(two).join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')} ${zone(time)}`;
}
