import { describe, expect, it } from 'vitest';
import { parseTaskSequence } from '../sequence/schema.ts';
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
}) {
  let looks = 0;
  const waits: string[] = [];
  const warnings: string[] = [];
  const found = contentOf([imagePackage()]);
  const none = contentOf([]);
  const content = () => (looks >= (options.comesAt ?? Infinity) ? found : none);
  const machine = new SimulatedMachine({ disks: [{ sizeBytes: 20 * GB }] });
  const error = await refusalBeforeStart(
    {
      grant: { purpose: options.purpose },
      sequence: parseTaskSequence({ name: 'test', steps: [layout, apply(options.apply)] }, steps),
      registry: steps,
      platform: machine.start('pe'),
      content: { ...none, manifest: (id) => content().manifest(id) },
      observer: {
        log() {},
        warn: (message) => warnings.push(message),
        waiting: (reason) => reason !== undefined && waits.push(reason),
      },
      lookAgain: async () => {
        looks++;
      },
      contentWaitMs: 30,
      lookAgainMs: 10,
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
    const { error, looks, waits } = await check({ purpose: 'required', comesAt: 2 });
    expect(error).toBeUndefined();
    expect(looks).toBe(2);
    expect(waits[0]).toContain('Waiting for it');
  });

  it('fails a required deployment in the same way when it does not come', async () => {
    const { error, looks } = await check({ purpose: 'required' });
    expect(error).toMatchObject({
      code: 'content.missing',
      message: expect.stringContaining('did not come'),
    });
    expect(looks).toBe(3);
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
