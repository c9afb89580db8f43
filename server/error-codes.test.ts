import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const codePattern = /'([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+)'/g;

/** Dotted literals with these endings name files, hosts and columns of the database. */
const otherEndings = new Set(
  (
    'bin builtin cfg cmd conf css d dep dll dtb efi esd exe ext4 fat html img inf ini js json jsonl list log mjs ' +
    'kpxe modinfo order pem pgdump ps1 sdi service sh sig sock sqlite squashfs stl svg sys ts txt wim yaml zip zst'
  ).split(' '),
);
/** Files with keys and of XML end like the codes that are about them, and the name of no host like those of no value. */
const notCodes = new Set([
  'agents.metalwright.invalid',
  'boot-signing.key',
  'boot.pub',
  'server.key',
  'site-ca.key',
  'unattend.xml',
  // Operations of the store, and a file of a backup.
  'runs.append',
  'logs.append',
  'metalwright.pgdump',
]);
const columnPattern = /\.(id|number|ref|sha256|value|version)$/;

/** The code literals of a source: every dotted literal that is no file name, audit action or column. */
function codesIn(source: string, path: string): string[] {
  const text = source
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => ' '.repeat(comment.length))
    .replaceAll(/(^|\s)\/\/.*$/gm, '');
  return [...text.matchAll(codePattern)].flatMap((match) => {
    const code = match[1] ?? '';
    const before = text.slice(Math.max(0, match.index - 60), match.index);
    if (otherEndings.has(code.split('.').at(-1) ?? '') || notCodes.has(code)) return [];
    if (/\baction:\s*$/.test(before)) return [];
    if (path.startsWith('server/store/') && columnPattern.test(code)) return [];
    return [code];
  });
}

async function codesOfSources(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const path of glob('{agent,boot,media,server}/**/*.ts', { cwd: root })) {
    if (/\.(test|testing)\.ts$|\/test-[^/]*$|\/(testing|testdata)\//.test(path)) continue;
    // Pages of the console compare codes of the server, and name settings of steps: they raise none of their own.
    if (path.startsWith('server/console/app/pages/')) continue;
    for (const code of codesIn(await readFile(`${root}/${path}`, 'utf8'), path))
      found.set(code, path);
  }
  return found;
}

it('holds the codes of the sources and the table of docs/errors.md equal, both ways', async () => {
  const table = await readFile(`${root}/docs/errors.md`, 'utf8');
  const rows = [...table.matchAll(/^\| `([^`]+)` \| (.+?) \|/gm)].map(([, code]) => code ?? '');
  const sources = await codesOfSources();
  expect(sources.size).toBeGreaterThan(100);
  const listed = new Set(rows);
  expect(rows, 'in order, each once').toEqual([...listed].sort());
  const missing = [...sources].filter(([code]) => !listed.has(code));
  expect(missing, 'codes of the sources without a row in docs/errors.md').toEqual([]);
  expect(
    [...listed].filter((code) => !sources.has(code)),
    'rows without a source',
  ).toEqual([]);
});

it('sees a code however it is written, and no file name, column or audit action', () => {
  const source = `
    // 'comment.line' and /* 'comment.block' */
    throw new StoreError(
      'store.full', 'x');
    const fail = (bad) => (bad ? 'disk.gone' : 'tool.failed');
    record({ action: 'device.approve' }); open('loader.img');`;
  expect(codesIn(source, 'server/a.ts')).toEqual(['store.full', 'disk.gone', 'tool.failed']);
  expect(codesIn("select('sequences.id')", 'server/store/sequences.ts')).toEqual([]);
});
