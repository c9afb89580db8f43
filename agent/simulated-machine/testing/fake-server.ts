import { isDeepStrictEqual } from 'node:util';
import type { RunEvent } from '#agent/protocol/run-event.ts';
import { TransportError } from '../../transport/transport-error.ts';

/** What the network does to one POST of events, by its number from 1. */
export type Network = (post: number) => 'well' | 'lost' | 'ack-lost' | 'twice';

/** Keeps each event once, as the server does. */
export class FakeServer {
  readonly events: RunEvent[] = [];
  posts = 0;
  readonly #network: Network;

  constructor(network: Network = () => 'well') {
    this.#network = network;
  }

  /** @throws {TransportError} `transport.unreachable` as the network pleases; `run.forked` */
  post(events: readonly RunEvent[]): { have: number } {
    this.posts += 1;
    const what = this.#network(this.posts);
    if (what === 'lost') throw new TransportError('transport.unreachable', 'lost');
    this.#keep(events);
    if (what === 'twice') this.#keep(events);
    if (what === 'ack-lost') throw new TransportError('transport.unreachable', 'answer lost');
    return { have: this.events.length };
  }

  #keep(events: readonly RunEvent[]): void {
    for (const event of events) {
      const kept = this.events[event.seq - 1];
      if (kept && !isDeepStrictEqual(kept, event))
        throw new TransportError('run.forked', 'other bytes', { status: 409 });
      if (event.seq === this.events.length + 1) this.events.push(structuredClone(event));
    }
  }
}
