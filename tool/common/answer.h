/* SPDX-License-Identifier: GPL-2.0 */
/* The answer to a question about a machine, which may be that it is not known. */
#ifndef TOOL_COMMON_ANSWER_H
#define TOOL_COMMON_ANSWER_H

enum answer { NO, YES, UNKNOWN };

#endif
