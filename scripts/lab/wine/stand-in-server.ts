import { createServer, type Socket } from 'node:net';
import { basename } from 'node:path/win32';
import { splitCommandLine } from './command-line.ts';

/** A call of a tool in Wine, as `stand-in/tool.c` tells it. */
interface ToolCall {
  /** `diskpart`, lower case, without its extension. */
  readonly name: string;
  /** The words behind the program. */
  readonly words: readonly string[];
  readonly folder: string;
  /** What the words name, by path, and what came in by standard input, `<stdin>`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Prints a piece at once, as a tool with progress does. */
  readonly print: (text: string) => void;
}
/** Does what the tool does; returns its exit code, or a text with exit code 0. */
export type StandInTool = (call: ToolCall) => Promise<number | string>;

/** A call of Windows, as `stand-in/calls.c` tells it: an answer, or the error (winerror.h) it ends with. */
export type StandInCalls = (
  what: string,
  fields: readonly string[],
) => Promise<Uint8Array | number>;

/** Ends a call by what Wine has under the tool's name, with the same command line. */
export const DELEGATE = 0x4c414221;

/** Output of a tool, then its end. */
const OUTPUT = 1;
const END = 0;
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** ERROR_FILE_NOT_FOUND: what a shell says of a program that is not there. */
const NOT_FOUND = 2;

/** Answers what programs in Wine ask of the lab, on loopback. */
export async function serveStandIns(
  tools: Readonly<Record<string, StandInTool>>,
  calls: StandInCalls,
  log: (line: string) => void,
): Promise<AsyncDisposable & { readonly port: number }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}); // the machine was switched off
    socket.on('close', () => open.delete(socket));
    void answer(socket, tools, calls, log).catch((error: unknown) => {
      log(`stand-in: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  socket: Socket,
  tools: Readonly<Record<string, StandInTool>>,
  calls: StandInCalls,
  log: (line: string) => void,
): Promise<void> {
  const [kind = '', ...fields] = (await readRequest(socket))
    .toString('utf8')
    .split('\0')
    .slice(0, -1);
  if (kind !== 'tool') {
    const got = await calls(kind, fields);
    if (typeof got === 'number') socket.end(frame(END, got));
    else socket.end(Buffer.concat([frame(OUTPUT, got.length), got, frame(END, 0)]));
    return;
  }
  const [program = '', line = '', folder = '', ...pairs] = fields;
  const name = basename(program)
    .toLowerCase()
    .replace(/\.exe$/, '');
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + 1 < pairs.length; at += 2)
    files.set(pairs[at] ?? '', Buffer.from(pairs[at + 1] ?? '', 'hex'));
  const print = (text: string): void => {
    const bytes = Buffer.from(text, 'latin1');
    socket.write(Buffer.concat([frame(OUTPUT, bytes.length), bytes]));
  };
  log(`tool ${line}`);
  const words = splitCommandLine(line).slice(1);
  const end = (await tools[name]?.({ name, words, folder, files, print })) ?? NOT_FOUND;
  if (typeof end === 'string') print(end);
  else if (end !== 0) log(`tool ${name} ended with ${end}`);
  socket.end(frame(END, typeof end === 'string' ? 0 : end));
}

async function readRequest(socket: Socket): Promise<Buffer> {
  let got = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    socket.on('data', (piece: Buffer) => {
      got = Buffer.concat([got, piece]);
      if (got.length < 4) return;
      const length = got.readUInt32LE(0);
      if (length > MAX_REQUEST_BYTES) reject(new Error(`a request of ${length} bytes`));
      else if (got.length >= 4 + length) resolve(got.subarray(4, 4 + length));
    });
    socket.on('close', () => reject(new Error('it went away in its request')));
  });
}

function frame(kind: number, number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(number >>> 0, 4);
  return bytes;
}
