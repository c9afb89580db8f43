/** S-1-5-32-544 Administrators, S-1-5-18 SYSTEM ([MS-DTYP] 2.4.2.2). */
const administrators = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
const system = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
/** An ACE that allows KEY_ALL_ACCESS (0xf003f), inherited by keys below (flag 2). */
const allow = (sid: readonly number[]) => [0, 2, 8 + sid.length, 0, 0x3f, 0, 0x0f, 0, ...sid];
const aces = [...allow(system), ...allow(administrators)];
const acl = [2, 0, 8 + aces.length, 0, 2, 0, 0, 0, ...aces];
const HEADER_BYTES = 20;

const control = { selfRelative: 0x8000, hasDacl: 0x4 } as const;

/**
 * Self-relative security descriptor ([MS-DTYP] 2.4.6) of all keys that we write, in SDDL
 * `O:BAG:SYD:(A;CI;KA;;;SY)(A;CI;KA;;;BA)`.
 */
export const SECURITY_DESCRIPTOR = securityDescriptor();

function securityDescriptor(): Uint8Array {
  const parts = [acl, administrators, system];
  const bytes = new Uint8Array(HEADER_BYTES + parts.flat().length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 1; // revision
  view.setUint16(2, control.selfRelative | control.hasDacl, true);
  const owner = HEADER_BYTES + acl.length;
  view.setUint32(4, owner, true);
  view.setUint32(8, owner + administrators.length, true); // group
  view.setUint32(16, HEADER_BYTES, true); // DACL; there is no SACL
  bytes.set(parts.flat(), HEADER_BYTES);
  return bytes;
}
