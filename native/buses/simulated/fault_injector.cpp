#include "fault_injector.h"

namespace pinlab::simulated {

FaultInjector::FaultInjector(std::vector<Fault> at_power_up,
                             std::function<void(FaultKind)> strike_board)
    : at_power_up_(std::move(at_power_up)), strike_board_(std::move(strike_board)) {
  reset();
}

void FaultInjector::arm(const Fault& fault) {
  std::lock_guard guard(mutex_);
  if (fault.kind == FaultKind::none || fault.count == 0 || faults_.size() >= kMaxFaults) return;
  faults_.push_back(fault);
  armed_.store(static_cast<uint32_t>(faults_.size()), std::memory_order_release);
}

void FaultInjector::disarm_all() {
  std::lock_guard guard(mutex_);
  faults_.clear();
  armed_.store(0, std::memory_order_release);
}

void FaultInjector::reset() {
  disarm_all();
  for (const Fault& fault : at_power_up_) arm(fault);
  struck_.store(0);
}

bool FaultInjector::take(Fault& fault) {
  if (fault.skip > 0) return --fault.skip, false;
  --fault.count;
  struck_.fetch_add(1);
  return true;
}

void FaultInjector::drop_spent() {
  std::erase_if(faults_, [](const Fault& fault) { return fault.count == 0; });
  armed_.store(static_cast<uint32_t>(faults_.size()), std::memory_order_release);
}

Strike FaultInjector::strike(bool to_card, uint32_t number) {
  Strike strike;
  if (armed() == 0) return strike;
  bool link_lost = false, bus_master_off = false;
  {
    std::lock_guard guard(mutex_);
    for (Fault& fault : faults_) {
      if (fault.to_card != to_card || fault.number != number) continue;
      if (fault.kind == FaultKind::lost_interrupt || !take(fault)) continue;
      switch (fault.kind) {
        case FaultKind::stall: strike.stall = true; break;
        case FaultKind::short_transfer: strike.short_transfer = true; break;
        case FaultKind::link_lost: link_lost = true; break;
        case FaultKind::bus_master_off: bus_master_off = true; break;
        case FaultKind::iommu_fault: strike.outside = true; break;
        case FaultKind::data_flip: strike.flip = true; break;
        case FaultKind::late_completion:
          strike.late = true;
          strike.delay_ms = fault.delay_ms;
          break;
        case FaultKind::wrong_magic: strike.wrong_magic = true; break;
        case FaultKind::error_bits:
          strike.error_bits |= fault.bits & injectable_bits(to_card);
          break;
        default: break;
      }
    }
    drop_spent();
  }
  if (link_lost) strike_board_(FaultKind::link_lost);
  if (bus_master_off) strike_board_(FaultKind::bus_master_off);
  return strike;
}

bool FaultInjector::drops_interrupt(bool to_card, uint32_t number) {
  if (armed() == 0) return false;
  std::lock_guard guard(mutex_);
  bool dropped = false;
  for (Fault& fault : faults_) {
    if (fault.kind != FaultKind::lost_interrupt) continue;
    if (fault.to_card != to_card || fault.number != number) continue;
    if (take(fault)) dropped = true;
  }
  drop_spent();
  return dropped;
}

}  // namespace pinlab::simulated
