/** The properties that MDT's rules know without being told of them, as MDT's documentation lists them. */

/** The last value wins. */
const overwritten = `
DeployRoot ResourceRoot DeployDrive ResourceDrive DeploymentMethod DeploymentType Phase DestinationDisk
DestinationPartition DestinationOSInstallType DestinationOSVariable`;

/** The first value wins. In the order in which a section is read: a value sees those before it. */
const plain = `
UserID UserDomain UserPassword UDShare UDDir UDProfiles SLShare SLShareDynamicLogging EventShare
EventService OSInstall ComputerName OSDComputerName Home_Page JoinDomain JoinWorkgroup DomainAdmin
DomainAdminDomain DomainAdminPassword MachineObjectOU OSDINSTALLSILENT OSDINSTALLPACKAGE
OSDINSTALLPROGRAM OSDNEWMACHINENAME ScanStateArgs OSDMigrateAdditionalCaptureOptions LoadStateArgs
OSDMigrateAdditionalRestoreOptions ComputerBackupLocation BackupShare BackupDir BackupDrive
SkipAppsOnUpgrade UserDataLocation DoCapture ProductKey OverrideProductKey WDSServer CaptureGroups AdminPassword OrgName
FullName TimeZone TimeZoneName TaskSequenceID BuildID KeyboardLocale KeyboardLocalePE InputLocale
SystemLocale UserLocale UILanguage Xresolution Yresolution BitsPerPel Vrefresh AreaCode CountryCode
LongDistanceAccess Dialing OSDBitLockerMode BdeInstallSuppress BdeInstall OSDBitLockerTargetDrive
OSDBitLockerStartupKeyDrive BdeKeyLocation OSDBitLockerCreateRecoveryPassword BdeRecoveryKey
OSDBitLockerWaitForEncryption BdeWaitForEncryption BdeDriveLetter BdeDriveSize BdePin
BdeDisablePreProvisioning BdeAllowAlphaNumericPin BDEPinMinLength TpmOwnerPassword
OSDBitLockerRecoveryPassword OSDBitLockerStartupKey OSDMP OSDSITECODE ServerA ServerB ServerC
USMTConfigFile WipeDisk _SMSTSORGNAME WsusServer USMT3 USMT4 DriverSelectionProfile
PackageSelectionProfile WizardSelectionProfile CustomDriverSelectionProfile
CustomPackageSelectionProfile CustomWizardSelectionProfile SkipGroupSubFolders
SysPrepDriverSelectionProfile AutoMode AutoUsers ApplicationSuccessCodes BackupFile
DoNotCreateExtraPartition OSDDiskpartBiosCompatibilityMode ForceApplyFallback OSDDiskAlign FinishAction
SMSTSRunCommandLineUserName SMSTSRunCommandLineUserPassword SMSTSPreferredAdvertID SMSTSUDAUsers
SMSTSAssignUsersMode OSDStateStorePath _SMSTSPackageName HideShell DisableTaskMgr PrepareWinRE
ApplyGPOPack GPOPackPath ValidateDomainCredentialsUNC VSSMaxSize SkipRearm WindowsSource
DoNotFormatAndPartition USMTOfflineMigration SkipWizard SkipCapture SkipAdminPassword SkipApplications
SkipComputerBackup SkipDomainMembership SkipComputerName SkipDeploymentType SkipUserData
SkipPackageDisplay SkipLocaleSelection SkipProductKey SkipSummary SkipFinalSummary SkipBDDWelcome
SkipTimeZone SkipTaskSequence SkipBuild SkipBitLocker SkipBitLockerDetails SkipAdminAccounts SkipRoles
OSDDomainName OSDDomainOUName OSDWorkgroupName OSDJoinAccount OSDJoinPassword OSDLocalAdminPassword
OSDAddAdmin OSDTimeZone OSDArchitecture OSDImageIndex OSDTargetDrive OSDWinPEWinDir OSDDiskPart
OSDApplicationList UDILocale OSDAdapterCount {adapters} OSDDiskIndex OSDPartitions {partitions} OSRoles
OSRoleServices OSFeatures UninstallOSRoles UninstallOSRoleServices UninstallOSFeatures OptionalOSRoles
OptionalOSRoleServices OptionalOSFeatures ReplicaOrNewDomain NewDomain NewDomainDNSName
ParentDomainDNSName ReplicaDomainDNSName ChildName DomainNetBiosName ForestLevel DomainLevel
AutoConfigDNS ConfirmGC CriticalReplicationOnly ADDSUserName ADDSUserDomain ADDSPassword
ReplicationSourceDC DatabasePath ADDSLogPath SysVolPath SafeModeAdminPassword SiteName
DHCPServerOptionRouter DHCPServerOptionDNSServer DHCPServerOptionWINSServer
DHCPServerOptionDNSDomainName DHCPServerOptionNBTNodeType DHCPServerOptionPXEClient DHCPScopes {scopes}
DNSZones {zones} DNSServerOptionDisableRecursion DNSServerOptionBINDSecondaries
DNSServerOptionFailOnLoad DNSServerOptionEnableRoundRobin DNSServerOptionEnableNetmaskOrdering
DNSServerOptionEnableSecureCache DNSServerOptionNameCheckFlag WINSPartners {partners}
OSDInstallEditionIndex ConfigFileName OSDAnswerFilePath OSDImageCreator OSDInstallType
OSDTargetSystemDrive OSDTargetSystemRoot OSDisk OSVersionNumber OSArchitecture ImagePackageID
InstallPackageID OSDImagePackageID ConfigFilePackage`;

/** Members of arrays, by their base and count. */
const arrays: readonly (readonly [mark: string, base: string, count: number, fields: string])[] = [
  [
    'adapters',
    'OSDAdapter',
    8,
    `Name MacAddress EnableDHCP IPAddressList SubnetMask Gateways GatewayCostMetric DNSServerList DNSSuffix
     EnableDNSRegistration EnableFullDNSRegistration EnableLMHOSTS EnableWINS TcpipNetbiosOptions
     WINSServerList EnableTCPIPFiltering TCPFilterPortList UDPFilterPortList IPProtocolFilterList`,
  ],
  [
    'partitions',
    'OSDPartitions',
    2,
    'Type FileSystem Bootable QuickFormat VolumeName Size SizeUnits VolumeLetterVariable',
  ],
  [
    'scopes',
    'DHCPScopes',
    1,
    `SubnetMask IP Name Description StartIP EndIP ExcludeStartIP ExcludeEndIP OptionRouter OptionDNSServer
     OptionWINSServer OptionDNSDomainName OptionNBTNodeType OptionLease OptionPXEClient`,
  ],
  ['zones', 'DNSZones', 1, 'Name Type MasterIP DirectoryPartition FileName Scavenge Update'],
  ['partners', 'WINSPartners', 1, 'Name Type IP'],
];

/** All values are kept, each once: `Applications001`, `Applications002`. */
const lists = `
Packages Applications MandatoryApplications Administrators PowerUsers DriverPaths DriverGroup
StorageDriverGroup StorageDriverSysPrepGroup DomainOUs USMTMigFiles Groups LanguagePacks PackageGroup Role
Location WUMU_ExcludeKB WUMU_ExcludeID`;

/** What MDT's gathering finds of the machine: rules may ask for it. */
const gathered = `
AssetTag SerialNumber Make Model Product UUID Memory Architecture ProcessorSpeed CapableArchitecture
IsLaptop IsDesktop IsServer IsUEFI IsOnBattery SupportsX86 SupportsX64 SupportsSLAT OSVersion
OSCurrentVersion OSCurrentBuild IsServerOS IsServerCoreOS HALName HostName SMSDP OSSKU IsVM VMPlatform
VMHost VMName IsHypervisorRunning SupportsVT SupportsNX Supports64Bit SupportsHyperVRole
OriginalArchitecture IsBDE`;

/** Lists that gathering makes. */
const gatheredLists = ['IPAddress', 'MacAddress', 'DefaultGateway'];

export interface Property {
  readonly name: string;
  readonly isList: boolean;
  /** The last value wins, not the first. */
  readonly isOverwritten: boolean;
}

const words = (text: string): string[] => text.trim().split(/\s+/);

function members(word: string): string[] {
  const array = arrays.find(([mark]) => word === `{${mark}}`);
  if (array === undefined) return [word];
  const [, base, count, fields] = array;
  return Array.from({ length: count }).flatMap((_, index) =>
    words(fields).map((field) => `${base}${index}${field}`),
  );
}

/** The properties that a section may set, in the order in which MDT reads them. */
export const standardProperties: readonly Property[] = [
  ...words(overwritten).map((name) => ({ name, isList: false, isOverwritten: true })),
  ...words(plain)
    .flatMap(members)
    .map((name) => ({ name, isList: false, isOverwritten: false })),
  ...words(lists).map((name) => ({ name, isList: true, isOverwritten: false })),
];

/** Names of what was gathered, in lower case: a `Priority` may name them. */
export const gatheredNames: ReadonlySet<string> = new Set(
  words(gathered).map((name) => name.toLowerCase()),
);
export const gatheredListNames: ReadonlySet<string> = new Set(
  gatheredLists.map((name) => name.toLowerCase()),
);
