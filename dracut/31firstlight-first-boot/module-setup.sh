#!/bin/bash
# dracut module, optional: Firstlight removes the first-boot flag from the boot partition itself.
# For distributions that have no unit of their own for it.

check() {
    return 255
}

depends() {
    echo firstlight
}

install() {
    # The generator of the module firstlight links the unit into a first boot when it finds it here.
    inst_simple "$moddir/firstlight-first-boot-complete.service" \
        "$systemdsystemunitdir/firstlight-first-boot-complete.service"
    inst_script "$moddir/firstlight-first-boot-complete" /usr/libexec/firstlight-first-boot-complete
    inst_multiple mkdir mount rm rmdir sync systemctl udevadm umount
    inst_multiple -o /etc/firstlight/first-boot.env
}
