import type { Device } from './device.ts';
import { type DeviceScope, fitsScope } from './device-scope.ts';

/** Lets unknown machines in before they come: those of a scope, until a time, so many of them. */
export interface StandingApproval {
  readonly id: string;
  /** Who made it. */
  readonly who: string;
  readonly createdMs: number;
  readonly endsMs: number;
  /** When an operator ended it early. */
  readonly endedMs: number | null;
  readonly scope: DeviceScope;
  /** So many machines at most, and how many it has approved. */
  readonly most: number;
  readonly used: number;
}

/** Whether it lets anyone in now. */
export function isOpenApproval(approval: StandingApproval, nowMs: number): boolean {
  return approval.endedMs === null && nowMs < approval.endsMs && approval.used < approval.most;
}

/** The approval that lets this machine in now; undefined when it has to wait for a person. */
export function standingApprovalFor(
  device: Device,
  approvals: readonly StandingApproval[],
  nowMs: number,
): StandingApproval | undefined {
  if (device.state !== 'waiting') return undefined;
  return approvals.find(
    (approval) => isOpenApproval(approval, nowMs) && fitsScope(approval.scope, device),
  );
}
