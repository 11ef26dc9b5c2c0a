// Searches messages, in memory: looks at each, so there is no index that could be behind.
import { wordsOf } from '../../text/words.js';
import type { Search, SearchStep } from '../search.js';
import type { MemoryData } from './data.js';
import type { MemoryMessage } from './logs.js';

/** The search of a memory store. The methods are those of `Search`. */
export class MemorySearch implements Search {
  readonly behindSince = undefined;
  readonly behind = 0;
  readonly #data: MemoryData;

  constructor(data: MemoryData) {
    this.#data = data;
  }

  async find(...[room, words, { after, before }, limit]: Parameters<Search['find']>): Promise<readonly number[]> {
    if (words.length === 0) return [];
    const isFound = (message: MemoryMessage): boolean => {
      const { id, kind, text } = message;
      if (id <= after || id >= before || kind === 'edit' || kind === 'reaction' || text === '') return false;
      const shown = this.#data.editsOf(room, id).at(-1) ?? message;
      const all = wordsOf(JSON.parse(`"${shown.text}"`) as string);
      return words.every(({ word, isBeginning }) =>
        all.some((each) => (isBeginning ? each.startsWith(word) : each === word)),
      );
    };
    const found = this.#data.messagesOf(room).filter(isFound);
    return found
      .map(({ id }) => id)
      .reverse()
      .slice(0, limit);
  }

  async step(): Promise<SearchStep> {
    return { count: 0, more: false };
  }

  async refresh(): Promise<void> {
    // It is never behind.
  }
}
