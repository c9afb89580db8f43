import { describe, expect, it } from 'vitest';
import { parseTaskSequence } from '../sequence/schema.ts';
import { StepError } from '../sequence/step.ts';
import { Variables } from '../sequence/variables.ts';
import { contentOf } from '../simulated-machine/content.ts';
import { SimulatedMachine } from '../simulated-machine/machine.ts';
import { steps } from '../steps/index.ts';
import { applyDebian, GB, imagePackage, linuxDisk } from '../steps/testing/run-step.ts';
import { refusalBeforeStart } from './before-start.ts';

const layout = { step: 'Partition', ...linuxDisk };
const apply = (more: object = {}) => ({ step: 'Apply', ...applyDebian, ...more });

/** Checks a run of `apply` whose image comes with the `comesAt`-th look, if ever. */
async function check(options: {
  purpose: 'available' | 'required';
  comesAt?: number;
  apply?: object;
  /** Milliseconds from now; left out: what the agent does where its server does not say. */
  waitMs?: number;
  download?: 'first' | 'when-needed';
  /** What the cache says to all content. */
  cache?: 'takes it' | 'too small';
  /** It is on a distribution point that answers at that look, if ever. */
  answersAt?: number;
  /** How far the clock goes with each look. */
  lookTakesMs?: number;
}) {
  let looks = 0;
  let nowMs = 1_800_000_000_000;
  const { waitMs } = options;
  const waits: string[] = [];
  const warnings: string[] = [];
  const found = contentOf([imagePackage()]);
  const none = contentOf([]);
  const content = () => (looks >= (options.comesAt ?? Infinity) ? found : none);
  const machine = new SimulatedMachine({ disks: [{ sizeBytes: 20 * GB }] });
  const error = await refusalBeforeStart(
    {
      grant: {
        purpose: options.purpose,
        ...(options.download === undefined ? {} : { download: options.download }),
        ...(waitMs === undefined ? {} : { contentWaitUntilMs: nowMs + waitMs }),
      },
      sequence: parseTaskSequence({ name: 'test', steps: [layout, apply(options.apply)] }, steps),
      registry: steps,
      platform: machine.start('pe'),
      content: {
        ...none,
        manifest: (id) => content().manifest(id),
        ...(options.cache === undefined
          ? {}
          : {
              downloadAll: async (ids, onPackage) => {
                if (options.cache === 'too small')
                  throw new StepError('content.cache-too-small', 'it may hold 1.0 MiB');
                for (const id of ids) onPackage(found.manifest(id));
              },
            }),
        ...(options.answersAt === undefined
          ? {}
          : {
              whyUnreachable: async () =>
                looks >= (options.answersAt ?? 0) ? undefined : 'http://dp: connection refused',
            }),
      },
      observer: {
        log() {},
        warn: (message) => warnings.push(message),
        waiting: (reason) => reason !== undefined && waits.push(reason),
      },
      lookAgain: async () => {
        looks++;
        nowMs += options.lookTakesMs ?? 10;
      },
      clock: { now: () => nowMs },
      lookAgainMs: 1,
    },
    Variables.none,
    new AbortController().signal,
  );
  return { error, looks, waits, warnings };
}

describe('M06 content that is missing before the first step', () => {
  it('fails an available deployment at once', async () => {
    const { error, looks } = await check({ purpose: 'available' });
    expect(error).toMatchObject({
      code: 'content.missing',
      message: expect.stringContaining('MWL00001'),
    });
    expect(looks).toBe(0);
  });

  it('is waited for by a required deployment, which says so, and begins when it comes', async () => {
    const { error, looks, waits } = await check({ purpose: 'required', comesAt: 2, waitMs: 30 });
    expect(error).toBeUndefined();
    expect(looks).toBe(2);
    expect(waits[0]).toContain('Waiting for it until 2027-01-15T08:00:00.030Z');
  });

  it('fails a required deployment in the same way when it does not come', async () => {
    const { error, looks } = await check({ purpose: 'required', waitMs: 30 });
    expect(error).toMatchObject({
      code: 'content.missing',
      message: expect.stringMatching(/MWL00001.*did not come until 2027-01-15T08:00:00\.030Z/),
    });
    expect(looks).toBe(3);
  });

  it('M30 waits an hour for a server that does not say how long, and not at all past the limit', async () => {
    const hour = await check({ purpose: 'required', lookTakesMs: 10 * 60_000 });
    expect(hour.error?.message).toContain('waited for 60 minutes');
    expect(hour.looks).toBe(6);
    const over = await check({ purpose: 'required', waitMs: -1 });
    expect(over.error?.code).toBe('content.missing');
    expect(over.looks).toBe(0);
  });

  it.each(['available', 'required'] as const)(
    'is left to the step of a run (%s) that continues on error there',
    async (purpose) => {
      const { error, looks, warnings } = await check({
        purpose,
        apply: { continueOnError: true },
      });
      expect(error).toBeUndefined();
      expect(looks).toBe(0);
      expect(warnings.join()).toContain('tolerated');
    },
  );
});

describe('M26 content that the server has and that cannot be had from here', () => {
  it('fails an available deployment before its first step, with why', async () => {
    const { error } = await check({ purpose: 'available', comesAt: 0, answersAt: Infinity });
    expect(error).toMatchObject({
      code: 'content.missing',
      message: expect.stringContaining(
        'is on no distribution point: http://dp: connection refused',
      ),
    });
  });

  it('is waited for by a required one, and is an error of its step where that is tolerated', async () => {
    const required = await check({ purpose: 'required', comesAt: 0, answersAt: 2 });
    expect([required.error, required.looks]).toEqual([undefined, 2]);
    const tolerated = await check({
      purpose: 'available',
      comesAt: 0,
      answersAt: Infinity,
      apply: { continueOnError: true },
    });
    expect(tolerated.error).toBeUndefined();
    expect(tolerated.warnings[0]).toMatch(/connection refused \(tolerated\)/);
  });
});

describe('M27 all content first', () => {
  const first = { purpose: 'available', comesAt: 0, download: 'first' } as const;
  it('is in the cache before the first step, or the run fails with why', async () => {
    const taken = await check({ ...first, cache: 'takes it' });
    expect([taken.error, taken.waits]).toEqual([
      undefined,
      [expect.stringMatching(/^Downloading ".+" \(MWL00001 version 3\), 1 of 1$/)],
    ]);
    const small = await check({ ...first, cache: 'too small' });
    expect(small.error).toMatchObject({
      code: 'content.cache-too-small',
      message: 'All content was to be here before the first step: it may hold 1.0 MiB',
    });
  });

  it('is when needed where there is no cache, which is told', async () => {
    const { error, warnings } = await check(first);
    expect([error, warnings]).toEqual([undefined, [expect.stringContaining('no cache here')]]);
  });
});
