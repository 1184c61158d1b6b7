# SPDX-License-Identifier: GPL-2.0
# A plugin of sos: what the driver knows of itself, and the tool's report. It reads only; no backtrace is asked for.

from sos.report.plugins import Plugin, DebianPlugin, RedHatPlugin, UbuntuPlugin


class SdeiNmi(Plugin, DebianPlugin, RedHatPlugin, UbuntuPlugin):

    short_desc = 'SDEI-based NMI service of arm64'
    plugin_name = 'sdei_nmi'
    profiles = ('system', 'hardware', 'kernel')
    packages = ('sdei-nmi-dkms', 'sdei-nmi-tools')
    kernel_mods = ('sdei_nmi',)

    def setup(self):
        self.add_copy_spec([
            '/sys/module/sdei_nmi',
            '/sys/kernel/sdei_nmi',
            '/etc/modules-load.d/sdei-nmi.conf',
            '/etc/modprobe.d/sdei-nmi.conf',
        ])
        self.add_cmd_output([
            'modinfo sdei_nmi',
            'dkms status sdei-nmi',
            'sdei-nmi report',
        ])
