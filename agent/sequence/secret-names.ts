/** Variables that hold a secret whoever sets them: the secret properties of the built-in steps. */
const secretNames: ReadonlySet<string> = new Set(
  [
    'OSDBitLockerPIN',
    'OSDBitLockerRecoveryPassword',
    'OSDBitLockerStartupKey',
    'OSDCaptureAccountPassword',
    'OSDJoinPassword',
    'OSDLocalAdminPassword',
    'OSDMigrateLocalAccountPassword',
    'OSDProductKey',
    'SMSConnectNetworkFolderPassword',
    'SMSTSRunCommandLineUserPassword',
    'SMSTSRunPowerShellUserPassword',
  ].map((name) => name.toLowerCase()),
);

/** Whether a variable of that name is never printed, whether it was marked as secret or not. */
export function isSecretName(name: string): boolean {
  return secretNames.has(name.trim().toLowerCase());
}
