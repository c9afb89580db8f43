import { expect, it } from 'vitest';
import { CollectionId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS } from './collection.ts';
import { checkNewDeployment, refusedByScope } from './deployment.ts';

const scope = { subnets: ['10.0.5.0/24'], endsMs: 1000, perHour: 2 };
const bench = CollectionId.parse('MW100001');

it('M17 refuses a required deployment to All Unknown Computers without its confirmation', () => {
  const wish = { collectionId: ALL_UNKNOWN_COMPUTERS, purpose: 'required' } as const;
  expect(() => checkNewDeployment({ ...wish, scope: null }, 0)).toThrow(
    expect.objectContaining({ code: 'deployment.unknown-unconfirmed' }),
  );
  expect(() => checkNewDeployment({ ...wish, scope }, 0)).not.toThrow();
  expect(() => checkNewDeployment({ ...wish, purpose: 'available', scope: null }, 0)).not.toThrow();
});

it.each([
  { name: 'a subnet that is none', change: { subnets: ['10.0.5.0/33'] } },
  { name: 'a subnet without bits', change: { subnets: ['10.0.5.0'] } },
  { name: 'an end that has passed', change: { endsMs: -1 } },
])('M17 refuses $name', ({ change }) => {
  const wish = { collectionId: ALL_UNKNOWN_COMPUTERS, purpose: 'required' } as const;
  expect(() => checkNewDeployment({ ...wish, scope: { ...scope, ...change } }, 0)).toThrow(
    expect.objectContaining({ code: 'deployment.scope' }),
  );
});

it('M18 refuses a required deployment to All Systems', () => {
  const wish = { collectionId: ALL_SYSTEMS, purpose: 'required', scope: null } as const;
  expect(() => checkNewDeployment(wish, 0)).toThrow(
    expect.objectContaining({ code: 'deployment.all-systems' }),
  );
  expect(() => checkNewDeployment({ ...wish, purpose: 'available' }, 0)).not.toThrow();
  expect(() => checkNewDeployment({ ...wish, collectionId: bench }, 0)).not.toThrow();
});

it.each([
  { name: 'inside', at: {}, code: undefined },
  { name: 'IPv4-mapped', at: { remoteAddress: '::ffff:10.0.5.9' }, code: undefined },
  { name: 'another subnet', at: { remoteAddress: '10.0.6.9' }, code: 'deployment.subnet' },
  { name: 'IPv6', at: { remoteAddress: 'fe80::1' }, code: 'deployment.subnet' },
  { name: 'at its end', at: { nowMs: 1000 }, code: 'deployment.ended' },
  { name: 'at its cap', at: { grantedLastHour: 2 }, code: 'deployment.cap' },
])('M17 scope of a required deployment, $name', ({ at, code }) => {
  const where = { remoteAddress: '10.0.5.9', seenAt: null, nowMs: 999, grantedLastHour: 1, ...at };
  expect(refusedByScope(scope, where)?.code).toBe(code);
});

it('M17 a scope may name switch ports and interfaces of the server instead of subnets', () => {
  const seenAt = {
    atMs: 1,
    address: '10.9.9.9',
    interfaceName: 'eth1',
    relay: '10.9.9.1',
    port: 'Gi1/0/7',
    switchId: 'sw-a',
  };
  const at = { remoteAddress: '10.9.9.9', seenAt, nowMs: 1, grantedLastHour: 0 };
  const limits = { subnets: [], endsMs: 1000, perHour: 2 };
  const refused = (places: object, where: object = {}) =>
    refusedByScope({ ...limits, ...places }, { ...at, ...where })?.code;
  expect(refused({ ports: [{ port: 'Gi1/0/7', switchId: null }] })).toBeUndefined();
  expect(refused({ ports: [{ port: 'Gi1/0/7', switchId: 'sw-a' }] })).toBeUndefined();
  expect(refused({ ports: [{ port: 'Gi1/0/7', switchId: 'sw-b' }] })).toBe('deployment.subnet');
  expect(refused({ interfaces: ['eth1'] })).toBeUndefined();
  expect(refused({ interfaces: ['eth0'] })).toBe('deployment.subnet');
  expect(refused({ interfaces: ['eth1'] }, { seenAt: null })).toBe('deployment.subnet');
  const wish = { collectionId: ALL_UNKNOWN_COMPUTERS, purpose: 'required' } as const;
  expect(() => checkNewDeployment({ ...wish, scope: limits }, 0)).toThrow('names no place');
});
