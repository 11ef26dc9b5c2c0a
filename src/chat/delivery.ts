// A committed batch → the outboxes. For each room the lines are encoded once into one Buffer that all members share; who
// spoke in the batch gets slices of it, with the replies standing where its own messages are (PROTOCOL.md §4.3).
import { encodeRefusal, encodeTime, messageLine, messageReply } from '../wire/encode.js';
import { refusal } from '../wire/refusal.js';
import type { Post } from './post.js';
import type { Room } from './room.js';

interface RoomBatch {
  readonly lines: string[];
  readonly posts: Post[];
}

/** Shows a committed batch to everyone whom it concerns and answers its speakers; `time` in milliseconds since 1970. */
export function deliver(posts: readonly Post[], time: number): void {
  const batches = encodeRooms(posts, encodeTime(time));
  for (const post of posts) answerSpeaker(post, batches.get(post.member.room));
  for (const [room, bytes] of batches) {
    for (const member of room.members) {
      const { cursor } = member;
      member.cursor = 0;
      if (cursor < bytes.length) member.event(cursor === 0 ? bytes : bytes.subarray(cursor));
    }
  }
  // Last: a speaker that goes on may leave, and what it is told then comes after the batch.
  for (const { speaker } of posts) speaker.settled();
}

/** Answers the speakers of a batch that was not stored: nobody saw anything of it. */
export function refuse(posts: readonly Post[]): void {
  for (const { member, ref } of posts) {
    member.recipient.reply(encodeRefusal(refusal('failed', 'the message could not be stored', { command: 'chatroom_message', ref })));
  }
  for (const { speaker } of posts) speaker.settled();
}

function encodeRooms(posts: readonly Post[], time: string): Map<Room, Buffer> {
  const batches = new Map<Room, RoomBatch>();
  for (const post of posts) {
    if (post.outcome !== 'stored') continue;
    const { room, user } = post.member;
    let batch = batches.get(room);
    if (batch === undefined) {
      batch = { lines: [], posts: [] };
      batches.set(room, batch);
    }
    batch.posts.push(post);
    batch.lines.push(messageLine({ room: room.json, id: post.id, prev: post.prev, username: user.json, message: post.message, time }));
  }
  const encoded = new Map<Room, Buffer>();
  for (const [room, batch] of batches) encoded.set(room, encodeBatch(batch));
  return encoded;
}

function encodeBatch({ lines, posts }: RoomBatch): Buffer {
  const text = lines.join('');
  const bytes = Buffer.from(text);
  const ascii = bytes.length === text.length;
  let end = 0;
  for (const [index, post] of posts.entries()) {
    const line = lines[index] ?? '';
    post.begin = end;
    end += ascii ? line.length : Buffer.byteLength(line);
    post.end = end;
  }
  return bytes;
}

function answerSpeaker({ member, outcome, id, prev, ref, begin, end }: Post, bytes: Buffer | undefined): void {
  const { recipient, room } = member;
  if (outcome === 'stored' && bytes !== undefined) {
    if (member.cursor < begin) recipient.event(bytes.subarray(member.cursor, begin));
    member.cursor = end;
  }
  recipient.reply(outcome === 'conflict'
    ? encodeRefusal(refusal('conflict', 'this key was used for another message', { command: 'chatroom_message', ref }))
    : messageReply(ref, room.json, id, prev, outcome === 'duplicate'));
}
