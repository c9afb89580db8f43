/**
 * Stands for the `Worker` of node:worker_threads in tests. A thread that ends while it has nothing to do runs
 * its module anew for the next that asks for the same one, with all that the module imports loaded already.
 * One that fails or is busy when it is terminated ends for good.
 */
import { EventEmitter, once } from 'node:events';
import type { WorkerOptions } from 'node:worker_threads';
import { MessageChannel, type MessagePort, Worker as Thread } from 'node:worker_threads';
import type { Run } from './kept-thread-host.ts';

/** How long one that ends may take to say that it is idle. */
const IDLE_MS = 1000;
/** Threads that wait to be used again, by module and limits. */
const kept = new Map<string, Thread[]>();

export class Worker extends EventEmitter {
  readonly #key: string;
  readonly #thread: Thread;
  readonly #port: MessagePort;
  #failed = false;
  #ended: Promise<void> | undefined;

  constructor(module: URL, { workerData, ...limits }: WorkerOptions = {}) {
    super();
    this.#key = JSON.stringify([module.href, limits]);
    this.#thread =
      kept.get(this.#key)?.pop() ??
      new Thread(new URL('./kept-thread-host.ts', import.meta.url), limits);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message) => {
      this.#failed ||= message.kind === 'failed';
      this.emit('message', message);
    });
    port1.on('close', () => void this.terminate());
    this.#thread.on('error', this.#fail);
    const run: Run = { module: module.href, workerData, port: port2 };
    this.#thread.postMessage(run, [port2]);
    this.#thread.unref();
  }

  get performance(): Thread['performance'] {
    return this.#thread.performance;
  }

  postMessage(message: unknown, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  unref(): void {
    this.#port.unref();
  }

  terminate(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  readonly #fail = (error: unknown): void => {
    this.#failed = true;
    this.emit('error', error);
  };

  async #end(): Promise<void> {
    this.#port.close();
    const isIdle = !this.#failed && (await saysIdle(this.#thread));
    this.#thread.off('error', this.#fail);
    if (isIdle) kept.set(this.#key, [...(kept.get(this.#key) ?? []), this.#thread]);
    else await this.#thread.terminate();
    this.emit('exit', isIdle ? 0 : 1);
  }
}

async function saysIdle(thread: Thread): Promise<boolean> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  thread.postMessage('idle?');
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(IDLE_MS)]);
  try {
    return await Promise.race([
      once(thread, 'message', { signal }).then(() => true),
      once(thread, 'exit', { signal }).then(() => false),
    ]);
  } catch {
    return false;
  } finally {
    stop.abort();
  }
}
