// What a board behind VFIO may reach: locks as translations of its IOMMU.
#pragma once

#include <atomic>
#include <shared_mutex>

#include "../../core/card.h"
#include "../../core/device_addresses.h"
#include "../../core/interval_index.h"
#include "container.h"

namespace pinlab::vfio {

/// Thread-safe. The kernel pins what is mapped. Translation has the granule of a page: a board also
/// reaches what shares a page with a lock.
class IovaSpace : public AddressSpace {
 public:
  /// `fragmentation`: see DeviceAddresses; each run is a mapping of the container. Addresses differ
  /// from run to run, so that what a dead process set going does not hit the next one's memory.
  IovaSpace(Container& container, uint32_t fragmentation);

  /// The container is about to be closed, and with it the kernel unmaps all there is: from here on
  /// nothing is mapped. Waits for what is under way.
  void shut();

  /// AddressSpace, see there. One mapping of the kernel for each segment; either all or none.
  /// WD_INSUFFICIENT_RESOURCES with the limit: device addresses, mappings, RLIMIT_MEMLOCK.
  Result<std::vector<Segment>> map(uint64_t handle, const LockPlan& plan,
                                   HostRange memory) override;
  /// When the kernel does not take back all of a lock, nothing is mapped any more: WD_OPERATION_FAILED
  /// until the board is opened again.
  void unmap(uint64_t handle) override;
  Keeper keeper() const override { return Keeper::bus; }

  /// Completes what is known of a refused access: its lock, and whether it went against a direction.
  void explain(IommuFault& fault);

 private:
  Result<void> map_segments(const Mapping& mapping);
  Result<void> unmap_segments(const Mapping& mapping, size_t count);

  /// Shared by what uses the container, exclusive for `shut`.
  std::shared_mutex mutex_;
  Container* container_;  ///< null once shut
  DeviceAddresses addresses_;
  IntervalIndex index_;
  std::atomic<bool> stuck_{false};
};

}  // namespace pinlab::vfio
