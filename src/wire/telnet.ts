// Removes telnet's IAC sequences from a connection's bytes (RFC 854, RFC 860; PROTOCOL.md §1.5).

const IAC = 255;
const DO = 253;
const SB = 250;
const SE = 240;
const WILL = 251;
const TIMING_MARK = 6;

/** The answer to DO TIMING-MARK: without it, Ctrl-C freezes a telnet client. */
export const wontTimingMark = Buffer.from([IAC, 252, TIMING_MARK]);

/** The least byte that is a command after IAC: EOF, of RFC 1184. */
const firstCommand = 236;

/**
 * `iac` after an IAC; `option` after IAC and WILL, WONT, DO or DONT; `sub` between SB and SE; `subIac` after an IAC in
 * there.
 */
type Place = 'data' | 'iac' | 'option' | 'do' | 'sub' | 'subIac';

/** Removes sequences from bytes. It keeps its place in a sequence from one call to the next: TCP splits anywhere. */
export class TelnetFilter {
  #place: Place = 'data';
  #broken = false;
  /** How many DO TIMING-MARK came since the last `takeTimingMarks`. */
  #timingMarks = 0;

  /** Whether the next byte is data: only then may a line end here without cutting a sequence short. */
  get atRest(): boolean {
    return this.#place === 'data';
  }

  /** How many DO TIMING-MARK came since the last call. Each is answered with `wontTimingMark`. */
  takeTimingMarks(): number {
    const marks = this.#timingMarks;
    this.#timingMarks = 0;
    return marks;
  }

  /**
   * Ends the line. True where the line is intact: its end cut no sequence short, and every IAC in it began a command.
   * IAC IAC, which is a data byte 255, does not. The next line starts at rest.
   */
  endLine(): boolean {
    const isIntact = this.atRest && !this.#broken;
    this.#place = 'data';
    this.#broken = false;
    return isIntact;
  }

  /** The data bytes of `bytes`, which holds no LF. The same Buffer comes back where nothing had to be removed. */
  strip(bytes: Buffer): Buffer {
    if (this.atRest && !bytes.includes(IAC)) return bytes;
    const data = Buffer.allocUnsafe(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (this.#place === 'data' && byte !== IAC) data[length++] = byte;
      else this.#place = this.#step(byte);
    }
    return data.subarray(0, length);
  }

  #step(byte: number): Place {
    switch (this.#place) {
      case 'data':
        return 'iac';
      case 'iac':
        if (byte === IAC || byte < firstCommand) this.#broken = true;
        if (byte === DO) return 'do';
        if (byte === SB) return 'sub';
        return byte >= WILL && byte < IAC ? 'option' : 'data';
      case 'do':
        if (byte === TIMING_MARK) this.#timingMarks += 1;
        return 'data';
      case 'option':
        return 'data';
      case 'sub':
        return byte === IAC ? 'subIac' : 'sub';
      case 'subIac':
        return byte === SE ? 'data' : 'sub';
    }
  }
}
