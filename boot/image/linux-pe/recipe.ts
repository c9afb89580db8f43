/** Debian release that Linux PE is made of. */
export const SUITE = 'bookworm';

/**
 * Debian release of the GRUB that machines boot from the network. Below 2.12 it asks the foreign DHCP
 * server for its files instead of the proxyDHCP server: boot/README.md.
 */
export const NETWORK_GRUB_SUITE = 'trixie';

/** Meta package that names the newest kernel whose modules and image Debian signed for Secure Boot. */
export const KERNEL_META_PACKAGE = 'linux-image-amd64';

/** Packages of Linux PE's user space, with all that they depend on. */
export const toolPackages: readonly string[] = [
  'bash',
  'busybox',
  'coreutils',
  'curl',
  'dmidecode',
  'dmsetup',
  'dosfstools',
  'e2fsprogs',
  'efibootmgr',
  'ethtool',
  'fdisk',
  'fuse3',
  'gdisk',
  'grep',
  'gzip',
  'iproute2',
  'kmod',
  'libatomic1', // the agent's Node needs it
  'libc-bin',
  'libhivex-bin', // hivexsh: the registry of a Windows that does not run
  'libnbd-bin',
  'mount',
  'ntfs-3g',
  'sed',
  'signify-openbsd',
  'tar',
  'util-linux',
  'util-linux-extra',
  'wimtools',
  'zstd',
];

/** Of these the files alone: what they depend on beside it is for programs that are pruned. */
export const lonePackages: readonly string[] = [
  'cifs-utils', // mount.cifs: shares, also those that content comes from
];

/** What `toolPackages` depend on only to be installed, configured or logged in to. */
export const unneededPackages: readonly string[] = [
  'adduser',
  'debconf',
  'debianutils',
  'dpkg',
  'gcc-12-base',
  'libaudit-common',
  'libdb5.3',
  'libpam-modules',
  'libpam-modules-bin',
  'libsasl2-modules-db',
  'libsemanage-common',
  'libsemanage2',
  'libsepol2',
  'libtirpc-common',
  'logsave',
  'passwd',
  'readline-common',
];

/** Loaders that are served, and that the agent puts on the disks of machines it deploys. */
export const loaderPackages: readonly string[] = [
  'grub-efi-amd64-signed',
  'shim-helpers-amd64-signed',
  'shim-signed',
  'systemd-boot-efi',
];

/** What makes the loaders of media for BIOS machines, with all that it needs to run while they are made. */
export const mediaLoaderPackages: readonly string[] = ['grub-common', 'grub-pc-bin'];

/** Firmware of network and storage adapters; graphics, sound and wireless are left out. */
export const firmwarePackages: readonly string[] = [
  'firmware-bnx2',
  'firmware-bnx2x',
  'firmware-cavium',
  'firmware-linux-free',
  'firmware-misc-nonfree',
  'firmware-myricom',
  'firmware-netronome',
  'firmware-netxen',
  'firmware-qlogic',
  'firmware-realtek',
];

/** Files of the packages that no deployment reads. */
export const prunedPaths: readonly RegExp[] = [
  /^usr\/share\/(bash-completion|bug|debianutils|doc|doc-base|fish|info|initramfs-tools|keyrings|lintian|locale|man|menu|pam.*|perl5|pixmaps|polkit-1|zsh)\//,
  /^usr\/lib\/(apt|dpkg|init|initramfs-tools|systemd\/system|tmpfiles.d|udev)\//,
  /^usr\/sbin\/(arpd|rtacct|vipw|vigr)$/,
  // Of cifs-utils all but mount.cifs.
  /^usr\/(s?bin\/(cifs\.|cifscreds$|smb|[gs]etcifsacl$)|include\/)/,
  /^usr\/lib\/x86_64-linux-gnu\/(cifs-utils|security)\//,
  /^etc\/request-key\.d\//,
  /^usr\/lib\/grub\/x86_64-efi-signed\/(gcd|grubnet)/,
  /^usr\/lib\/locale\/(?!C\.utf8\/)/,
  /^usr\/lib\/x86_64-linux-gnu\/gconv\/(?!gconv-modules|IBM437\.so|IBM850\.so|UTF-16\.so|UNICODE\.so|ISO8859-1\.so)/,
  /^usr\/share\/(terminfo|icu)\//,
  /^usr\/lib\/x86_64-linux-gnu\/libicu(i18n|io|test|tu)\.so/,
  /^(boot|var)\//,
  /^etc\/(cron|init|logrotate|pam|systemd|default|profile|skel|update-motd|apt|dpkg)/,
];

/**
 * Kernel modules of the loader, below `kernel/`: all Ethernet adapters, the buses they sit on, and
 * what mounts the rest. What these depend on comes along.
 */
export const loaderModules: readonly RegExp[] = [
  /^drivers\/net\/(ethernet|phy|mdio|pcs|usb|vmxnet3|hyperv|fjes)\//,
  /^drivers\/net\/(virtio_net|xen-netfront|mii)\.ko$/,
  /^drivers\/(virtio|hv)\//,
  /^drivers\/pci\/controller\//,
  /^drivers\/usb\/(host|core|common)\//,
  /^drivers\/block\/loop\.ko$/,
  /^fs\/(squashfs|overlayfs)\//,
];

/** Switch chips and simulators: in Ethernet's folders, but in no machine that is deployed. */
export const uselessModules: readonly RegExp[] = [
  /\/mellanox\/mlxsw\//,
  /\/(netdevsim|ixgbevf_test)\//,
  /\/drivers\/net\/ethernet\/.*_cs\.ko$/,
  /\/usb\/(gadget|usbip|serial|misc|atm|image|c67x00|isp1760)\//,
  /\/drivers\/net\/usb\/(hso|qmi_wwan|sierra_net|cdc-phonet|huawei_cdc_ncm|cdc_mbim)\.ko$/,
];

/** Kernel modules of the rest, besides those of the loader. */
export const restModules: readonly RegExp[] = [
  /^drivers\/(ata|block|cdrom|dax|firmware|hid|input|md|message|mfd|mmc|nvdimm|nvme|scsi|tee|thunderbolt|ufs|usb\/storage|vmw|xen)/,
  /^drivers\/char\/(hw_random|ipmi|tpm|virtio_console)/,
  /^drivers\/(i2c|pinctrl|gpio|spi|mtd)\/.*(intel|designware|lpss|amd|pch|i801)/,
  /^drivers\/(acpi|hwmon\/(coretemp|k10temp)|pci|platform\/x86\/intel|dca|rtc|watchdog\/(iTCO|sp5100))/,
  /^drivers\/net\/(bonding|macvlan|team|tun)/,
  /^fs\/(btrfs|cifs|smb\/(client|common)|smbfs_common|dlm|efivarfs|exfat|ext4|f2fs|fat|fuse|isofs|jbd2|jfs|nls|ntfs|overlayfs|pstore|reiserfs|udf|xfs|mbcache|hfsplus|netfs)/,
  /^(arch|crypto|lib|block|mm)\//,
  /^net\/(8021q|802|llc|packet|dns_resolver|tls|vmw_vsock)\//,
];

/**
 * Firmware that waits for the rest although adapters want it: the loader travels over TFTP to every
 * machine, also to those that have other adapters. Machines that have only such a one cannot start from
 * it: Myricom 10G, Brocade BNA, QLogic NetXen, Cavium LiquidIO and Netronome, all long out of sale.
 */
export const firmwareOutsideLoader: readonly RegExp[] = [
  /\/myri10ge_/,
  /\/ct2?fw-/,
  /\/phanfw\.bin$/,
  /\/liquidio\//,
  /\/netronome\//,
];
