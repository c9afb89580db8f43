import { useEffect, useRef } from 'react';
import type { RunView } from '../../../http/api.ts';
import { useFeed } from '../api/feed.ts';
import { isOpen, standing } from '../pages/runs/run-state.ts';
import { runsText } from '../text/runs.ts';
import { announce } from './notify.tsx';

/** Tells on every page that a run has ended, or that a machine is lost in Windows Setup. */
export function RunAnnouncer() {
  const runs = useFeed()?.runs;
  const before = useRef<ReadonlyMap<string, RunView>>(new Map());
  useEffect(() => {
    if (runs === undefined) return;
    for (const run of runs) {
      const old = before.current.get(run.id);
      if (old === undefined || old === run) continue;
      if (isOpen(old) && !isOpen(run))
        announce(runsText.ended(run.deviceName, run.sequenceName, standing(run).word));
      if (old.lostInWindowsSetup === null && run.lostInWindowsSetup !== null)
        announce(runsText.lost(run.deviceName));
    }
    before.current = new Map(runs.map((run) => [run.id, run]));
  }, [runs]);
  return null;
}
