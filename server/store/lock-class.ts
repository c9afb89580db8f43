import type { operations } from './operations.ts';

type Operations = typeof operations;
type Names = {
  readonly [Aggregate in keyof Operations]?: readonly (keyof Operations[Aggregate])[];
};

/**
 * What an operation may run beside, on a database that more than one connection writes:
 *
 * - `read` changes nothing: it sees one moment, waits for nobody, and nobody waits for it.
 * - `run` is about the run that is its first argument: it waits for others of that run, and for `site`.
 * - `site` decides over all that is kept (an id, a cap per hour, which record a machine is): it runs alone,
 *   over all servers of the site, as everything does on SQLite.
 */
export type LockClass = 'read' | 'run' | 'site';

/** Operations that only read, but for rare cases: one that has to write is run again as one of the site. */
const reads: Names = {
  agents: ['session'],
  audit: ['list'],
  bootChains: ['list', 'signers'],
  boundaryGroups: ['list'],
  collectionRules: ['list', 'direct'],
  collections: ['list', 'find', 'limit'],
  deployments: ['list', 'commandPrompt'],
  deploymentChecks: ['risks', 'reachesUnknown', 'slice'],
  deploymentStatus: ['of'],
  approvals: ['list'],
  deviceConflicts: ['list'],
  sharedIdentifiers: ['list'],
  deviceInventories: ['all', 'history', 'of'],
  dhcpLeases: ['all'],
  devices: ['list', 'get', 'find', 'page', 'many', 'withSerial'],
  deviceSearch: ['page'],
  expectedDevices: ['list'],
  naming: ['rules'],
  distributionPoints: ['find', 'list', 'cas'],
  pointFaults: ['counts', 'list'],
  pointPackages: ['list'],
  driverCatalog: ['architectures', 'drivers', 'facts', 'packages', 'unread'],
  driverGaps: ['coverage', 'find', 'missing'],
  logs: ['read'],
  logSearch: ['runs', 'inRun'],
  media: ['list', 'find'],
  memberships: ['members', 'ofDevice', 'ofDevices', 'pending', 'standings'],
  operators: ['who', 'list'],
  packages: [
    'list',
    'images',
    'newestVersions',
    'outlines',
    'refersTo',
    'objects',
    'manifest',
    'index',
  ],
  netboot: ['frame', 'slice', 'some'],
  people: ['list', 'find'],
  policy: ['facts'],
  previews: ['slice'],
  reports: ['count', 'total'],
  retention: ['get'],
  runs: ['list', 'get', 'ofDevice', 'events'],
  runCounts: ['byState'],
  runDocuments: ['of'],
  secretReleases: ['given'],
  sequences: [
    'list',
    'standings',
    'head',
    'find',
    'versions',
    'version',
    'child',
    'problems',
    'check',
  ],
  servers: ['list'],
  silences: ['list'],
  siteAccounts: ['list', 'find', 'releaseLevel'],
  software: ['applications', 'programs'],
  settings: ['get'],
  variables: ['list', 'ofCollections', 'ofRun', 'asked'],
  webhooks: ['list', 'get'],
  windows: ['list', 'listWithOpenings', 'ofDevice', 'get'],
};

/** Operations on one run (or one server), whose id is their first argument. */
const runs: Names = {
  dhcpLeases: ['keep'],
  grants: ['get'],
  logs: ['append'],
  runs: ['append', 'heard'],
  servers: ['beat'],
};

const classes: ReadonlyMap<string, LockClass> = new Map([
  ...classed(reads, 'read'),
  ...classed(runs, 'run'),
]);

/** The lock class of an operation. One that is in no list is of the site. */
export function lockClassOf(aggregate: string, name: string): LockClass {
  return classes.get(`${aggregate}.${name}`) ?? 'site';
}

function classed(names: Names, lockClass: LockClass): [string, LockClass][] {
  return Object.entries(names).flatMap(([aggregate, all]) =>
    all.map((name): [string, LockClass] => [`${aggregate}.${name}`, lockClass]),
  );
}
