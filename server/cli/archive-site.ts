import { Readable } from 'node:stream';
import { z } from 'zod';
import { ContentManifest, objectPath } from '#agent/protocol/content.ts';
import type { ExportSite, ImportSite } from '../archive/site.ts';
import { PackageView } from '../http/api.ts';
import { BootImageView } from '../http/api-boot-images.ts';
import { FilePackageView, UploadMissing, UploadView } from '../http/api-packages.ts';
import { SequenceBatchAnswer, SequenceDetail, SequenceView } from '../http/api-sequences.ts';
import { ApplicationView } from '../http/api-software.ts';
import type { ApiClient } from './api-client.ts';

/** A site as archives are made from it and taken into it, through its API. */
export function archiveSite(api: ApiClient): ExportSite & ImportSite {
  return {
    sequences: () => api.call('GET', '/sequences', z.array(SequenceView)),
    async packages() {
      const [images, bootImages, packages, applications] = await Promise.all([
        api.call('GET', '/images', z.array(PackageView)),
        api.call('GET', '/boot-images', z.array(BootImageView)),
        api.call('GET', '/packages', z.array(FilePackageView)),
        api.call('GET', '/applications', z.array(ApplicationView)),
      ]);
      return [
        ...images,
        ...bootImages.map((each) => ({ ...each, kind: 'boot-image' as const })),
        ...packages,
        ...applications.map(({ id, name, revision: version }) => {
          return { id, name, kind: 'application' as const, version };
        }),
      ];
    },
    async document(id) {
      const newest = await api.call('GET', `/sequences/${id}`, SequenceDetail);
      const { readyVersion, version } = newest;
      if (readyVersion === null || readyVersion === version) return newest;
      return await api.call('GET', `/sequences/${id}/versions/${readyVersion}`, SequenceDetail);
    },
    manifest: (id) => api.call('GET', `/packages/${id}/manifest`, ContentManifest),
    open: (sha256) => api.download(objectPath(sha256)),
    async begin(json) {
      return (await api.call('POST', '/packages/uploads', UploadView, { json })).id;
    },
    async declare(upload, files) {
      const path = `/packages/uploads/${upload}/files`;
      return (await api.call('POST', path, UploadMissing, { json: { files } })).missing;
    },
    async send(upload, { sha256, sizeBytes, bytes }) {
      const path = `/packages/uploads/${upload}/objects/${sha256}`;
      await api.call('PUT', path, z.null(), { stream: bytes, sizeBytes });
    },
    async keep(batch) {
      const bytes = Buffer.from(JSON.stringify(batch));
      const body = { stream: Readable.from([bytes]), sizeBytes: bytes.length };
      return await api.call('POST', '/sequences/batch', SequenceBatchAnswer, body);
    },
  };
}
