// A line that is typed at a terminal in raw mode and not shown, byte by byte, with the keys that edit one in the
// terminal's own mode. Pure: what reads and writes the terminal is in password.ts.

/**
 * How a line ended: `line` by Enter, `interrupted` by Ctrl-C, `ended` by Ctrl-D where nothing was typed, `control` by a
 * key that would put a control character into it, which nobody sees.
 */
export type LineEnd = 'line' | 'interrupted' | 'ended' | 'control';

const key = {
  ctrlC: 0x03,
  ctrlD: 0x04,
  backspace: 0x08,
  lf: 0x0a,
  cr: 0x0d,
  ctrlU: 0x15,
  ctrlW: 0x17,
  escape: 0x1b,
  quit: 0x1c,
  space: 0x20,
  delete: 0x7f,
} as const;

export class HiddenLine {
  readonly #bytes: number[] = [];
  /** How far an escape sequence (an arrow key, say) has come: it is no part of the line. */
  #sequence: 'none' | 'begun' | 'parameters' | 'one more' = 'none';

  /** What was typed and not erased. */
  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** Takes a byte; answers how it ended the line, undefined where it did not. */
  push(byte: number): LineEnd | undefined {
    if (this.#inSequence(byte)) return undefined;
    switch (byte) {
      case key.cr:
      case key.lf:
        return 'line';
      case key.ctrlC:
      case key.quit:
        return 'interrupted';
      case key.ctrlD:
        return this.#bytes.length === 0 ? 'ended' : undefined;
      case key.backspace:
      case key.delete:
        this.#eraseCharacter();
        return undefined;
      case key.ctrlU:
        this.#bytes.length = 0;
        return undefined;
      case key.ctrlW:
        this.#eraseWord();
        return undefined;
      case key.escape:
        this.#sequence = 'begun';
        return undefined;
    }
    if (byte < key.space) return 'control';
    this.#bytes.push(byte);
    return undefined;
  }

  /** ESC [ parameters and a letter, ESC O and one byte. ESC before anything else is dropped alone. */
  #inSequence(byte: number): boolean {
    const before = this.#sequence;
    if (before === 'none') return false;
    if (before === 'begun') {
      this.#sequence = byte === 0x5b ? 'parameters' : byte === 0x4f ? 'one more' : 'none';
      return this.#sequence !== 'none';
    }
    const goesOn = before === 'parameters' && byte >= 0x20 && byte <= 0x3f;
    if (!goesOn) this.#sequence = 'none';
    return byte >= key.space;
  }

  /** The bytes of the last character of UTF-8. */
  #eraseCharacter(): void {
    let byte = this.#bytes.pop();
    while (byte !== undefined && (byte & 0xc0) === 0x80) byte = this.#bytes.pop();
  }

  #eraseWord(): void {
    while (this.#bytes.at(-1) === key.space) this.#bytes.pop();
    while (this.#bytes.length > 0 && this.#bytes.at(-1) !== key.space) this.#bytes.pop();
  }
}
