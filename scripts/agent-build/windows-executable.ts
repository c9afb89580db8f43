import { type FileHandle, open } from 'node:fs/promises';
import {
  type PeHeader,
  peArchitecture,
  peSubsystem,
  type ReadAt,
  readPeHeader,
} from '#boot/pe-header.ts';

/**
 * Takes the Authenticode signature off a program, in place. It would not hold for what is built of the file,
 * and worse: the single-executable build inserts a section before the signature and leaves the old offset
 * in the headers, so that they call a part of the agent a signature. osslsigncode warns and goes on; a tool
 * that replaces what stands there would cut the agent off.
 */
export async function removeSignature(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const header = await headerOf(file, path);
  const { signature, signatureEntryOffset, checksumOffset } = header;
  if (signature === undefined || signatureEntryOffset === undefined) return;
  const { size } = await file.stat();
  const end = signature.at + signature.size;
  if (end !== size)
    throw new Error(`${path}: the signature ends at byte ${end}, the file at ${size}`);
  await file.truncate(signature.at);
  await file.write(new Uint8Array(8), 0, 8, signatureEntryOffset);
  // Of the file with its signature. Windows checks it for drivers alone; 0 says there is none.
  await file.write(new Uint8Array(4), 0, 4, checksumOffset);
}

/** Refuses what is no console program for this architecture, or is signed or not against expectation. */
export async function checkExecutable(
  path: string,
  expected: { readonly architecture: 'x64' | 'arm64'; readonly signed: boolean },
): Promise<void> {
  await using file = await open(path, 'r');
  const { machine, subsystem, signature, sections } = await headerOf(file, path);
  const architecture = peArchitecture.get(machine) ?? `machine 0x${machine.toString(16)}`;
  if (architecture !== expected.architecture)
    throw new Error(`${path} is for ${architecture}, not for ${expected.architecture}`);
  if (subsystem !== peSubsystem.console)
    throw new Error(`${path} has subsystem ${subsystem}, not ${peSubsystem.console} (console)`);
  const { size } = await file.stat();
  const end = Math.max(...sections.map(({ rawOffset, rawSize }) => rawOffset + rawSize));
  if (end > size) throw new Error(`${path} ends at byte ${size}, its sections at ${end}`);
  if (!expected.signed && signature !== undefined)
    throw new Error(`${path} has a signature before it was signed`);
  if (!expected.signed) return;
  if (signature === undefined) throw new Error(`${path} has no signature after signing`);
  if (signature.at < end || signature.at + signature.size > size)
    throw new Error(
      `${path}: the signature, ${signature.size} bytes at ${signature.at}, is not behind the sections (${end}) and within the file (${size})`,
    );
}

async function headerOf(file: FileHandle, path: string): Promise<PeHeader> {
  const read: ReadAt = async (offset, length) => {
    const buffer = new Uint8Array(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  const header = await readPeHeader(read);
  if (header === null) throw new Error(`${path} is no program of Windows`);
  return header;
}
