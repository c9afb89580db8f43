import { describe, expect, it } from 'vitest';
import { PackageId, RunId, Sha256 } from '../protocol/identity.ts';
import { type BadSource, type ContentSources, RunGrant } from '../protocol/policy.ts';
import { runSources } from './run-sources.ts';
import { TransportError } from './transport-error.ts';

const runId = RunId.parse('3f1c9d0e-4f0b-4a64-9d5a-0d6f1f1a2b3c');
const id = PackageId.parse('MW100001');
const manifest = { packageId: id, version: 1, name: 'T', kind: 'package', objects: [] };
const grant = RunGrant.pick({ content: true }).parse({
  content: { [id]: { kind: 'found', manifest, sources: ['http://granted'] } },
});
const { signal } = new AbortController();
const fault = {
  source: 'http://granted',
  sha256: Sha256.parse('a'.repeat(64)),
  code: 'content.damaged',
  message: 'chunk 1',
};

function open(answers: (ContentSources | Error)[] = []) {
  const clock = { ms: 0 };
  const logged: string[] = [];
  const told: BadSource[] = [];
  const failures: Error[] = [];
  const sources = runSources(() => grant, {
    runId,
    transport: {
      sources: async () => {
        const [answer] = answers.splice(0, 1);
        if (answer instanceof Error || answer === undefined) throw answer ?? new Error('no answer');
        return answer;
      },
      badSource: async (_run, bad) => {
        const [failure] = failures.splice(0, 1);
        if (failure !== undefined) throw failure;
        told.push(bad);
      },
    },
    log: (message) => logged.push(message),
    now: () => clock.ms,
    tellAgainMs: 1,
  });
  return { sources, clock, logged, told, failures };
}

describe('M52 where the content of a run is', () => {
  it('is asked for again when it cannot be had, not too often, and what is known stays if nobody answers', async () => {
    const moved = { sources: { [id]: ['http://other'] } };
    const { sources, clock, logged } = open([new Error('down'), moved, { sources: { [id]: [] } }]);
    expect(sources.of(id)).toEqual(['http://granted']);
    await sources.refresh(signal);
    expect(logged).toEqual([]);
    clock.ms = 30_000;
    await sources.refresh(signal);
    expect(sources.of(id)).toEqual(['http://granted']);
    expect(logged).toHaveLength(1);
    clock.ms = 60_000;
    await sources.refresh(signal);
    expect(sources.of(id)).toEqual(['http://other']);
    clock.ms = 90_000;
    await sources.refresh(signal);
    expect(sources.of(id)).toEqual([]);
    expect(logged.at(-1)).toContain('nowhere');
  });

  it('is asked for in a long run although nothing fails', async () => {
    const { sources, clock } = open([{ sources: { [id]: ['http://added', 'http://granted'] } }]);
    clock.ms = 11 * 60_000;
    expect(sources.of(id)).toEqual(['http://granted']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sources.of(id)).toEqual(['http://added', 'http://granted']);
  });

  it('is told where it is not: once for each object, again while the server is away', async () => {
    const { sources, told, failures } = open();
    failures.push(new TransportError('transport.unreachable', 'away'));
    sources.tell(fault);
    sources.tell(fault);
    sources.tell({ ...fault, code: 'content.unreachable' });
    sources.tell({ ...fault, sha256: Sha256.parse('b'.repeat(64)), code: 'content.missing' });
    await sources[Symbol.asyncDispose]();
    expect(told.map(({ kind }) => kind).sort()).toEqual(['damaged', 'missing']);
  });

  it('is not told to a server of before that, which says so in the log', async () => {
    const { sources, told, failures, logged } = open();
    failures.push(new TransportError('request.not-found', 'There is no POST', { status: 404 }));
    sources.tell(fault);
    await sources[Symbol.asyncDispose]();
    expect(told).toEqual([]);
    expect(logged[0]).toContain('There is no POST');
  });
});
