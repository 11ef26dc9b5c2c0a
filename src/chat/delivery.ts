// A committed batch → the outboxes. For each room the lines are encoded once into one Buffer that all members share; who
// spoke in the batch gets slices of it, with the replies standing where its own messages are (PROTOCOL.md §4.3).
import { encodeRefusal, encodeTime, messageReply, MessageLines } from '../wire/encode.js';
import { code } from '../wire/generated/codes.js';
import { refusal } from '../wire/refusal.js';
import type { Post } from './post.js';
import type { Member, Room } from './room.js';
import { tally } from '../metrics/counters.js';

/** The stored posts of one room, in the order of their ids, and their lines. */
interface RoomBatch {
  readonly posts: Post[];
  readonly lines: MessageLines;
  bytes: Buffer;
}

const nothing = Buffer.alloc(0);

/** Shows a committed batch to everyone whom it concerns and answers its speakers; `time` in milliseconds since 1970. */
export function deliver(posts: readonly Post[], time: number): void {
  let [conflicts, failures] = [0, 0];
  for (const { outcome } of posts) {
    if (outcome === 'conflict') conflicts += 1;
    else if (outcome === 'failed') failures += 1;
  }
  tally.reply('chatroom_message', code.ok, posts.length - conflicts - failures);
  if (conflicts > 0) tally.reply('chatroom_message', code.conflict, conflicts);
  if (failures > 0) tally.reply('chatroom_message', code.failed, failures);
  const batches = encodeRooms(posts, encodeTime(time));
  for (const post of posts) answerSpeaker(post, batches.get(post.member.room));
  for (const [room, batch] of batches) {
    tally.messages += batch.posts.length;
    for (const member of room.members) {
      const { cursor } = member;
      member.cursor = 0;
      // One that was put out hears no more than what had to stand before the reply to its last post.
      if (!member.deaf) hand(member, batch, cursor, batch.posts.length);
    }
  }
  settle(posts);
}

/** Answers the speakers of a batch that was not stored: nobody saw anything of it. */
export function refuse(posts: readonly Post[]): void {
  tally.reply('chatroom_message', code.failed, posts.length);
  for (const { member, ref } of posts) {
    member.pending -= 1;
    member.recipient.reply(notStored(ref));
  }
  settle(posts);
}

function notStored(ref: Post['ref']): string {
  return encodeRefusal(refusal('failed', 'the message could not be stored', { command: 'chatroom_message', ref }));
}

/**
 * Last of all: a member that was put out leaves, and a speaker that goes on may leave, and what they are told then
 * comes after the batch. Members first: a speaker that goes on may join the room again.
 */
function settle(posts: readonly Post[]): void {
  for (const { member } of posts) member.settled();
  for (const { speaker } of posts) speaker.settled();
}

/** Hands the member the lines from one place in the batch to another, that one not included. */
function hand(member: Member, { posts, bytes }: RoomBatch, from: number, upTo: number): void {
  if (from >= upTo) return;
  tally.lines += upTo - from;
  const whole = from === 0 && upTo === posts.length;
  member.event(whole ? bytes : bytes.subarray(posts[from]?.begin, posts[upTo]?.begin));
}

function encodeRooms(posts: readonly Post[], time: string): Map<Room, RoomBatch> {
  const batches = new Map<Room, RoomBatch>();
  for (const post of posts) {
    if (post.outcome !== 'stored') continue;
    const { room, user } = post.member;
    let batch = batches.get(room);
    if (batch === undefined) {
      batch = { posts: [], lines: new MessageLines(room.json, time), bytes: nothing };
      batches.set(room, batch);
    }
    post.begin = batch.lines.length;
    batch.lines.add(post.id, post.prev, user.json, post.message);
    post.place = batch.posts.push(post) - 1;
  }
  for (const batch of batches.values()) encodeBatch(batch);
  return batches;
}

function encodeBatch(batch: RoomBatch): void {
  const text = batch.lines.join();
  batch.bytes = Buffer.from(text);
  if (batch.bytes.length === text.length) return;
  // Not all of it is ASCII: where a line begins in the text is not where it begins in the bytes.
  let at = 0;
  let begin = 0;
  for (const [place, post] of batch.posts.entries()) {
    const end = batch.posts[place + 1]?.begin ?? text.length;
    post.begin = at;
    at += Buffer.byteLength(text.slice(begin, end));
    begin = end;
  }
}

function answerSpeaker(post: Post, batch: RoomBatch | undefined): void {
  const { member, outcome, id, prev, ref } = post;
  member.pending -= 1;
  if (batch !== undefined) catchUp(post, batch);
  if (outcome === 'stored' || outcome === 'duplicate')
    member.recipient.reply(messageReply(ref, member.room.json, id, prev, outcome === 'duplicate'));
  else if (outcome === 'failed') member.recipient.reply(notStored(ref));
  else
    member.recipient.reply(
      encodeRefusal(refusal('conflict', 'this key was used for another message', { command: 'chatroom_message', ref })),
    );
}

/** Sends the speaker the lines that have to stand before the reply: those of the room with smaller ids (PROTOCOL.md §4.3). */
function catchUp({ member, outcome, id, place }: Post, batch: RoomBatch): void {
  let upTo = place;
  let next = place + 1;
  if (outcome !== 'stored') {
    // A duplicate whose first is in this very batch, from another session, stands after that one's line. Ids are dense.
    const first = outcome === 'duplicate' ? batch.posts[id - (batch.posts[0]?.id ?? 0)] : undefined;
    if (first === undefined) return;
    upTo = first.place + 1;
    next = upTo;
  }
  hand(member, batch, member.cursor, upTo);
  member.cursor = Math.max(member.cursor, next);
}
