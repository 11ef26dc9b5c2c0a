// Collects a line that is typed at a terminal in raw mode and not shown, byte by byte, with the usual editing keys.
// password.ts reads and writes the terminal.

/**
 * The key that ended a line. `line`: Enter. `interrupted`: Ctrl-C or Ctrl-\. `ended`: Ctrl-D on an empty line.
 * `control`: a key that would add an invisible control character.
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

/** Collects the bytes of a line. */
export class HiddenLine {
  readonly #bytes: number[] = [];
  /** The state within an escape sequence, such as that of an arrow key. Its bytes are not part of the line. */
  #sequence: 'none' | 'begun' | 'parameters' | 'one more' = 'none';

  /** The bytes that were typed and not erased. */
  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** Takes a byte. Returns how it ended the line; undefined if the line goes on. */
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

  /**
   * Whether the byte is part of an escape sequence: ESC [ parameters and a letter, or ESC O and one byte. A lone ESC is
   * dropped.
   */
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

  /** Erases the bytes of the last UTF-8 character. */
  #eraseCharacter(): void {
    let byte = this.#bytes.pop();
    while (byte !== undefined && (byte & 0xc0) === 0x80) byte = this.#bytes.pop();
  }

  #eraseWord(): void {
    while (this.#bytes.at(-1) === key.space) this.#bytes.pop();
    while (this.#bytes.length > 0 && this.#bytes.at(-1) !== key.space) this.#bytes.pop();
  }
}
