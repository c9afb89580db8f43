import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { SimulatedDevice } from './device.ts';
import { type SimulatedNode, SimulationReport } from './report.ts';
import { simulate } from './simulate.ts';

const SECRET = 'swordfish-7';
const device = SimulatedDevice.parse({
  name: 'PC',
  firmware: 'uefi',
  architecture: 'x64',
  disks: [{ sizeGb: 64 }],
  variables: { Hidden: { value: SECRET, secret: true } },
});

interface Tree {
  readonly what: 'group' | 'command' | 'set' | 'restart' | 'format';
  readonly disabled: boolean;
  readonly continueOnError: boolean;
  readonly condition: 'none' | 'true' | 'false' | 'secret';
  readonly code: number;
  readonly children: readonly Tree[];
}
const tree = (depth: number): fc.Arbitrary<Tree> =>
  fc.record({
    what: fc.constantFrom('group', 'group', 'command', 'command', 'set', 'restart', 'format'),
    disabled: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
    continueOnError: fc.boolean(),
    condition: fc.constantFrom('none', 'none', 'true', 'false', 'secret'),
    code: fc.constantFrom(0, 0, 0, 5, 3010),
    children: depth === 0 ? fc.constant([]) : fc.array(tree(depth - 1), { maxLength: 4 }),
  });

const conditions = {
  none: undefined,
  true: { kind: 'variable', variable: '_SMSTSBootUEFI', operator: 'equals', value: true },
  false: { kind: 'variable', variable: 'Nothing', operator: 'exists' },
  secret: { kind: 'variable', variable: 'Hidden', operator: 'notEquals', value: 'x' },
};

/** The document of a tree, and the steps whose programs end with another code than 0. */
function documentOf(trees: readonly Tree[]) {
  const fail: { node: string; code: number }[] = [];
  const write = (list: readonly Tree[], around: string): object[] =>
    list.map((each, index) => {
      const id = around === '' ? String(index) : `${around}/${index}`;
      const { what, disabled, continueOnError, code, children } = each;
      const condition = conditions[each.condition];
      const common = { disabled, continueOnError, ...(condition && { condition }) };
      if (what === 'group') return { group: `G ${id}`, ...common, steps: write(children, id) };
      const step = { step: `S ${id}`, ...common };
      if (what === 'set')
        return { ...step, type: 'set-variable', params: { name: 'Copy', value: '%Hidden%!' } };
      if (what === 'restart') return { ...step, type: 'restart', params: { target: 'pe' } };
      if (what === 'format')
        return { ...step, type: 'format-disk', params: { partitions: [{ name: '%Copy%' }] } };
      if (code !== 0) fail.push({ node: id, code });
      return { ...step, type: 'run-command', params: { commandLine: 'x --with %Hidden% %Copy%' } };
    });
  return { document: { name: 'T', steps: write(trees, '') }, fail };
}

/** What must hold of any report. */
function expectSound({ nodes, counts, result, findings }: SimulationReport): void {
  const all = nodes.filter(({ kind }) => kind === 'step');
  const { runs, fails, tolerated, skipped, inSkippedGroups, notReached } = counts;
  expect(runs + fails + skipped + inSkippedGroups + notReached).toBe(all.length);
  const failed = all.filter(({ outcome }) => outcome === 'fails');
  const refused = nodes.some(({ restart }) => restart?.refused != null);
  const stopped = refused || findings.some(({ fatal }) => fatal);
  expect(result.succeeded).toBe(fails === tolerated && !stopped);
  expect(result.error === null).toBe(result.succeeded);
  for (const { error, code } of failed) expect([error === null, code]).not.toEqual([true, 0]);
  const isGone = ({ outcome }: SimulatedNode) =>
    outcome === 'in-skipped-group' || outcome === 'not-reached';
  for (const node of nodes) {
    expect(node.reason === '').toBe(node.outcome === 'runs' || node.outcome === 'fails');
    // What was not reached tells nothing of itself.
    if (isGone(node))
      expect([node.condition, node.error, node.variables]).toEqual([null, null, []]);
    if (node.outcome === 'skipped' && node.condition !== null)
      expect(node.condition.verdict).toBe(false);
  }
}

it('M07 M09 M11 any tree is simulated to its end, soundly, and tells no secret', async () => {
  const ends = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(fc.array(tree(3), { minLength: 1, maxLength: 5 }), async (trees) => {
      const { document, fail } = documentOf(trees);
      const report = await simulate({
        sequence: parseTaskSequence(document, steps),
        registry: steps,
        device,
        content: { packages: [], others: 'missing' },
        fail,
      });
      expect(JSON.stringify(report)).not.toContain(SECRET);
      expectSound(SimulationReport.parse(report));
      ends.add(report.result.succeeded);
    }),
    { numRuns: 200 },
  );
  expect(ends).toEqual(new Set([true, false]));
});
