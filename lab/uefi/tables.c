// SPDX-License-Identifier: GPL-2.0
/*
 * The ACPI tables of the lab's machine, for EDK2's AcpiPlatformDxe. lab/uefi.sh calls these functions from there.
 *
 * QEMU takes a machine with a firmware in EL3 for one without PSCI, and has no table for SDEI. Its hardware errors (ras=on) come by an
 * exception or an interrupt; the lab's come by an SDEI event, as on servers. The lab passes its own tables in the fw_cfg file
 * TABLES_FILE, one behind the other.
 */
#include <IndustryStandard/Acpi.h>
#include <Library/BaseLib.h>
#include <Library/BaseMemoryLib.h>
#include <Library/DebugLib.h>
#include <Library/MemoryAllocationLib.h>
#include <Library/QemuFwCfgLib.h>

#include "tables.h"

#define TABLES_FILE	"opt/sdei-nmi/tables"

/* EVENT_OTHER of lab/firmware/faults.c */
#define ERROR_EVENT	1

typedef struct {
  EFI_ACPI_6_3_HARDWARE_ERROR_SOURCE_TABLE_HEADER                 Hest;
  EFI_ACPI_6_3_GENERIC_HARDWARE_ERROR_SOURCE_VERSION_2_STRUCTURE  Source;
} LAB_HEST;

STATIC
VOID
MarkPsci (
  IN OUT EFI_ACPI_DESCRIPTION_HEADER  *Table
  )
{
  EFI_ACPI_6_3_FIXED_ACPI_DESCRIPTION_TABLE  *Fadt = (VOID *)Table;

  if (Table->Length >= OFFSET_OF (EFI_ACPI_6_3_FIXED_ACPI_DESCRIPTION_TABLE, ArmBootArch) + sizeof Fadt->ArmBootArch) {
    Fadt->ArmBootArch |= EFI_ACPI_6_3_ARM_PSCI_COMPLIANT;
  }
}

STATIC
VOID
NotifyBySdei (
  IN OUT EFI_ACPI_DESCRIPTION_HEADER  *Table
  )
{
  LAB_HEST  *Hest = (VOID *)Table;

  if ((Table->Length >= sizeof *Hest) && (Hest->Source.Type == EFI_ACPI_6_3_GENERIC_HARDWARE_ERROR_VERSION_2)) {
    Hest->Source.NotificationStructure.Type   = EFI_ACPI_6_3_HARDWARE_ERROR_NOTIFICATION_SOFTWARE_DELEGATED_EXCEPTION;
    Hest->Source.NotificationStructure.Vector = ERROR_EVENT;
  }
}

/**
  Changes QEMU's FADT and HEST, and leaves other tables as they are.

  @param[in,out] Header  an ACPI table before it is installed
**/
VOID
LabAmendTable (
  IN OUT VOID  *Header
  )
{
  EFI_ACPI_DESCRIPTION_HEADER  *Table = Header;

  switch (Table->Signature) {
    case EFI_ACPI_6_3_FIXED_ACPI_DESCRIPTION_TABLE_SIGNATURE:
      MarkPsci (Table);
      break;
    case EFI_ACPI_6_3_HARDWARE_ERROR_SOURCE_TABLE_SIGNATURE:
      NotifyBySdei (Table);
      break;
    default:
      return;
  }

  Table->Checksum = 0;
  Table->Checksum = CalculateCheckSum8 ((UINT8 *)Table, Table->Length);
}

/**
  Installs the tables of the fw_cfg file, if there is one.

  @param[in] AcpiProtocol  the protocol that installs tables

  @retval EFI_SUCCESS         all tables are installed, or there is no such file
  @retval EFI_PROTOCOL_ERROR  a table's length does not fit into the file
  @return                     errors of AcpiProtocol->InstallAcpiTable()
**/
EFI_STATUS
LabInstallTables (
  IN EFI_ACPI_TABLE_PROTOCOL  *AcpiProtocol
  )
{
  EFI_ACPI_DESCRIPTION_HEADER  *Table;
  FIRMWARE_CONFIG_ITEM         Item;
  EFI_STATUS                   Status;
  UINT8                        *Tables;
  UINTN                        Size, At, Key;

  if (EFI_ERROR (QemuFwCfgFindFile (TABLES_FILE, &Item, &Size))) {
    return EFI_SUCCESS;
  }

  Tables = AllocatePool (Size);
  if (Tables == NULL) {
    return EFI_OUT_OF_RESOURCES;
  }

  QemuFwCfgSelectItem (Item);
  QemuFwCfgReadBytes (Size, Tables);
  Status = EFI_SUCCESS;
  for (At = 0; At < Size && !EFI_ERROR (Status); At += Table->Length) {
    Table = (EFI_ACPI_DESCRIPTION_HEADER *)(Tables + At);
    if ((Size - At < sizeof *Table) || (Table->Length < sizeof *Table) || (Size - At < Table->Length)) {
      Status = EFI_PROTOCOL_ERROR;
      break;
    }

    Status = AcpiProtocol->InstallAcpiTable (AcpiProtocol, Table, Table->Length, &Key);
  }

  FreePool (Tables);
  return Status;
}
