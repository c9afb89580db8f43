/**
 * Shares and domains, by calls of mpr.dll and netapi32.dll. Each waits for the network, some for minutes, so
 * they are made in a process of its own (network-call.ts). A code of Windows comes back, 0 for success: what
 * it means is for the caller. Constants are those of winnetwk.h, lmjoin.h and dsrole.h.
 */
import { narrow, wide } from './wide.ts';

const RESOURCETYPE_DISK = 1;
const CONNECT_TEMPORARY = 4;
const NETSETUP_JOIN_DOMAIN = 0x1;
const NETSETUP_ACCT_CREATE = 0x2;
const NETSETUP_ACCT_DELETE = 0x4;
const NETSETUP_DOMAIN_JOIN_IF_JOINED = 0x20;
const NETSETUP_PROVISION_ONLINE_CALLER = 0x40000000;
const DS_ROLE_PRIMARY_DOMAIN_INFO_BASIC = 1;
/** DsRole_RoleMemberWorkstation, and above: members and controllers of a domain, but for stand-alone servers. */
const STANDALONE_ROLES = new Set([0, 2]);
const NAME_CHARACTERS = 1024;

/** What this computer belongs to, as Windows has it. */
export interface JoinInformation {
  readonly kind: 'workgroup' | 'domain';
  /** Name of the workgroup, or the domain's NetBIOS name. */
  readonly name: string;
  readonly dnsName: string;
}

export interface Win32Network {
  /** Connects a share for this logon session, until the next restart. */
  connect(request: {
    readonly path: string;
    readonly drive: string | null;
    readonly user: string | null;
    readonly password: string | null;
  }): number;
  /** Ends the connection of a share or of a drive, also where files of it are open. */
  disconnect(name: string): number;
  /** The share that a drive `Z:` leads to; undefined for none. */
  shareOf(drive: string): string | undefined;
  information(): JoinInformation | number;
  joinDomain(request: {
    readonly domain: string;
    readonly organizationalUnit: string | null;
    readonly user: string;
    readonly password: string;
    /** Whether to make the computer's account. */
    readonly create: boolean;
  }): number;
  leaveDomain(account: { readonly user: string; readonly password: string } | null): number;
  joinWorkgroup(name: string): number;
  /** @param windows folder of the Windows that runs */
  requestOfflineJoin(blob: Uint8Array, windows: string): number;
}

/** Throws where Node has no FFI, or this Windows not the libraries. */
export function openNetwork(): Win32Network {
  const ffi = process.getBuiltinModule('node:ffi');
  const mpr = () =>
    ffi.dlopen('mpr.dll', {
      WNetAddConnection2W: {
        arguments: ['buffer', 'pointer', 'pointer', 'uint32'],
        return: 'uint32',
      },
      WNetCancelConnection2W: { arguments: ['buffer', 'uint32', 'int32'], return: 'uint32' },
      WNetGetConnectionW: { arguments: ['buffer', 'buffer', 'buffer'], return: 'uint32' },
    }).functions;
  // One by one: an edition of Windows may lack one of them.
  const netapi = new ffi.DynamicLibrary('netapi32.dll');
  const join = () =>
    netapi.getFunction('NetJoinDomain', {
      arguments: ['pointer', 'pointer', 'pointer', 'pointer', 'pointer', 'uint32'],
      return: 'uint32',
    });
  /** Gives a call its texts by address. What they lie in must live as long as the call. */
  const withTexts = (call: (at: (value: string | null) => bigint) => number): number => {
    const held: Buffer[] = [];
    const code = call((value) => {
      if (value === null) return 0n;
      const bytes = wide(value);
      held.push(bytes);
      return ffi.getRawPointer(bytes);
    });
    held.length = 0;
    return code;
  };
  const textAt = (pointer: bigint): string =>
    pointer === 0n ? '' : narrow(ffi.toBuffer(pointer, lengthAt(pointer), true));
  /** Bytes of a text up to its zero. */
  const lengthAt = (pointer: bigint): number => {
    let length = 0;
    while (length < NAME_CHARACTERS && ffi.getUint16(pointer, length * 2) !== 0) length += 1;
    return length * 2;
  };

  return {
    connect({ path, drive, user, password }) {
      return withTexts((at) => {
        // NETRESOURCEW: four words, then names of drive, share, comment and provider.
        const resource = Buffer.alloc(48);
        resource.writeUInt32LE(RESOURCETYPE_DISK, 4);
        resource.writeBigUInt64LE(at(drive), 16);
        resource.writeBigUInt64LE(at(path), 24);
        return mpr().WNetAddConnection2W(resource, at(password), at(user), CONNECT_TEMPORARY);
      });
    },
    disconnect(name) {
      return mpr().WNetCancelConnection2W(wide(name), 0, 1);
    },
    shareOf(drive) {
      const name = Buffer.alloc(NAME_CHARACTERS * 2);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(NAME_CHARACTERS);
      return mpr().WNetGetConnectionW(wide(drive), name, length) === 0 ? narrow(name) : undefined;
    },
    information() {
      const ask = netapi.getFunction('DsRoleGetPrimaryDomainInformation', {
        arguments: ['pointer', 'uint32', 'buffer'],
        return: 'uint32',
      });
      const free = netapi.getFunction('DsRoleFreeMemory', {
        arguments: ['pointer'],
        return: 'void',
      });
      const place = Buffer.alloc(8);
      const code = ask(0n, DS_ROLE_PRIMARY_DOMAIN_INFO_BASIC, place);
      if (code !== 0) return code;
      const found = place.readBigUInt64LE(0);
      // MachineRole, Flags, then the flat and the DNS name.
      const role = ffi.getUint32(found, 0);
      const name = textAt(ffi.getUint64(found, 8));
      const dnsName = textAt(ffi.getUint64(found, 16));
      free(found);
      return { kind: STANDALONE_ROLES.has(role) ? 'workgroup' : 'domain', name, dnsName };
    },
    joinDomain({ domain, organizationalUnit, user, password, create }) {
      const options =
        NETSETUP_JOIN_DOMAIN | NETSETUP_DOMAIN_JOIN_IF_JOINED | (create ? NETSETUP_ACCT_CREATE : 0);
      return withTexts((at) => {
        const names = [at(domain), at(organizationalUnit), at(user), at(password)] as const;
        return join()(0n, ...names, options);
      });
    },
    leaveDomain(account) {
      const options = account === null ? 0 : NETSETUP_ACCT_DELETE;
      const leave = netapi.getFunction('NetUnjoinDomain', {
        arguments: ['pointer', 'pointer', 'pointer', 'uint32'],
        return: 'uint32',
      });
      return withTexts((at) =>
        leave(0n, at(account?.user ?? null), at(account?.password ?? null), options),
      );
    },
    joinWorkgroup(name) {
      return withTexts((at) => join()(0n, at(name), 0n, 0n, 0n, 0));
    },
    requestOfflineJoin(blob, windows) {
      const bytes = Buffer.from(blob);
      const request = netapi.getFunction('NetRequestOfflineDomainJoin', {
        arguments: ['buffer', 'uint32', 'uint32', 'buffer'],
        return: 'uint32',
      });
      return request(bytes, bytes.length, NETSETUP_PROVISION_ONLINE_CALLER, wide(windows));
    },
  };
}
