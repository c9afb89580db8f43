import type { Benchmark } from './benchmark.ts';
import { benchJournal } from './engine/journal.ts';
import { benchPeer } from './engine/peer.ts';
import { benchSimulation } from './engine/simulation.ts';

/** The engine: a large simulation, the driver on a slow disk, and the journal beside SQLite. */
export const engine: Benchmark = {
  name: 'engine',
  title: 'task sequences: simulation, flushes of a run, the journal beside SQLite',
  run: async () => [
    ...(await benchSimulation()),
    ...(await benchJournal()),
    ...(await benchPeer()),
  ],
};
