import { join } from 'node:path';
import { runCommand } from '../../lab/child.ts';

/** Compiles a C program of this folder into another folder. @returns path of the program */
export async function compile(name: string, folder: string): Promise<string> {
  const program = join(folder, name);
  const source = join(import.meta.dirname, `${name}.c`);
  await runCommand(['cc', '-O2', '-Wall', '-Werror', '-o', program, source]);
  return program;
}
