import type * as Ffi from 'node:ffi';
import { createRequire } from 'node:module';

/** Functions of the C library by their signatures, and what they leave in `errno`. */
export type LibC<Signatures extends Ffi.FunctionDefinitions> = NonNullable<
  ReturnType<typeof openLibc<Signatures>>
>;

/**
 * Opens the C library through `node:ffi`, which is experimental: where it is missing, or this is no Linux, whoever
 * asks has another way.
 *
 * @returns undefined there
 */
export function openLibc<const Signatures extends Ffi.FunctionDefinitions>(signatures: Signatures) {
  if (process.platform !== 'linux') return undefined;
  try {
    const ffi: typeof Ffi = createRequire(import.meta.url)('node:ffi');
    const { functions: call } = ffi.dlopen('libc.so.6', signatures);
    const { functions: own } = ffi.dlopen('libc.so.6', {
      __errno_location: { return: 'pointer', arguments: [] },
    });
    return { ffi, call, errno: () => ffi.getInt32(own.__errno_location()) };
  } catch {
    return undefined;
  }
}

/** Whether structures of the system are laid out as on a 64-bit Linux of the architectures that are served from. */
export const has64BitStructures = ['x64', 'arm64'].includes(process.arch);

/**
 * The descriptor that is readable when the event loop of this thread has something to do, of Node's own copy of libuv.
 *
 * @throws {Error} where there is none
 */
export function eventLoopDescriptor(ffi: typeof Ffi): number {
  const { functions: uv } = ffi.dlopen(null, {
    uv_backend_fd: { return: 'i32', arguments: ['pointer'] },
  });
  const descriptor = uv.uv_backend_fd(ffi.getCurrentEventLoop());
  if (descriptor < 0) throw new Error('the event loop has no descriptor');
  return descriptor;
}
