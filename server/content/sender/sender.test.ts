import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { StreamError, type Streams } from './ffi-streams.ts';
import { createSender } from './sender.ts';

const HASH = 'cd'.repeat(32);
const SIZE = 1000;
const REQUEST = `GET /content/cd/${HASH} HTTP/1.1\r\nHost: x\r\n\r\n`;
const EPIPE = 32;

/** A sender whose connections and clock are the test's. */
async function makeSender() {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-sender-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await mkdir(join(directory, 'cd'));
  const file = join(directory, 'cd', HASH);
  await writeFile(file, Buffer.alloc(SIZE));
  const told: string[] = [];
  const arrived = new Map<number, string>();
  let room = Number.POSITIVE_INFINITY;
  let changed: number[] = [];
  let nowMs = 1_800_000_000_000;
  let gone = false;
  const streams: Streams = {
    peek: (descriptor) => arrived.get(descriptor) || undefined,
    discard(descriptor, most) {
      const text = arrived.get(descriptor) ?? '';
      arrived.set(descriptor, text.slice(most));
      return Math.min(most, text.length) || undefined;
    },
    sendHead(descriptor, text) {
      const taken = Math.min(room, text.length);
      room -= taken;
      if (taken > 0) told.push(`${descriptor}: head ${taken}`);
      return taken;
    },
    sendFile(descriptor, _file, offset, bytes) {
      if (gone) throw new StreamError('sendfile', EPIPE);
      const taken = Math.min(room, bytes);
      room -= taken;
      if (taken > 0) told.push(`${descriptor}: ${offset}+${taken}`);
      return taken;
    },
    endSending: (descriptor) => void told.push(`${descriptor}: end`),
    close: (descriptor) => void told.push(`${descriptor}: close`),
    watch: () => {},
    unwatch: (descriptor) => void told.push(`${descriptor}: unwatch`),
    wait(_timeoutMs, tell) {
      for (const descriptor of changed) tell(descriptor);
      changed = [];
      return false;
    },
  };
  const sender = createSender({
    streams,
    directory,
    handBack: (descriptor) => void told.push(`${descriptor}: back`),
    onClosed: () => {},
    onSent: (bytes) => void told.push(`sent ${bytes}`),
    onShort: () => void told.push('short'),
    nowMs: () => nowMs,
  });
  return {
    sender,
    file,
    /** What has happened since the last look. */
    told: () => told.splice(0),
    come: (descriptor: number, text = '') => {
      arrived.set(descriptor, (arrived.get(descriptor) ?? '') + text);
      changed.push(descriptor);
      sender.turn(0);
    },
    setRoom: (bytes: number) => {
      room = bytes;
    },
    breakOff: () => {
      gone = true;
    },
    pass: (ms: number) => {
      nowMs += ms;
      sender.sweep();
    },
  };
}

it('M52 an answer that finds no room goes on where it was, head and body', async () => {
  const { sender, told, come, setRoom } = await makeSender();
  sender.take(7);
  setRoom(100);
  come(7, REQUEST);
  expect(told()).toEqual(['7: head 100']);
  setRoom(400);
  come(7);
  const [head, first, ...none] = told();
  expect(none).toEqual([]);
  const sent = 400 - Number(head?.split(' ').at(-1));
  expect(first).toBe(`7: 0+${sent}`);
  setRoom(5000);
  come(7);
  expect(told()).toEqual([`7: ${sent}+${SIZE - sent}`, `sent ${SIZE}`]);
});

it('M52 what has no end is closed when nothing has moved: in an answer, between two, before the first', async () => {
  const { sender, told, come, setRoom, pass } = await makeSender();
  for (const descriptor of [1, 2, 3]) sender.take(descriptor);
  come(2, REQUEST);
  setRoom(600);
  come(3, REQUEST);
  told();
  pass(29_000);
  expect(told()).toEqual([]);
  pass(2000);
  expect(told(), 'it never asked').toEqual(['1: close']);
  setRoom(1);
  come(3);
  told();
  pass(42_000);
  expect(told(), 'it asks no more').toEqual(['2: close']);
  pass(77_000);
  expect(told(), 'it took a byte 119 seconds ago').toEqual([]);
  pass(2000);
  expect(told(), 'it takes no more').toEqual(['3: close']);
});

it('M52 the other side goes in the middle: its connection is closed, the others go on', async () => {
  const { sender, told, come, setRoom, breakOff } = await makeSender();
  sender.take(1);
  sender.take(2);
  setRoom(500);
  come(1, REQUEST);
  told();
  setRoom(5000);
  breakOff();
  come(1);
  expect(told()).toEqual(['1: close']);
  come(2, 'GET /boot/vmlinuz HTTP/1.1\r\n');
  expect(told()).toEqual(['2: unwatch', '2: back']);
});

it('M52 a file is opened anew a second later: whoever mends an object is not in the way', async () => {
  const { sender, file, told, come, pass } = await makeSender();
  sender.take(1);
  come(1, REQUEST);
  expect(told()).toContain(`sent ${SIZE}`);
  await rm(file);
  pass(1001);
  come(1, REQUEST);
  expect(told(), 'the server says that there is none').toEqual(['1: unwatch', '1: back']);
});

it('M52 after "Connection: close" the other side has the last word', async () => {
  const { sender, told, come, pass } = await makeSender();
  sender.take(1);
  come(1, REQUEST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  expect(told().slice(-2)).toEqual([`sent ${SIZE}`, '1: end']);
  come(1, REQUEST);
  expect(told(), 'what comes then is not read').toEqual([]);
  pass(5001);
  expect(told()).toEqual(['1: close']);
});
