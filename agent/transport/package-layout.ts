import { CHUNK_BYTES, ContentManifest } from '../protocol/content.ts';
import { StepError } from '../sequence/step.ts';

const MAX_NAME_BYTES = 255;

/**
 * Looks at a manifest once more before anything of it becomes a path on this machine: each name inside the
 * package and one that a file system takes, no file twice or as the folder of another, as many chunks as
 * its size needs. @throws {StepError} `content.manifest`
 */
export function checkLayout(manifest: ContentManifest): void {
  const refuse = (why: string): never => {
    throw new StepError(
      'content.manifest',
      `Package ${manifest.packageId} version ${manifest.version} cannot be laid out: ${why}`,
      { hint: 'Add the package again.', exitCode: 0x80070057 },
    );
  };
  const parsed = ContentManifest.safeParse(manifest);
  if (!parsed.success) refuse(parsed.error.issues[0]?.message ?? 'it is not understood');
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const { path, sizeBytes, chunks } of manifest.objects) {
    const parts = path.split('/');
    for (const part of parts)
      if (!isName(part)) refuse(`${JSON.stringify(path.slice(0, 300))} is no path of a file`);
    if (files.has(path)) refuse(`${path} is there twice`);
    files.add(path);
    for (let count = 1; count < parts.length; count += 1)
      folders.add(parts.slice(0, count).join('/'));
    if (chunks.length !== Math.ceil(sizeBytes / CHUNK_BYTES))
      refuse(`${path} of ${sizeBytes} bytes has ${chunks.length} chunks`);
  }
  for (const folder of folders)
    if (files.has(folder)) refuse(`${folder} is a file and a folder at once`);
}

function isName(part: string): boolean {
  const isPlain = part !== '' && part !== '.' && part !== '..' && !/[/\\]/.test(part);
  for (let index = 0; index < part.length; index += 1)
    if (part.charCodeAt(index) < 32) return false;
  return isPlain && Buffer.byteLength(part) <= MAX_NAME_BYTES;
}
