# SPDX-License-Identifier: GPL-2.0
# A sos plugin that collects the driver's files and the output of sdei-nmi report. It only reads, and requests no backtrace.

from sos.report.plugins import Plugin, DebianPlugin, RedHatPlugin, UbuntuPlugin


class SdeiNmi(Plugin, DebianPlugin, RedHatPlugin, UbuntuPlugin):

    short_desc = 'SDEI-based NMI service for arm64'
    plugin_name = 'sdei_nmi'
    profiles = ('system', 'hardware', 'kernel')
    packages = ('sdei-nmi-dkms', 'sdei-nmi-tools')
    kernel_mods = ('sdei_nmi',)

    def setup(self):
        self.add_copy_spec([
            '/sys/module/sdei_nmi',
            '/sys/kernel/sdei_nmi',
            '/sys/kernel/debug/sdei_nmi/irqs_off',
            '/etc/modules-load.d/sdei-nmi.conf',
            '/etc/modprobe.d/sdei-nmi.conf',
        ])
        self.add_cmd_output([
            'modinfo sdei_nmi',
            'dkms status sdei-nmi',
            'sdei-nmi report',
        ])
