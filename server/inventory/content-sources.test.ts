import { describe, expect, it } from 'vitest';
import { allowedPoints, type BoundaryGroup, type DistributionPoint } from './content-sources.ts';

const point = (id: string, more: Partial<DistributionPoint> = {}): DistributionPoint => ({
  id,
  name: `dp ${id}`,
  url: `http://${id}`,
  enabled: true,
  ca: null,
  ...more,
});
const group = (id: string, more: Partial<BoundaryGroup> = {}): BoundaryGroup => ({
  id,
  name: `group ${id}`,
  isDefault: false,
  boundaries: [],
  points: [],
  neighbors: [],
  allowDefault: true,
  ...more,
});
const points = ['near', 'far', 'farther', 'server', 'other'].map((id) => point(id));
const groups: readonly BoundaryGroup[] = [
  group('default', { isDefault: true, points: ['server'] }),
  group('near', {
    boundaries: ['10.1.0.0/16'],
    points: ['near'],
    neighbors: [
      { group: 'farther', allowed: true },
      { group: 'far', allowed: true },
    ],
  }),
  group('far', { boundaries: ['10.2.0.0/16'], points: ['far', 'near'] }),
  group('farther', { boundaries: ['10.3.0.0/16'], points: ['farther'] }),
];
type Question = Partial<Parameters<typeof allowedPoints>[0]>;
const ask = (question: Question) => {
  const { points: found, where } = allowedPoints({
    address: '10.1.0.5',
    groups,
    points,
    fallback: { neighbors: true, siteDefault: true },
    hasNetworkAccess: true,
    ...question,
  });
  return { ids: found.map(({ id }) => id), where };
};

describe('M52 distribution points of a machine by its address', () => {
  it('are those of its group, of its neighbors in their order, of the site default group', () => {
    expect(ask({}).ids).toEqual(['near', 'farther', 'far', 'server']);
    expect(ask({ address: '10.2.0.1' }).ids.at(-1)).toBe('server');
    expect(new Set(ask({ address: '10.2.0.1' }).ids)).toEqual(new Set(['far', 'near', 'server']));
  });

  it('are those of the site default group where it is in no other', () => {
    const found = ask({ address: '192.168.0.1' });
    expect(found).toEqual({
      ids: ['server'],
      where: '192.168.0.1 is in boundary group "group default"',
    });
    expect(ask({ address: '' }).ids).toEqual(['server']);
  });

  it('are fewer where the deployment or the group allows no fallback, and say so', () => {
    const no = { neighbors: false, siteDefault: false };
    expect(ask({ fallback: undefined })).toEqual(ask({ fallback: no }));
    expect(ask({ fallback: no })).toEqual({
      ids: ['near'],
      where:
        '10.1.0.5 is in boundary group "group near", from which it may not fall back to its neighbor "group farther", its neighbor "group far", the site default group',
    });
    expect(ask({ fallback: { ...no, siteDefault: true } }).ids).toEqual(['near', 'server']);
    const closed = groups.map((each) => ({
      ...each,
      allowDefault: false,
      neighbors: each.neighbors.map((one) => ({ ...one, allowed: one.group === 'far' })),
    }));
    expect(ask({ groups: closed }).ids).toEqual(['near', 'far']);
    expect(ask({ groups: closed, address: '172.16.0.1' }).ids).toEqual(['server']);
  });

  it('come from every group that it is in, the narrowest boundary first', () => {
    const overlapping = [
      ...groups,
      group('bench', { boundaries: ['10.1.0.5'], points: ['other'], allowDefault: false }),
    ];
    expect(ask({ groups: overlapping }).ids).toEqual(['other', 'near', 'farther', 'far', 'server']);
  });

  it('leave out one that is disabled, and spread machines over equals', () => {
    const off = points.map((each) => ({ ...each, enabled: each.id !== 'near' }));
    expect(ask({ points: off }).ids).toEqual(['farther', 'far', 'server']);
    const equal = [group('one', { boundaries: ['10.0.0.0/8'], points: ['near', 'far'] })];
    const first = Array.from(
      { length: 200 },
      (_none, host) => ask({ groups: equal, address: `10.1.0.${host}` }).ids[0],
    );
    const near = first.filter((id) => id === 'near').length;
    expect(near).toBeGreaterThan(60);
    expect(near).toBeLessThan(140);
  });
});

it('M38 M40 a share is named to no machine while the site has no account to read it with', () => {
  const share = point('share', { url: 'smb://dp/content' });
  const both = [group('one', { boundaries: ['10.0.0.0/8'], points: ['near', 'share'] })];
  const question = { groups: both, points: [...points, share] };
  expect(new Set(ask(question).ids)).toEqual(new Set(['near', 'share']));
  const { ids, where } = ask({ ...question, hasNetworkAccess: false });
  expect(ids).toEqual(['near']);
  expect(where).toContain('the site has none for "dp share" (account.content-share)');
});
