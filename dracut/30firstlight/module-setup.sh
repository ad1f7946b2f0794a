#!/bin/bash
# dracut module: Firstlight, its units and the programs it starts.
# Where the executable comes from: the variable firstlight_executable (dracut.conf.d or environment), else the
# file `firstlight` beside this script, else /usr/bin/firstlight of the system being imaged.
# With firstlight_device= the executable stays out of the image. It is then read from that device, from a filesystem of
# the type firstlight_filesystem=, at the path firstlight_path= on it (docs/distributor-notes.md).

check() {
    # Only where it is asked for: an initramfs that can reformat disks must be a decision.
    return 255
}

depends() {
    local wanted="systemd systemd-initrd qemu"
    # dracut 100 and later keep emergency.service in a module of its own. Without it nothing stops a failed boot.
    compgen -G "${dracutbasedir-}/modules.d/[0-9][0-9]systemd-emergency" > /dev/null && wanted+=" systemd-emergency"
    echo "$wanted"
}

firstlight_source() {
    local candidate
    for candidate in "${firstlight_executable-}" "$moddir/firstlight" "${dracutsysrootdir-}/usr/bin/firstlight"; do
        [[ -n $candidate && -x $candidate ]] && echo "$candidate" && return 0
    done
    return 1
}

# install_unit UNIT [TARGET [KIND]]: and pulls it into the requires, or KIND, of TARGET
install_unit() {
    local unit=$1 target=${2-} kind=${3-requires}
    inst_simple "$moddir/$unit" "$systemdsystemunitdir/$unit"
    [[ -n $target ]] || return 0
    mkdir -p "$initdir$systemdsystemunitdir/$target.$kind"
    ln -sf "../$unit" "$initdir$systemdsystemunitdir/$target.$kind/$unit"
}

# The units that start the program.
program_units="firstlight-warm ignition-fetch-offline ignition-fetch ignition-kargs ignition-disks ignition-mount ignition-files"
program_place=/run/firstlight/program

# One copy: it is most of the image. The names decide which command it is.
install_program() {
    local source=$1
    ln -sf ignition "$initdir/usr/bin/firstlight"
    if [[ -z ${firstlight_device-} ]]; then
        inst_binary "$source" /usr/bin/ignition
        return
    fi
    if [[ $firstlight_device != /dev/* || ${firstlight_path-} != /* || -z ${firstlight_filesystem-} ]]; then
        dfatal "firstlight: firstlight_device=$firstlight_device needs to begin with /dev/, and needs firstlight_path=/..." \
            "and firstlight_filesystem=TYPE beside it"
        exit 1
    fi
    # What it is linked to still has to be there.
    inst_multiple $(ldd "$source" | sed -n 's/^.* => \(\/[^ ]*\) .*/\1/p')
    ln -sf "$program_place$firstlight_path" "$initdir/usr/bin/ignition"
    install_program_mount
}

# The filesystem with the program, mounted while stages run, and the units that need it.
install_program_mount() {
    local unit units=$initdir$systemdsystemunitdir
    mkdir -p "$units"
    cat > "$units/run-firstlight-program.mount" << UNIT
# Made with the initramfs, by firstlight_device= in dracut's configuration.
[Unit]
Description=Firstlight: the filesystem that holds the program
DefaultDependencies=no
ConditionPathExists=/etc/initrd-release
# /run goes over into the real root, and this must not go along.
Before=initrd-switch-root.target
Conflicts=initrd-switch-root.target umount.target

[Mount]
What=$firstlight_device
Where=$program_place
Type=$firstlight_filesystem
Options=ro,nodev,nosuid
UNIT
    for unit in $program_units; do
        mkdir -p "$units/$unit.service.d"
        printf '[Unit]\nRequires=run-firstlight-program.mount\nAfter=run-firstlight-program.mount\n' \
            > "$units/$unit.service.d/10-program.conf"
    done
}

install_programs() {
    # Without these no stage can work.
    inst_multiple cat journalctl lsblk modprobe mount rm sync systemctl udevadm umount
    # Used when a config asks for what they do. A missing one fails that config, by name, in preflight.
    inst_multiple -o \
        blkid chroot cryptsetup dmsetup groupadd groupdel groupmod losetup mdadm mkfs.btrfs mkfs.ext4 mkfs.fat \
        mkfs.xfs mkswap mountpoint partx setfiles sgdisk useradd userdel usermod wipefs
    inst_multiple -o \
        clevis clevis-encrypt-sss clevis-encrypt-tang clevis-encrypt-tpm2 clevis-luks-bind \
        clevis-luks-common-functions clevis-luks-unlock pwmake tpm2_create tpm2_createpolicy
    # The trust store, where distributions keep it, for https sources.
    inst_multiple -o /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem
    # Loaded by name at run time, so dracut cannot see it in the executable.
    inst_libdir_file "libblkid.so.1*"
}

install_s390x() {
    inst_multiple chccwdev cio_ignore vmur zkey zkey-cryptsetup
    inst_simple "$moddir/cex-placeholder.key" /etc/luks/cex.key
}

install() {
    local source missing unit
    # Both end dracut: it goes on when a module merely fails, and an image without the program would look finished.
    if ! source=$(firstlight_source); then
        dfatal "firstlight: no executable: set firstlight_executable=, or put it at $moddir/firstlight"
        exit 1
    fi
    missing=$(ldd "$source" 2> /dev/null | sed -n 's/^[[:space:]]*\(.*\) => not found.*/\1/p')
    if [[ -n $missing ]]; then
        dfatal "firstlight: $source needs libraries that are not installed:" $missing
        exit 1
    fi
    install_program "$source"
    install_programs
    [[ ${DRACUT_ARCH:-$(uname -m)} == s390x ]] && install_s390x

    # A distribution with its own helper installs it first; a file that is there stays.
    [[ -e $initdir/usr/sbin/ignition-kargs-helper ]] ||
        inst_script "$moddir/ignition-kargs-helper" /usr/sbin/ignition-kargs-helper
    inst_script "$moddir/ignition-generator" "$systemdutildir/system-generators/ignition-generator"
    inst_script "$moddir/firstlight-failure" /usr/libexec/firstlight-failure
    inst_script "$moddir/firstlight-stage" /usr/libexec/firstlight-stage

    for unit in complete subsequent diskful diskful-subsequent; do
        install_unit "ignition-$unit.target"
    done
    for unit in fetch-offline fetch kargs disks mount files; do
        install_unit "ignition-$unit.service" ignition-complete.target
    done
    install_unit ignition-remount-sysroot.service ignition-diskful.target
    install_unit firstlight-failure.service
    # Wanted, not required: a boot must not fail for what only makes it quicker.
    install_unit firstlight-warm.service ignition-complete.target wants

    inst_simple "$moddir/99-zz-firstlight-crypt-ready.rules" /usr/lib/udev/rules.d/99-zz-firstlight-crypt-ready.rules
    # Gives optical discs their labels: a config drive is found by one.
    inst_rules 60-cdrom_id.rules
    # Where the outcome report goes, as whoever makes the image wants it.
    inst_multiple -o "/usr/lib/firstlight/report.d/*.conf" "/etc/firstlight/report.d/*.conf"
    inst_simple "$moddir/pwquality.conf" /etc/security/pwquality.conf.d/firstlight.conf
}

installkernel() {
    hostonly='' instmods -o hv_utils vboxguest vsock vmw_vsock_virtio_transport_common vmw_vsock_virtio_transport
    # A port that the outcome report goes to.
    hostonly='' instmods -o virtio_console
    # Filesystems of config drives, and what FAT needs for its names.
    hostonly='' instmods -o isofs udf vfat nls_ascii nls_cp437 nls_iso8859-1 loop
    [[ -z ${firstlight_filesystem-} ]] || hostonly='' instmods -o "$firstlight_filesystem"
    case "${DRACUT_ARCH:-$(uname -m)}" in
        s390x) instmods zcrypt_cex4 pkey_cca ;;
        aarch64) hostonly='' instmods -o mlxbf_bootctl ;;
    esac
}
