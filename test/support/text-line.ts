// An event whose line is the same text in every format, for tests that look at who is told what.
import { EventLine } from '../../src/wire/encode-event.js';

/** A line of that text. */
class TextLine extends EventLine {
  constructor(private readonly text: string) {
    super('message_deleted', {});
  }

  override encode(): string {
    return this.text;
  }
}

/** Makes an event whose line is that text. */
export function textLine(text: string): EventLine {
  return new TextLine(text);
}
