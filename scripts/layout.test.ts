import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = `${import.meta.dirname}/..`;
const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '');

describe('the tree', () => {
  it('has the folders that the README names and no other', () => {
    const folders = new Set(
      files.flatMap((path) => (path.includes('/') ? [path.split('/')[0]] : [])),
    );
    const named = ['agent', 'boot', 'media', 'server', 'scripts', 'docs', '.ci'];
    expect([...folders].filter((folder) => !named.includes(folder ?? ''))).toEqual([]);
  });

  it('has no drawer for things without a name', () => {
    expect(files.filter((path) => /\/(util|utils|common|helpers|types)\.ts$/.test(path))).toEqual(
      [],
    );
  });

  it('crosses top-level folders by their # names only', () => {
    const crossing = files
      .filter((path) => /\.tsx?$/.test(path) && path.includes('/'))
      .flatMap((path) => {
        const depth = path.split('/').length - 1;
        const text = readFileSync(`${root}/${path}`, 'utf8');
        return [...text.matchAll(/from '((?:\.\.\/)+)[^']*'/g)]
          .filter((match) => (match[1] ?? '').length / 3 >= depth)
          .map((match) => `${path}: ${match[0]}`);
      });
    expect(crossing).toEqual([]);
  });

  it('has a thread of its own for each test that changes what a thread has one of', () => {
    const changes =
      /\bvi\.(useFakeTimers|setSystemTime|stubEnv|stubGlobal|mock|doMock)\(|\bprocess\.(on|once)\(|\bprocess\.env\b[^=\n]* = /;
    const changing = files
      .filter((path) => path.endsWith('.test.ts') && path !== 'scripts/layout.test.ts')
      // Those run one file a thread.
      .filter((path) => !path.endsWith('.interop.test.ts'))
      .filter((path) => changes.test(readFileSync(`${root}/${path}`, 'utf8')));
    const config = readFileSync(`${root}/vitest.config.ts`, 'utf8');
    expect(changing.filter((path) => !config.includes(`'${path}'`))).toEqual([]);
    expect(changing.length).toBeGreaterThan(0);
  });
});
