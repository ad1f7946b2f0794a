import type { Severity } from '../report.ts'
import type { Version } from '../versions.ts'

/** What can be said about a config: one row for each rule. */
interface RuleRow {
  /** Default: error. */
  readonly severity?: Severity
  /** What is wrong, for the person who wrote the config. */
  readonly message: string
  /** First version that the rule is part of. */
  readonly since?: Version
  /** Last version that the rule is part of. */
  readonly until?: Version
}

const rules = {
  'JSON-SYNTAX': { message: 'not valid JSON' },
  'JSON-TYPE': { message: 'a value of the wrong type' },
  DUP: { message: 'an earlier entry has the same identity' },
  UNUSED: { severity: 'warning', message: 'this key has no effect' },
  'CTX-MISMATCH': {
    severity: 'warning',
    message:
      'an object is needed here: it counts as empty, and positions and unused keys within are not reported',
  },

  'YAML-SYNTAX': { message: 'not valid YAML' },
  'YAML-LIMIT': { message: 'this YAML is not read' },
  'YAML-TYPE': { message: 'a value of the wrong kind' },
  'BU-VARIANT': { message: 'the variant is not known' },
  'BU-VERSION': { message: 'the version is not a known one of this variant' },
  'BU-FIELD': { message: 'this variant does not support this' },
  'BU-SOURCES': { message: 'only one of these can be given' },
  'BU-LOCAL': { message: 'the local file cannot be embedded' },
  'BU-TREE': { message: 'the local directory cannot be embedded' },
  'BU-MOUNT': { message: 'no mount unit can be made' },
  'BU-BOOT-DEVICE': { message: 'the boot device cannot be set up' },
  'BU-LAYOUT': {
    severity: 'warning',
    message: 'without a layout the partitions are those of x86_64: say it with `layout: x86_64`',
  },
  'BU-CONFIG': { message: 'the config in here is not right' },
  'BU-GRUB': { message: 'the GRUB user is not right' },
  'BU-QUADLET': { message: 'the Quadlet file is not right' },
  'BU-METADATA': { message: 'the MachineConfig is not complete' },
  'BU-NOT-HERE': {
    severity: 'warning',
    message: 'only a MachineConfig can say this: it has no effect in an Ignition config',
  },
  'BU-MODE-DECIMAL': {
    severity: 'warning',
    message: 'this mode is decimal: with a leading zero it would be octal, which looks more likely',
  },
  'BU-PARTITION': { severity: 'warning', message: 'the partition may not be what is meant' },

  'SRC-REQUIRED': { message: 'a source is needed', since: '3.1.0' },
  'URL-PARSE': { message: 'this is not a URL' },
  'URL-SCHEME': { message: 'the scheme of this URL is not supported here' },
  'URL-S3-VERSIONID': { message: 'the S3 version id is empty' },
  'URL-ARN': { message: 'the ARN must name an S3 object: arn:aws:s3:::bucket/key', since: '3.4.0' },
  'DATA-PREFIX': { message: 'a data URL must begin with a lower-case `data:`' },
  'DATA-NO-COMMA': { message: 'the data URL ends before the comma that begins its data' },
  'DATA-BAD-START': { message: 'the media type of the data URL begins with a wrong character' },
  'DATA-UNKNOWN-TYPE': {
    message:
      'the media type of the data URL must be text, image, audio, video, application, message, multipart or x-…',
  },
  'DATA-BAD-TYPE-CHAR': { message: 'the media type of the data URL has a wrong character' },
  'DATA-NO-SLASH': { message: 'the media type of the data URL has no slash' },
  'DATA-BAD-SUBTYPE-CHAR': { message: 'the media subtype of the data URL has a wrong character' },
  'DATA-INCOMPLETE-TYPE': { message: 'the data URL ends within its media type' },
  'DATA-PARAM-UNTERMINATED': { message: 'a parameter of the data URL is not complete' },
  'DATA-BAD-ATTR-CHAR': { message: 'the name of a parameter of the data URL has a wrong character' },
  'DATA-EXPECT-BASE64': { message: 'the last parameter of the data URL has no value and is not `base64`' },
  'DATA-QUOTE-UNCLOSED': { message: 'a quoted parameter of the data URL is never closed' },
  'DATA-QUOTE-ESC': {
    message: 'a backslash in a parameter of the data URL escapes a character that is not ASCII',
  },
  'DATA-BAD-PVAL-CHAR': { message: 'the value of a parameter of the data URL has a wrong character' },
  'DATA-UNQUOTE': { message: 'a quoted parameter of the data URL has a wrong escape' },
  'DATA-EXPECT-SEP': { message: 'a semicolon or comma must follow a quoted parameter of the data URL' },
  'DATA-BAD-CHAR': { message: 'the data of the data URL has a character that must be percent-encoded' },
  'DATA-PCT-SHORT': { message: 'the data URL ends within a percent escape' },
  'DATA-PCT-NONHEX': { message: 'two hexadecimal digits must follow each percent sign of the data URL' },
  'DATA-BASE64': { message: 'the base64 text of the data URL is damaged' },
  COMPRESSION: { message: 'the compression must be `gzip` or empty' },
  'HASH-NO-SOURCE': { message: 'there is a hash but no source to verify' },
  'HASH-MALFORMED': { message: 'a hash is written as function, hyphen, hexadecimal digest' },
  'HASH-FUNC': { message: 'the hash function is not known' },
  'HASH-SIZE': { message: 'the digest does not have the length of its hash function' },
  'HDR-SCHEME': { message: 'headers can only be sent for http and https', since: '3.1.0' },
  'HDR-NAME-EMPTY': { message: 'a header needs a name', since: '3.1.0' },
  'HDR-VALUE-EMPTY': { message: 'the value of a header must not be empty', since: '3.1.0' },
  'PROXY-SCHEME': { message: 'the URL of a proxy must begin with http:// or https://', since: '3.1.0' },
  'PROXY-INSECURE': {
    severity: 'warning',
    message: 'https traffic goes to this proxy over plain http',
    since: '3.1.0',
  },

  'PATH-EMPTY': { message: 'a path is needed' },
  'PATH-RELATIVE': { message: 'the path must be absolute' },
  'PATH-UNCLEAN': {
    message: 'the path must be in its simplest form: no empty, `.` or `..` parts, no slash at the end',
  },

  'FILE-UNDER-LINK': { message: 'the path of this file leads through a link of this config' },
  'DIR-UNDER-LINK': { message: 'the path of this directory leads through a link of this config' },
  'LINK-UNDER-LINK': { message: 'the path of this link leads through a link of this config' },
  'LINK-TARGET': { message: 'a link needs a target', since: '3.3.0' },
  'LINK-HARD-DIR': { message: 'a hard link cannot point to a directory' },
  'LINK-HARD-OWNER': {
    severity: 'warning',
    message: 'a hard link has the owner of its target: this has no effect',
  },
  'OWNER-BOTH': { message: 'give an id or a name, not both' },
  'MODE-RANGE': { message: 'a mode is between 0 and 4095 (07777)' },
  'MODE-SPECIAL': {
    severity: 'warning',
    message: 'setuid, setgid and sticky bits have no effect before version 3.6.0',
    until: '3.5.0',
  },
  'OVERWRITE-NO-SOURCE': { message: '`overwrite: true` needs contents with a source' },
  'SYSTEMD-PATH': { message: 'a unit or drop-in of this config is written to the same path' },

  'DEVICE-REQUIRED': { message: 'a device is needed' },
  'PART-NUMBER-DUP': { message: 'an earlier partition of the disk has the same number' },
  'PART-OVERLAP': { message: 'the partition overlaps another one of the disk' },
  'PART-LABEL-DUP': { message: 'an earlier partition of the disk has the same label' },
  'PART-ABSENT-ATTRS': { message: 'a partition that should not exist takes only a number' },
  'PART-NO-ID': { message: 'a partition needs a number of at least 1 or a label' },
  'PART-LABEL-LEN': { message: 'the label of a partition is at most 36 bytes long' },
  'PART-LABEL-COLON': { message: 'the label of a partition would be cut off at the colon' },
  'PART-GUID': { message: 'a GUID looks like 01234567-89AB-CDEF-0123-456789ABCDEF' },

  'FS-FORMAT': { message: 'the format of the filesystem is not supported' },
  'FS-FORMAT-NEEDED': {
    message: 'a format is needed with path, label, uuid, wipeFilesystem, options or mountOptions',
  },
  'FS-LABEL-NEEDS-FORMAT': { message: 'a label needs a format' },
  'FS-LABEL-EXT4': { message: 'a label of ext4 is at most 16 bytes long' },
  'FS-LABEL-BTRFS': { message: 'a label of btrfs is at most 256 bytes long' },
  'FS-LABEL-XFS': { message: 'a label of xfs is at most 12 bytes long' },
  'FS-LABEL-SWAP': { message: 'a label of swap is at most 15 bytes long' },
  'FS-LABEL-VFAT': { message: 'a label of vfat is at most 11 bytes long' },
  'FS-VFS-LABEL': { message: 'virtiofs has no label', since: '3.7.0-experimental' },
  'FS-VFS-TAG-EMPTY': { message: 'virtiofs needs its tag as the device', since: '3.7.0-experimental' },
  'FS-VFS-TAG-LEN': { message: 'a virtiofs tag is at most 36 bytes long', since: '3.7.0-experimental' },
  'FS-VFS-UUID': {
    message: 'virtiofs is not on a block device and has no uuid',
    since: '3.7.0-experimental',
  },
  'FS-VFS-WIPE': {
    message: 'virtiofs is not on a block device and cannot be wiped',
    since: '3.7.0-experimental',
  },
  'FS-VFS-OPTIONS': {
    message: 'virtiofs is not on a block device and is not made: use mountOptions',
    since: '3.7.0-experimental',
  },
  'FS-OVER-PARTITIONS': {
    severity: 'warning',
    message: 'the filesystem goes over a disk that this config gives partitions',
  },
  'FS-IMPLICIT-WIPE': {
    severity: 'warning',
    message: 'wipeTable of the disk wipes this filesystem although wipeFilesystem is not set',
  },

  'RAID-LEVEL-REQUIRED': { message: 'a RAID array needs a level', since: '3.3.0' },
  'RAID-LEVEL': {
    message: 'the RAID level is not known: use linear, raid0, raid1, raid4, raid5, raid6 or raid10',
  },
  'RAID-SPARES': { message: 'linear and raid0 arrays cannot have spares' },
  'RAID-DEVICES': { message: 'a RAID array needs devices' },

  'LUKS-NAME-SLASH': { message: 'the name of a device cannot contain a slash', since: '3.2.0' },
  'LUKS-LABEL-LEN': { message: 'the label of a LUKS volume is at most 47 bytes long', since: '3.2.0' },
  'LUKS-KEYFILE': { message: 'the source of the key file is not right', since: '3.2.0' },
  'CLEVIS-CUSTOM-EXCL': {
    message: 'custom cannot be used together with tang, tpm2 or threshold',
    since: '3.2.0',
  },
  'CLEVIS-PIN-REQUIRED': { message: 'a custom clevis configuration needs a pin', since: '3.3.0' },
  'CLEVIS-PIN-UNKNOWN': {
    message: 'the clevis pin must be tpm2, tang or sss before version 3.6.0',
    since: '3.2.0',
    until: '3.5.0',
  },
  'CLEVIS-CONFIG-REQUIRED': { message: 'a custom clevis pin needs a config', since: '3.2.0' },
  'TANG-THUMBPRINT': { message: 'a tang server needs its thumbprint', since: '3.2.0' },
  'TANG-ADVERTISEMENT': {
    message: 'the advertisement of a tang server must be one JSON value',
    since: '3.4.0',
  },
  'CEX-CLEVIS': { message: 'cex cannot be used together with clevis', since: '3.5.0' },
  'CEX-KEYFILE': { message: 'cex cannot be used together with a key file', since: '3.5.0' },

  'UNIT-EXT': {
    message:
      'the name of a unit ends in .service, .socket, .device, .mount, .automount, .swap, .target, .path, .timer, ' +
      '.snapshot, .slice or .scope',
  },
  'DROPIN-EXT': { message: 'the name of a drop-in ends in .conf' },
  'UNIT-SECTION-END': { message: 'invalid unit content: a section header is never closed' },
  'UNIT-SECTION-GARBAGE': { message: 'invalid unit content: there is text behind a section header' },
  'UNIT-OPTION-EOF': { message: 'invalid unit content: the last line is an option without an equals sign' },
  'UNIT-OPTION-NEWLINE': { message: 'invalid unit content: a line is an option without an equals sign' },
  'UNIT-LINE-LONG': {
    message: 'invalid unit content: a line is longer than the 2048 bytes that systemd reads',
  },
  'UNIT-NO-INSTALL': {
    severity: 'warning',
    message: 'the unit is enabled but has no [Install] options: enabling it does nothing',
  },
  'UNIT-TEMPLATE-NO-INSTALL': {
    severity: 'warning',
    message: 'the unit is enabled but its template has no [Install] options: enabling it does nothing',
  },
} as const satisfies Record<string, RuleRow>

/** Id of a rule. */
export type RuleId = keyof typeof rules

/** Every rule by its id. `docs/spec/rules.md` is generated from this table. */
export const catalogue: Readonly<Record<RuleId, RuleRow>> = rules
