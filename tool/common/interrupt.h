/* SPDX-License-Identifier: GPL-2.0 */
/* Lets SIGINT, SIGTERM and SIGHUP end the program in an orderly way. */
#ifndef TOOL_COMMON_INTERRUPT_H
#define TOOL_COMMON_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);
void interrupt_release(void);
bool interrupted(void);

#endif
