#!/bin/bash
# What a distribution adds around Firstlight, as small as a test machine can have it: networking on demand, a report
# to the host, and an end instead of a prompt when the boot stops.

check() {
    return 255
}

depends() {
    echo firstlight-first-boot systemd-networkd
}

install() {
    inst_multiple cat date getent grep ip ls mkdir sed sha256sum sort stat sync tr
    inst_script "$moddir/machine-report" /usr/libexec/machine-report
    inst_simple "$moddir/emergency.conf" "$systemdsystemunitdir/emergency.service.d/50-machine.conf"

    # The network strictly on demand: dracut's module would start it in every boot.
    rm -f "$initdir$systemdnetworkconfdir/zzzz-dracut-default.network"
    $SYSTEMCTL -q --root="$initdir" disable \
        systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service \
        systemd-network-generator.service
    inst_simple "$moddir/machine.network" /usr/lib/systemd/network/50-machine.network
    inst_script "$moddir/machine-network" /usr/libexec/machine-network
    inst_simple "$moddir/machine-network.service" "$systemdsystemunitdir/machine-network.service"
    $SYSTEMCTL -q --root="$initdir" add-requires ignition-complete.target machine-network.service

    # Every generator is a process, and a process is slow in an emulated machine. Root comes from the command line.
    rm -f "$initdir$systemdutildir"/system-generators/systemd-{debug,gpt-auto}-generator
    printf '127.0.0.1 localhost\n' > "$initdir/etc/hosts"
    : > "$initdir/etc/resolv.conf"
}

installkernel() {
    hostonly='' instmods virtio_pci virtio_blk virtio_net virtio_rng virtio_console qemu_fw_cfg ext4
}
