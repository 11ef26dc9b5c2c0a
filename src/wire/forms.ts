// The forms of lines, by format (PROTOCOL.md §8.2). fit.ts cuts what is too long, and message-lines.ts writes the many
// lines of messages faster.
import { json } from '../text/json.js';
import { escaperOf, itemEscaperOf, toAscii } from './escapes.js';
import type { LineFormat } from './format.js';
import { eventCodes, type LineForm, type LineWriter } from './line-form.js';
import { textForm } from './text-form.js';
import { tsvForm } from './tsv-form.js';

const jsonForm: LineWriter = {
  event: (name, members) => `${eventCodes[name]}\t${json(members)}\n`,
  success: (command, ref, results) => `1\t${json({ command, ref, ...results })}\n`,
  refusal: ({ code, ...members }) => `${code}\t${json(members)}\n`,
};

function inAscii(form: LineWriter): LineWriter {
  return {
    event: (name, members) => toAscii(form.event(name, members)),
    success: (command, ref, results) => toAscii(form.success(command, ref, results)),
    refusal: (members) => toAscii(form.refusal(members)),
  };
}

function make(format: LineFormat): LineForm {
  const form = { json: jsonForm, tsv: tsvForm, text: textForm(format.language) }[format.form];
  const written = format.ascii ? inAscii(form) : form;
  return { ...written, escape: escaperOf(format), escapeInList: itemEscaperOf(format) };
}

const made: LineForm[] = [];

/** The form of a format's lines. Their length is not limited. */
export function formOf(format: LineFormat): LineForm {
  return (made[format.variant] ??= make(format));
}
