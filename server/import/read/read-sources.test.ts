import { describe, expect, it } from 'vitest';
import { readSources } from './read-sources.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('M24 readSources', () => {
  it('reads a bare sequence, named by its file', async () => {
    const text =
      '<sequence version="3.10"><step name="Restart" type="SMS_TaskSequence_RebootAction"><action>smsboot.exe /target:HD</action></step></sequence>';
    const { sequences } = await readSources({ name: 'Test_of+it.xml', bytes: bytes(text) });
    expect(sequences).toMatchObject([
      { name: 'Test of it', format: 'configmgr', nodes: [{ kind: 'step', name: 'Restart' }] },
    ]);
  });
});
