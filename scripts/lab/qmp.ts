import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const Message = z.union([
  z.object({ event: z.string(), data: z.record(z.string(), z.unknown()).default({}) }),
  z.object({ return: z.unknown(), id: z.int() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }), id: z.int() }),
  z.object({ QMP: z.unknown() }),
]);

/** The QEMU Machine Protocol: JSON lines, one command at a time, events in between. */
export interface Qmp extends Disposable {
  /** @throws {Error} `qmp: <command>: <what QEMU said>` */
  execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** Connects to QEMU's socket and hands every event's name to `onEvent`. */
export async function openQmp(
  path: string,
  onEvent: (event: string, data: Readonly<Record<string, unknown>>) => void,
): Promise<Qmp> {
  const socket = await connectUnix(path);
  const waiting = new Map<number, (message: z.infer<typeof Message>) => void>();
  let lastId = 0;
  socket.on('error', () => {}); // QEMU was killed: `close` answers whoever waits
  socket.on('close', () => {
    const gone = { error: { class: 'Gone', desc: 'QEMU has ended' } };
    for (const [id, answer] of waiting) answer({ id, ...gone });
    waiting.clear();
  });
  createInterface({ input: socket }).on('line', (line) => {
    const message = Message.parse(JSON.parse(line));
    if ('event' in message) onEvent(message.event, message.data);
    else if ('id' in message) {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    }
  });
  const execute = async (command: string, parameters: Readonly<Record<string, unknown>> = {}) => {
    lastId += 1;
    const id = lastId;
    const answered = new Promise<z.infer<typeof Message>>((resolve) => waiting.set(id, resolve));
    socket.write(`${JSON.stringify({ execute: command, arguments: parameters, id })}\n`);
    const answer = await answered;
    if ('error' in answer) throw new Error(`qmp: ${command}: ${answer.error.desc}`);
    return 'return' in answer ? answer.return : undefined;
  };
  await execute('qmp_capabilities');
  return { execute, [Symbol.dispose]: () => socket.destroy() };
}

/** Connects to a unix socket. @throws {Error} `ENOENT`, `ECONNREFUSED` while nobody listens */
export function connectUnix(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}
