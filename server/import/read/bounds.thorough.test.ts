import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { makeZip } from '#server/zip/testing/make-zip.ts';
import { cdata, objectXml } from './testing/inputs.ts';

/** Memory that a reading may take; more ends the thread. */
const MAX_HEAP_MB = 512;
/** Time of the processor, which other work on the machine does not add to. */
const MAX_CPU_MS = 10_000;
const MB = 1024 * 1024;

/** Runs `readSources` in a thread of its own, whose memory is bounded; tells how it ended, and its time. */
async function readBounded(
  bytes: Uint8Array,
): Promise<{ readonly outcome: string; readonly cpuMs: number }> {
  const reader = new URL('./read-sources.ts', import.meta.url).href;
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const tell = (outcome) =>
      parentPort.postMessage({ outcome, cpuMs: process.threadCpuUsage().user / 1000 });
    import(${JSON.stringify(reader)})
      .then(({ readSources }) => readSources({ name: 'f', bytes: workerData }))
      .then(({ sequences }) => tell('read ' + sequences.length),
        (error) => tell(String(error.code ?? error)));`;
  const worker = new Worker(code, {
    eval: true,
    workerData: bytes,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  } finally {
    await worker.terminate();
  }
}

const text = (make: () => string) => async () => Buffer.from(make());

const cases: readonly (readonly [string, string, () => Promise<Uint8Array>])[] = [
  ['50 MB of blanks', 'import.too-large', text(() => ' '.repeat(50 * MB))],
  ['16 MB of <', 'import.xml', text(() => '<'.repeat(16 * MB))],
  ['16 MB of &', 'import.xml', text(() => '&'.repeat(16 * MB))],
  ['16 MB of quotation marks in a tag', 'import.xml', text(() => `<a ${'"'.repeat(16 * MB - 3)}`)],
  ['a text of 15 MB', 'import.xml-size', text(() => `<a>${'x'.repeat(15 * MB)}</a>`)],
  [
    'a text of 15 MB in CDATA',
    'import.no-sequence',
    text(() => `<a>${cdata('x'.repeat(15 * MB))}</a>`),
  ],
  ['a value of 15 MB', 'import.xml-size', text(() => `<a b="${'x'.repeat(15 * MB)}"/>`)],
  ['a name of 15 MB', 'import.xml-size', text(() => `<${'a'.repeat(15 * MB)}/>`)],
  ['4 million elements', 'import.xml-size', text(() => `<a>${'<b/>'.repeat(4_000_000)}</a>`)],
  ['140,000 elements', 'import.no-sequence', text(() => `<a>${'<b/>'.repeat(140_000)}</a>`)],
  [
    '140,000 steps',
    'read 1',
    text(() => `<sequence version="3.10">${'<step/>'.repeat(140_000)}</sequence>`),
  ],
  [
    '140,000 attributes of one element',
    'import.no-sequence',
    text(() => `<a ${Array.from({ length: 140_000 }, (_, index) => `a${index}=""`).join(' ')}/>`),
  ],
  [
    '140,000 comments and instructions',
    'import.no-sequence',
    text(() => `${'<?a?><!---->'.repeat(70_000)}<a/>`),
  ],
  [
    'a hundred levels',
    'import.xml-depth',
    text(() => '<group>'.repeat(100) + '</group>'.repeat(100)),
  ],
  ['a million levels', 'import.xml-depth', text(() => '<group>'.repeat(1_000_000))],
  [
    'groups in 80 levels',
    'import.too-deep',
    text(() => `<sequence>${'<group>'.repeat(80)}${'</group>'.repeat(80)}</sequence>`),
  ],
  [
    'billion laughs',
    'import.xml-doctype',
    text(
      () =>
        `<!DOCTYPE l [<!ENTITY a "lol">${Array.from({ length: 9 }, (_, index) => `<!ENTITY a${index} "&a;&a;&a;&a;">`).join('')}]><l>&a8;</l>`,
    ),
  ],
  [
    'sequences of 2 MB in each other',
    'import.xml',
    text(() => objectXml(cdata(`<sequence>${cdata('<sequence>'.repeat(200_000))}`))),
  ],
  ['a bomb of 15 MB', 'import.zip-size', () => makeZip({ 'A/ts.xml': ' '.repeat(15 * MB) })],
  [
    '40 files of many elements each',
    'import.xml-size',
    () =>
      makeZip(
        Object.fromEntries(
          Array.from({ length: 40 }, (_, index) => [
            `${index}/ts.xml`,
            // Of a million bytes a bomb is not told by its ratio.
            `<sequence version="3.00">${'<step/>'.repeat(100_000)}</sequence>`,
          ]),
        ),
      ),
  ],
];

describe('M24 time and memory are bounded', () => {
  it.each(cases)(
    '%s: %s',
    async (_, outcome, make) => {
      const bytes = await make();
      const { outcome: found, cpuMs } = await readBounded(bytes);
      expect(found).toBe(outcome);
      expect(cpuMs).toBeGreaterThan(0);
      expect(cpuMs).toBeLessThan(MAX_CPU_MS);
    },
    60_000,
  );
});
