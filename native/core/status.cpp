#include "status.h"

namespace pinlab {
namespace {

struct Entry {
  uint32_t status;
  const char* name;
  const char* text;
};

constexpr Entry kEntries[] = {
    {0x00000000, "WD_STATUS_SUCCESS", "Success"},
    {0xFFFFFFFF, "WD_STATUS_INVALID_WD_HANDLE", "Invalid WinDriver handle"},
    {0x20000000, "WD_WINDRIVER_STATUS_ERROR", "Error"},
    {0x20000001, "WD_INVALID_HANDLE", "Invalid handle"},
    {0x20000002, "WD_INVALID_PIPE_NUMBER", "Invalid pipe number"},
    {0x20000003, "WD_READ_WRITE_CONFLICT", "Conflict between read and write operations"},
    {0x20000004, "WD_ZERO_PACKET_SIZE", "Packet size is zero"},
    {0x20000005, "WD_INSUFFICIENT_RESOURCES", "Insufficient resources"},
    {0x20000006, "WD_UNKNOWN_PIPE_TYPE", "Unknown pipe type"},
    {0x20000007, "WD_SYSTEM_INTERNAL_ERROR", "Internal system error"},
    {0x20000008, "WD_DATA_MISMATCH", "Data mismatch"},
    {0x20000009, "WD_NO_LICENSE", "No valid license"},
    {0x2000000A, "WD_NOT_IMPLEMENTED", "Function not implemented"},
    {0x2000000B, "WD_KERPLUG_FAILURE", "Kernel PlugIn failure"},
    {0x2000000C, "WD_FAILED_ENABLING_INTERRUPT", "Failed enabling interrupt"},
    {0x2000000D, "WD_INTERRUPT_NOT_ENABLED", "Interrupt not enabled"},
    {0x2000000E, "WD_RESOURCE_OVERLAP", "Resource overlap"},
    {0x2000000F, "WD_DEVICE_NOT_FOUND", "Device not found"},
    {0x20000010, "WD_WRONG_UNIQUE_ID", "Wrong unique ID"},
    {0x20000011, "WD_OPERATION_ALREADY_DONE", "Operation already done"},
    {0x20000012, "WD_USB_DESCRIPTOR_ERROR", "Usb descriptor error"},
    {0x20000013, "WD_SET_CONFIGURATION_FAILED", "Set configuration operation failed"},
    {0x20000014, "WD_CANT_OBTAIN_PDO", "Cannot obtain PDO"},
    {0x20000015, "WD_TIME_OUT_EXPIRED", "Timeout expired"},
    {0x20000016, "WD_IRP_CANCELED", "IRP operation canceled"},
    {0x20000017, "WD_FAILED_USER_MAPPING", "Failed to map in user space"},
    {0x20000018, "WD_FAILED_KERNEL_MAPPING", "Failed to map in kernel space"},
    {0x20000019, "WD_NO_RESOURCES_ON_DEVICE", "No resources on the device"},
    {0x2000001A, "WD_NO_EVENTS", "No events"},
    {0x2000001B, "WD_INVALID_PARAMETER", "Invalid parameter"},
    {0x2000001C, "WD_INCORRECT_VERSION", "Incorrect WinDriver version installed"},
    {0x2000001D, "WD_TRY_AGAIN", "Try again"},
    {0x2000001E, "WD_WINDRIVER_NOT_FOUND", "Failed open WinDriver"},
    {0x2000001F, "WD_INVALID_IOCTL", "Received an invalid IOCTL"},
    {0x20000020, "WD_OPERATION_FAILED", "Operation failed"},
    {0x20000021, "WD_INVALID_32BIT_APP", "Received an invalid 32bit IOCTL"},
    {0x20000022, "WD_TOO_MANY_HANDLES", "No room to add handle"},
    {0x20000023, "WD_NO_DEVICE_OBJECT", "Driver not installed"},
    {0xC0000016, "WD_MORE_PROCESSING_REQUIRED", "More transfers follow"},
};

const Entry* find(uint32_t status) {
  for (const Entry& entry : kEntries) {
    if (entry.status == status) return &entry;
  }
  return nullptr;
}

}  // namespace

const char* status_name(uint32_t status) {
  const Entry* entry = find(status);
  return entry ? entry->name : "WD_UNRECOGNIZED";
}

const char* status_text(uint32_t status) {
  const Entry* entry = find(status);
  return entry ? entry->text : "Unrecognized error code";
}

}  // namespace pinlab
