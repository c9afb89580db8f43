import { z } from 'zod';
import { Application } from '#agent/sequence/application.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';
import { FilePackageView } from '../../http/api-packages.ts';
import { ApplicationDetail, ApplicationView, ProgramView } from '../../http/api-software.ts';
import { differencesOf, key } from './difference.ts';
import type { ObjectKind } from './kind.ts';
import { listByName, Name } from './listed.ts';

/** An application as a file describes it (docs/applications.md): the document as it is written, once it can be read. */
const ApplicationDocument = z
  .looseObject({ kind: z.literal('application'), name: z.string() })
  .transform(({ kind: _kind, ...document }, context) => {
    const parsed = Application.safeParse(document);
    for (const { path, message } of parsed.error?.issues ?? [])
      context.addIssue({ code: 'custom', path: [...path], message });
    return { name: document.name, document, parsed: parsed.data };
  });
type ApplicationDocument = z.infer<typeof ApplicationDocument>;

interface ApplicationNow {
  readonly id: string;
  readonly name: string;
  readonly retired: boolean;
  /** Of one that a file names. */
  readonly document?: unknown;
}

export const applicationKind: ObjectKind<ApplicationDocument, ApplicationNow> = {
  kind: 'application',
  title: 'application',
  schema: ApplicationDocument,
  nameOf: ({ name }) => name,
  list: (api) => listByName(api, '/applications', ApplicationView),
  async detail(api, now) {
    const { application } = await api.call('GET', `/applications/${now.id}`, ApplicationDetail);
    return { ...now, document: application };
  },
  // As both are read: what a document leaves out is what it is at first.
  differences: ({ parsed }, now) => differencesOf(Application.safeParse(now.document).data, parsed),
  async put({ api }, { document }) {
    await api.call('POST', '/applications', ApplicationView, { json: document });
  },
  prune: {
    may: ({ retired }) => !retired,
    nameOf: ({ name }) => name,
    // What a run has installed it may have to take away again: it is retired, not deleted.
    remove: async (api, { id }) =>
      void (await api.call('POST', `/applications/${id}/retire`, ApplicationView, {
        json: { retired: true },
      })),
  },
};

/** A program of a package that is on the server. */
const ProgramDocument = z.strictObject({
  kind: z.literal('program'),
  package: Name,
  ...PackageProgram.shape,
});
type ProgramDocument = z.infer<typeof ProgramDocument>;

interface ProgramNow {
  readonly packageId: string;
  readonly packageName: string;
  readonly program: PackageProgram;
}

export const programKind: ObjectKind<ProgramDocument, ProgramNow> = {
  kind: 'program',
  title: 'program',
  schema: ProgramDocument,
  nameOf: (document) => `${document.package}: ${document.name}`,
  async list(api, documents) {
    const packages = await api.call('GET', '/packages', z.array(FilePackageView));
    const named = new Set(documents.map((document) => key(document.package)));
    const found = new Map<string, ProgramNow>();
    for (const { id, name } of packages) {
      if (!named.has(key(name))) continue;
      for (const program of await api.call('GET', `/packages/${id}/programs`, z.array(ProgramView)))
        found.set(key(`${name}: ${program.name}`), { packageId: id, packageName: name, program });
    }
    return found;
  },
  references: (document) => [{ kind: 'package', name: document.package }],
  differences: ({ kind: _kind, package: _package, ...program }, now) =>
    differencesOf(now.program, program),
  async put({ api }, { kind: _kind, package: name, ...program }) {
    const packages = await api.call('GET', '/packages', z.array(FilePackageView));
    const id =
      packages.find((each) => key(each.name) === key(name) || each.id === name)?.id ?? name;
    await api.call('PUT', `/packages/${id}/programs`, z.array(ProgramView), { json: program });
  },
  prune: {
    // Those that are listed are of packages of which a file names a program.
    may: () => true,
    nameOf: ({ packageName, program }) => `${packageName}: ${program.name}`,
    remove: async (api, { packageId, program }) =>
      void (await api.call(
        'DELETE',
        `/packages/${packageId}/programs/${encodeURIComponent(program.name)}`,
        z.unknown(),
      )),
  },
};
