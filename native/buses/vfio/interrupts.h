// A device's events as they come from the kernel: interrupts, faults of its IOMMU, and the wish to
// have the device back.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "../../core/card.h"
#include "device.h"
#include "file_descriptor.h"
#include "kernel_log.h"

namespace pinlab::vfio {

/// Eventfds for all vectors from the start, and one thread that feeds the sink. MSI-X is taken where
/// the device has it, else MSI, else INTx.
class Interrupts {
 public:
  /// `device` and `sink` must outlive this. `fault` is given each line of the kernel's log on this
  /// device, on the thread. What the device or the kernel refuses is not there: no vector, no removal.
  Interrupts(const Device& device, EventSink& sink, KernelLog log,
             std::function<void(const LoggedFault&)> fault);
  /// Ends the thread: nothing reaches the sink afterwards.
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  uint32_t vectors() const { return static_cast<uint32_t>(vectors_.size()); }
  /// INTx is masked by the kernel when it fires; this lets the next one come. Any thread.
  void unmask(uint32_t vector) const;

 private:
  bool enable(uint32_t index);
  int set_trigger(uint32_t index, const std::vector<FileDescriptor>& events) const;
  void disable(uint32_t index) const;
  FileDescriptor watch(uint32_t index);
  void add_to_poll(int file, uint64_t what) const;
  void run();
  void take(uint64_t what);

  const Device& device_;
  EventSink& sink_;
  KernelLog log_;
  const std::function<void(const LoggedFault&)> fault_;
  FileDescriptor poll_;
  FileDescriptor end_;
  uint32_t index_ = 0;  ///< of the kind that is enabled
  std::vector<FileDescriptor> vectors_;
  FileDescriptor removal_;
  FileDescriptor broken_;
  std::thread thread_;
};

}  // namespace pinlab::vfio
