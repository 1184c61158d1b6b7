# SPDX-License-Identifier: GPL-2.0
# Differences between kernels that the preprocessor cannot test. This file looks each one up in the kernel's headers, for all modules
# of this project. A Kbuild file that includes this file adds $(probed) to its flags; compat.h uses the macros.

# says HEADER WORD: y if the kernel's header has the word.
says = $(shell grep -qsw $(2) $(srctree)/$(1) && echo y)

# Two lookups with known answers guard the lookup itself.
$(if $(call says,include/linux/kernel.h,printk),,$(error the kernel's headers at $(srctree) cannot be searched))
$(if $(call says,include/linux/kernel.h,no_kernel_says_this),$(error a search of the kernel's headers finds a word that is not there))

probed := $(if $(call says,arch/arm64/include/asm/ptrace.h,pmr_save),-DSDEI_NMI_PMR_SAVE)
probed += $(if $(call says,include/linux/hrtimer.h,hrtimer_setup),-DSDEI_NMI_HRTIMER_SETUP)
probed += $(if $(call says,arch/arm64/include/asm/stacktrace/frame.h,FRAME_META_TYPE_NONE),-DSDEI_NMI_FRAME_META)
probed += $(if $(shell grep -qs 'struct kobject [*], const struct bin_attribute [*]' $(srctree)/include/linux/sysfs.h && echo y),-DSDEI_NMI_CONST_BIN_ATTRIBUTE)
probed += $(if $(call says,include/linux/perf_event.h,dyn_size),-DSDEI_NMI_SAMPLE_SIZE)
probed += $(if $(call says,include/linux/smp.h,panic_smp_redirect_cpu),-DSDEI_NMI_PANIC_REDIRECT)
probed += -DSDEI_NMI_HAS_preempt_model_str=$(if $(call says,include/linux/preempt.h,preempt_model_str),1,0)

# dkms.conf names the kernels that the modules are not for. A DKMS that does not know BUILD_EXCLUSIVE_CONFIG builds all the same, so
# fail with the reason. In other builds the options are the caller's business. The kernel's make clean does not know the options.
ifdef KBUILD_EXTMOD
ifdef CONFIG_ARM64
$(if $(filter 2 3 4 5 6.0,$(VERSION) $(VERSION).$(PATCHLEVEL)),$(error sdei-nmi: Linux $(VERSION).$(PATCHLEVEL) is too old; the module needs Linux 6.1 or newer))
ifneq ($(wildcard $(src)/VERSION),)
options := $(shell sed -n 's/^BUILD_EXCLUSIVE_CONFIG="\(.*\)"$$/\1/p' $(src)/dkms.conf)
$(if $(options),,$(error sdei-nmi: there is no BUILD_EXCLUSIVE_CONFIG in $(src)/dkms.conf))
$(foreach option,$(filter-out !%,$(options)),$(if $($(option)),,$(error sdei-nmi: this kernel has no $(option), which the module needs)))
$(foreach option,$(patsubst !%,%,$(filter !%,$(options))),$(if $($(option)),$(error sdei-nmi: this kernel has $(option), its own driver for event 0 of SDEI)))
endif
endif
endif
