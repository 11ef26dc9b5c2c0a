// A store that forgets everything when the process ends: for tests of what stands above a store, and the model that the
// contract suite holds the others to. It keeps every promise but durability.
import type { Committer } from '../committer.js';
import { GroupCommit } from '../group-commit.js';
import type { NewMessage } from '../log.js';
import type { Store } from '../store.js';
import { MemoryData } from './data.js';
import { MemoryBlocks } from './blocks.js';
import { MemoryConversations } from './conversations.js';
import { MemoryDirectory } from './directory.js';
import { MemoryInvitations } from './invitations.js';
import { MemoryErasures } from './erasures.js';
import { MemoryLastSeen } from './last-seen.js';
import { MemoryCommitter, MemoryLog } from './log.js';
import { MemorySearch } from './search.js';
import { MemoryTokens } from './tokens.js';
import { MemoryMemberships } from './memberships.js';

/** A store in memory. */
export class MemoryStore<Post extends NewMessage = NewMessage> implements Store<Post> {
  /** What is stored. A test may write into it as another process would, and call `commits.receive`. */
  readonly data: MemoryData;
  readonly commits: GroupCommit<Post>;
  readonly log: MemoryLog<Post>;
  readonly directory: MemoryDirectory;
  readonly conversations: MemoryConversations;
  readonly blocks: MemoryBlocks;
  readonly tokens: MemoryTokens;
  readonly memberships: MemoryMemberships;
  readonly invitations: MemoryInvitations;
  readonly lastSeen: MemoryLastSeen;
  readonly erasures: MemoryErasures;
  readonly search: MemorySearch;

  /**
   * @param wrap may replace the memory's own committer, so that a test can delay commits or let them fail
   * @param data what is stored already
   */
  constructor(wrap = (committer: Committer): Committer => committer, data = new MemoryData()) {
    this.data = data;
    this.commits = new GroupCommit<Post>(wrap(new MemoryCommitter(data)), data.newestTime);
    this.log = new MemoryLog(data, this.commits);
    this.directory = new MemoryDirectory(data, this.commits);
    this.conversations = new MemoryConversations(data, this.commits);
    this.blocks = new MemoryBlocks(data, this.commits);
    this.tokens = new MemoryTokens(data, this.commits);
    this.invitations = new MemoryInvitations(data, this.commits);
    this.memberships = new MemoryMemberships(data, this.commits);
    this.lastSeen = new MemoryLastSeen(data, this.commits);
    this.erasures = new MemoryErasures(data, this.commits);
    this.search = new MemorySearch(data);
  }

  close(): Promise<void> {
    return this.commits.close();
  }
}
