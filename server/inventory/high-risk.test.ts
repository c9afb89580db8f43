import { expect, it } from 'vitest';
import { checkHighRisk, type RiskFacts } from './high-risk.ts';

const site = { defaultSize: 100, maximumSize: 0, servers: 'block' } as const;
const facts: RiskFacts = {
  purpose: 'required',
  risky: ['Format the disk'],
  collectionName: 'Branch',
  size: 10,
  servers: [],
};
const by = { unhide: false, accepts: [] };
const code = (change: Partial<RiskFacts>, limits: object = {}, said: object = {}) => {
  try {
    return checkHighRisk({ ...facts, ...change }, { ...site, ...limits }, { ...by, ...said });
  } catch (error) {
    return error;
  }
};

it('M18 check 17: over the default size only unhidden and accepted, over the maximum never', () => {
  expect(code({})).toEqual([]);
  expect(code({ size: 100 })).toEqual([]);
  expect(code({ size: 101 })).toMatchObject({ code: 'deployment.unhide' });
  expect(code({ size: 101 }, {}, { unhide: true })).toMatchObject({
    code: 'deployment.warnings',
    problems: [{ code: 'size', message: '"Branch" has 101 members, more than 100' }],
    hint: 'Accept each by its code: --accept size',
  });
  expect(code({ size: 101 }, {}, { unhide: true, accepts: ['size'] })).toEqual(['size']);
  const all = { unhide: true, accepts: ['size', 'servers'] };
  expect(code({ size: 501 }, { maximumSize: 500 }, all)).toMatchObject({
    code: 'deployment.too-large',
  });
  expect(code({ size: 5000 }, { defaultSize: 0 })).toEqual([]);
});

it('M18 servers of the site in the collection: refused, or a warning to accept', () => {
  const servers = ['DEPLOY01'];
  expect(code({ servers }, {}, { accepts: ['servers'] })).toMatchObject({
    code: 'deployment.servers',
    message: expect.stringContaining('DEPLOY01'),
  });
  expect(code({ servers }, { servers: 'warn' })).toMatchObject({ code: 'deployment.warnings' });
  expect(code({ servers }, { servers: 'warn' }, { accepts: ['servers'] })).toEqual(['servers']);
});

it('M18 an available deployment, and one that writes no disk, is not high-risk', () => {
  expect(code({ size: 5000, purpose: 'available' })).toEqual([]);
  expect(code({ size: 5000, risky: [] })).toEqual([]);
});
