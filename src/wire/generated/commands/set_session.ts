// Generated from protocol/commands/set_session.json by `npm run generate`. Change it there, not here.

/** The parameters of set_session. */
export interface SetSessionParameters {
  readonly form?: 'json' | 'tsv' | 'text' | undefined;
  readonly events?: 'all' | 'messages' | 'none' | undefined;
  readonly names?: boolean | undefined;
  readonly max_line?: number | undefined;
  readonly keepalive?: number | undefined;
  readonly ascii?: boolean | undefined;
  readonly language?: 'en' | 'fr' | undefined;
}

/** The results of set_session, in the order in which they are sent. */
export interface SetSessionResults {
  /** how lines are written */
  readonly form: 'json' | 'tsv' | 'text';
  /** which events come */
  readonly events: 'all' | 'messages' | 'none';
  /** whether the reply to a join lists the users */
  readonly names: boolean;
  /** the most bytes of a line of the server's, its LF included */
  readonly max_line: number;
  /** event 191 comes when no line went out for so long; 0 for never */
  readonly keepalive: number;
  /** whether everything beyond U+007E is a `\u` escape */
  readonly ascii: boolean;
  /** the language of errors, of help and of the text form */
  readonly language: 'en' | 'fr';
}
