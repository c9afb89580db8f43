/**
 * A process for `kill-batch.thorough.test.ts`: keeps batches of one package and three sequences as fast as it can,
 * and prints each number that was acknowledged, until it is killed.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { Sha256 } from '#agent/protocol/identity.ts';
import { openStore } from './open.ts';

const [path = ''] = process.argv.slice(2);
const store = await openStore(path);
const sha256 = Sha256.parse('a'.repeat(64));
const file = { path: 'a', sizeBytes: 1, sha256 };
for (let number = 1; ; number += 1) {
  const upload = randomUUID();
  await store.uploads.begin(upload, { name: `Package ${number}` }, number);
  await store.uploads.declare(upload, [file], number);
  await store.uploads.received(upload, { sha256, sizeBytes: 1, chunks: [sha256] }, number);
  const sequences = ['Parent', 'Child', 'Grandchild'].map((name, index, names) => {
    const below = names[index + 1];
    const step =
      below === undefined
        ? {
            type: 'run-command',
            params: { commandLine: 'x', package: { name: `Package ${number}` } },
          }
        : { type: 'run-sequence', params: { sequence: { name: `${below} ${number}` } } };
    const document = { name: `${name} ${number}`, steps: [{ step: 'S', ...step }] };
    const documentJson = JSON.stringify(document);
    return {
      name: document.name,
      description: '',
      disabled: false,
      documentJson,
      source: { text: documentJson, format: 'json' },
      as: 'ready',
      baseVersion: 0,
    };
  });
  const packages = [{ upload, kind: 'package', images: [], baseVersion: 0 }];
  const batch = new TextEncoder().encode(JSON.stringify({ packages, sequences }));
  await store.batches.add(batch, number);
  writeSync(1, `${number}\n`);
}
