import { describe, expect, it } from 'vitest';
import { driveLetterEdits, serviceEdits } from './service.ts';

describe('M53 changes of the SYSTEM hive', () => {
  it('makes a service that starts by itself as Local System, anew', () => {
    const [first, ...rest] = serviceEdits();
    const key = 'CurrentControlSet\\Services\\MetalwrightAgent';
    expect(first).toEqual({ kind: 'delete-key', key });
    const values = rest.map((edit) =>
      edit.kind === 'set' && edit.key === key ? [edit.name, edit.value.data] : [],
    );
    expect(Object.fromEntries(values)).toMatchObject({
      Type: 0x10,
      Start: 2,
      ImagePath: '"%SystemRoot%\\Metalwright\\metalwright-service.exe"',
      ObjectName: 'LocalSystem',
    });
  });

  it('gives the volume of Windows the letter C:, known by the GUID of its partition', () => {
    const [forget, letter] = driveLetterEdits('gpt:01020304-0506-0708-090a-0b0c0d0e0f10');
    expect(forget).toEqual({ kind: 'delete-key', key: 'MountedDevices' });
    const data = letter?.kind === 'set' ? letter.value.data : undefined;
    expect(letter).toMatchObject({ name: '\\DosDevices\\C:' });
    expect(Buffer.from(data instanceof Uint8Array ? data : []).toString('hex')).toBe(
      `${Buffer.from('DMIO:ID:').toString('hex')}0403020106050807090a0b0c0d0e0f10`,
    );
  });

  it('only forgets the letters where the volume is not known by a GUID', () => {
    expect(driveLetterEdits('mbr:0102abcd-2')).toEqual([
      { kind: 'delete-key', key: 'MountedDevices' },
    ]);
  });
});
