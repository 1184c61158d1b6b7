/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spells out PSTATE in the words of the kernel's register dumps. Plain C, because the unit tests
 * build this file on the host.
 */
#ifndef SDEI_NMI_PSTATE_H
#define SDEI_NMI_PSTATE_H

#include <linux/kernel.h>
#include <linux/types.h>

#define SDEI_NMI_PSTATE_TEXT	64

/* A flag is a letter, upper case when set. */
static inline char pstate_letter(u64 pstate, unsigned int bit, char letter)
{
	return pstate >> bit & 1 ? letter : letter | 0x20;
}

static inline char pstate_sign(u64 pstate, unsigned int bit)
{
	return pstate >> bit & 1 ? '+' : '-';
}

/**
 * pstate_text() - spell out a PSTATE
 * @text: room for SDEI_NMI_PSTATE_TEXT characters
 * @pstate: as saved on exception entry (DDI0487, SPSR_EL1)
 *
 * Context: any. Return: @text.
 */
static inline const char *pstate_text(char *text, u64 pstate)
{
	static const char btype[][3] = { "--", "jc", "-c", "j-" };
	bool aarch32 = pstate >> 4 & 1;

	if (aarch32)
		snprintf(text, SDEI_NMI_PSTATE_TEXT, "%c%c%c%c %c %s %s %c%c%c %cDIT %cSSBS",
			 pstate_letter(pstate, 31, 'N'), pstate_letter(pstate, 30, 'Z'),
			 pstate_letter(pstate, 29, 'C'), pstate_letter(pstate, 28, 'V'),
			 pstate_letter(pstate, 27, 'Q'), pstate >> 5 & 1 ? "T32" : "A32",
			 pstate >> 9 & 1 ? "BE" : "LE", pstate_letter(pstate, 8, 'A'),
			 pstate_letter(pstate, 7, 'I'), pstate_letter(pstate, 6, 'F'),
			 pstate_sign(pstate, 24), pstate_sign(pstate, 23));
	else
		snprintf(text, SDEI_NMI_PSTATE_TEXT,
			 "%c%c%c%c %c%c%c%c %cPAN %cUAO %cTCO %cDIT %cSSBS BTYPE=%s",
			 pstate_letter(pstate, 31, 'N'), pstate_letter(pstate, 30, 'Z'),
			 pstate_letter(pstate, 29, 'C'), pstate_letter(pstate, 28, 'V'),
			 pstate_letter(pstate, 9, 'D'), pstate_letter(pstate, 8, 'A'),
			 pstate_letter(pstate, 7, 'I'), pstate_letter(pstate, 6, 'F'),
			 pstate_sign(pstate, 22), pstate_sign(pstate, 23), pstate_sign(pstate, 25),
			 pstate_sign(pstate, 24), pstate_sign(pstate, 12), btype[pstate >> 10 & 3]);
	return text;
}

#endif
