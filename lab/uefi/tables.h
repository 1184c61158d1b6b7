/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LAB_TABLES_H
#define LAB_TABLES_H

#include <Uefi.h>
#include <Protocol/AcpiTable.h>

VOID
LabAmendTable (
  IN OUT VOID  *Table
  );

EFI_STATUS
LabInstallTables (
  IN EFI_ACPI_TABLE_PROTOCOL  *AcpiProtocol
  );

#endif
