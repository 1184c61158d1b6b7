// SPDX-License-Identifier: GPL-2.0
/* Tests driver/pstate.h, which only a module out of tree uses. */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include "driver/pstate.h"

/*
 * The words for a PSTATE. The expected words were worked out by hand from the layout of SPSR_EL1
 * (DDI0487) and the format of the kernel's print_pstate().
 */
struct pstate_row {
	u64 pstate;
	const char *text;
};

static void pstate_check(struct kunit *test, const struct pstate_row *row, size_t count)
{
	for (; count; count--, row++) {
		char text[SDEI_NMI_PSTATE_TEXT];

		memset(text, '?', sizeof(text));
		KUNIT_EXPECT_PTR_EQ_MSG(test, pstate_text(text, row->pstate), &text[0],
					"pstate = %08llx", row->pstate);
		KUNIT_ASSERT_NOT_NULL_MSG(test, memchr(text, '\0', sizeof(text)),
					  "pstate = %08llx", row->pstate);
		KUNIT_EXPECT_STREQ_MSG(test, text, row->text, "pstate = %08llx", row->pstate);
	}
}

static void whole_words(struct kunit *test)
{
	static const struct pstate_row rows[] = {
		{ 0x60400009, "nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 0x604000c5, "nZCv daIF +PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 0x814003c9, "Nzcv DAIF +PAN -UAO -TCO +DIT -SSBS BTYPE=--" },
		{ 0x80000005, "Nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 0x00001000, "nzcv daif -PAN -UAO -TCO -DIT +SSBS BTYPE=--" },
		{ 0x600f0030, "nZCv q T32 LE aif -DIT -SSBS" },
	};

	pstate_check(test, rows, ARRAY_SIZE(rows));
}

static void aarch64_bit_by_bit(struct kunit *test)
{
	static const struct pstate_row rows[] = {
		{ 0, "nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 31, "Nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 30, "nZcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 29, "nzCv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 28, "nzcV daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 9, "nzcv Daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 8, "nzcv dAif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 7, "nzcv daIf -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 6, "nzcv daiF -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 22, "nzcv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 23, "nzcv daif -PAN +UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 25, "nzcv daif -PAN -UAO +TCO -DIT -SSBS BTYPE=--" },
		{ 1U << 24, "nzcv daif -PAN -UAO -TCO +DIT -SSBS BTYPE=--" },
		{ 1U << 12, "nzcv daif -PAN -UAO -TCO -DIT +SSBS BTYPE=--" },
		{ 1U << 10, "nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=jc" },
		{ 2U << 10, "nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=-c" },
		{ 3U << 10, "nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=j-" },
	};

	pstate_check(test, rows, ARRAY_SIZE(rows));
}

/* M[3:0], IL, SS, ALLINT, the reserved bits, and all bits above bit 31. */
static void aarch64_bits_without_a_word(struct kunit *test)
{
	static const struct pstate_row rows[] = {
		{ 0x0000000f, "nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 0x0c3fe02f, "nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 0xffffffff00000000, "nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--" },
		{ 0xf3c01fc0, "NZCV DAIF +PAN +UAO +TCO +DIT +SSBS BTYPE=j-" },
		{ 0xffffffffffffffef, "NZCV DAIF +PAN +UAO +TCO +DIT +SSBS BTYPE=j-" },
	};

	pstate_check(test, rows, ARRAY_SIZE(rows));
}

static void aarch32_bit_by_bit(struct kunit *test)
{
	static const struct pstate_row rows[] = {
		{ 0x10, "nzcv q A32 LE aif -DIT -SSBS" },
		{ 0x10 | 1U << 31, "Nzcv q A32 LE aif -DIT -SSBS" },
		{ 0x10 | 1U << 30, "nZcv q A32 LE aif -DIT -SSBS" },
		{ 0x10 | 1U << 29, "nzCv q A32 LE aif -DIT -SSBS" },
		{ 0x10 | 1U << 28, "nzcV q A32 LE aif -DIT -SSBS" },
		{ 0x10 | 1U << 27, "nzcv Q A32 LE aif -DIT -SSBS" },
		{ 0x10 | 1U << 5, "nzcv q T32 LE aif -DIT -SSBS" },
		{ 0x10 | 1U << 9, "nzcv q A32 BE aif -DIT -SSBS" },
		{ 0x10 | 1U << 8, "nzcv q A32 LE Aif -DIT -SSBS" },
		{ 0x10 | 1U << 7, "nzcv q A32 LE aIf -DIT -SSBS" },
		{ 0x10 | 1U << 6, "nzcv q A32 LE aiF -DIT -SSBS" },
		{ 0x10 | 1U << 24, "nzcv q A32 LE aif +DIT -SSBS" },
		{ 0x10 | 1U << 23, "nzcv q A32 LE aif -DIT +SSBS" },
	};

	pstate_check(test, rows, ARRAY_SIZE(rows));
}

/* IT, GE, PAN, IL, and bit 21, which is DIT in an AArch32 view of the CPSR but not here. */
static void aarch32_bits_without_a_word(struct kunit *test)
{
	static const struct pstate_row rows[] = {
		{ 0x00200010, "nzcv q A32 LE aif -DIT -SSBS" },
		{ 0x067ffc10, "nzcv q A32 LE aif -DIT -SSBS" },
		{ 0xf98003f0, "NZCV Q T32 BE AIF +DIT +SSBS" },
		{ 0xfffffffffffffff0, "NZCV Q T32 BE AIF +DIT +SSBS" },
	};

	pstate_check(test, rows, ARRAY_SIZE(rows));
}

static struct kunit_case pstate_cases[] = {
	KUNIT_CASE(whole_words),
	KUNIT_CASE(aarch64_bit_by_bit),
	KUNIT_CASE(aarch64_bits_without_a_word),
	KUNIT_CASE(aarch32_bit_by_bit),
	KUNIT_CASE(aarch32_bits_without_a_word),
	{}
};

static struct kunit_suite pstate_suite = {
	.name = "sdei_nmi_pstate",
	.test_cases = pstate_cases,
};

kunit_test_suites(&pstate_suite);
