import type { Readable } from 'node:stream';
import type { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId, SequenceId, Sha256 } from '#agent/protocol/identity.ts';
import type { SequenceBatch, SequenceBatchAnswer } from '../http/api-sequences.ts';

/** A task sequence that a site has. */
export interface SiteSequence {
  readonly id: SequenceId;
  readonly name: string;
  /** The newest version. */
  readonly version: number;
}
/** An image or package that a site has. */
export interface SitePackage {
  readonly id: PackageId;
  readonly name: string;
  readonly kind: ContentManifest['kind'];
  readonly version: number;
}
/** The version of a task sequence that machines get, or the newest where there are only drafts. */
export interface SiteDocument extends SiteSequence {
  readonly state: 'draft' | 'ready';
  readonly format: 'yaml' | 'json';
  readonly text: string;
}

/** What an export asks of a site. */
export interface ExportSite {
  sequences(): Promise<readonly SiteSequence[]>;
  packages(): Promise<readonly SitePackage[]>;
  document(id: SequenceId): Promise<SiteDocument>;
  /** Of the newest version. */
  manifest(id: PackageId): Promise<ContentManifest>;
  /** The bytes of an object; whoever asks checks them. */
  open(sha256: Sha256): Promise<Readable>;
}

/** A file of a package that is to come in. */
interface UploadedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/** What an import asks of a site. */
export interface ImportSite extends Pick<ExportSite, 'sequences' | 'packages' | 'manifest'> {
  /** Begins a package, which is none before it is in a batch. @returns id of the upload */
  begin(wish: { readonly name: string; readonly id: PackageId | undefined }): Promise<string>;
  /** Names files of it. @returns the objects that the site does not have */
  declare(upload: string, files: readonly UploadedFile[]): Promise<readonly Sha256[]>;
  send(
    upload: string,
    object: { readonly sha256: Sha256; readonly sizeBytes: number; readonly bytes: Readable },
  ): Promise<void>;
  /** Keeps everything, or nothing. */
  keep(batch: SequenceBatch): Promise<SequenceBatchAnswer>;
}
