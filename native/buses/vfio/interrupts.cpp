#include "interrupts.h"

#include <linux/vfio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pinlab::vfio {
namespace {

// What an event of the poll is; below kVectors it is a vector.
constexpr uint64_t kEnd = kVectors;
constexpr uint64_t kRemoval = kVectors + 1;
constexpr uint64_t kLog = kVectors + 2;

FileDescriptor make_event() { return FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

/// Messages since the last look.
uint64_t drain(const FileDescriptor& event) {
  uint64_t count = 0;
  return ::read(event.get(), &count, sizeof count) == sizeof count ? count : 0;
}

}  // namespace

Interrupts::Interrupts(const Device& device, EventSink& sink, KernelLog log,
                       std::function<void(const LoggedFault&)> fault)
    : device_(device),
      sink_(sink),
      log_(std::move(log)),
      fault_(std::move(fault)),
      poll_(epoll_create1(EPOLL_CLOEXEC)),
      end_(make_event()) {
  for (const uint32_t index :
       {VFIO_PCI_MSIX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_INTX_IRQ_INDEX}) {
    if (enable(index)) break;
  }
  removal_ = watch(VFIO_PCI_REQ_IRQ_INDEX);
  // After a fatal error of the link the device is of no use until it is opened again.
  broken_ = watch(VFIO_PCI_ERR_IRQ_INDEX);
  add_to_poll(end_.get(), kEnd);
  if (log_.file() >= 0) add_to_poll(log_.file(), kLog);
  thread_ = std::thread([this] { run(); });
}

Interrupts::~Interrupts() {
  const uint64_t one = 1;
  [[maybe_unused]] const auto told = ::write(end_.get(), &one, sizeof one);
  thread_.join();
  if (!vectors_.empty()) disable(index_);
  if (removal_) disable(VFIO_PCI_REQ_IRQ_INDEX);
  if (broken_) disable(VFIO_PCI_ERR_IRQ_INDEX);
}

/// Takes the vectors of one kind; fewer where the system has no more. False: none.
bool Interrupts::enable(uint32_t index) {
  const IrqKind kind = device_.irq_kind(index);
  if (!kind.by_eventfd) return false;
  for (uint32_t count = std::min(kind.count, kVectors); count > 0;) {
    std::vector<FileDescriptor> events(count);
    for (FileDescriptor& event : events) event = make_event();
    const int answer = set_trigger(index, events);
    if (answer == 0) {
      index_ = index;
      vectors_ = std::move(events);
      for (uint32_t i = 0; i < count; ++i) add_to_poll(vectors_[i].get(), i);
      return true;
    }
    // A positive answer is the number of vectors that could be had.
    if (answer < 0 || static_cast<uint32_t>(answer) >= count) return false;
    count = static_cast<uint32_t>(answer);
  }
  return false;
}

int Interrupts::set_trigger(uint32_t index, const std::vector<FileDescriptor>& events) const {
  std::vector<std::byte> buffer(sizeof(vfio_irq_set) + events.size() * sizeof(int32_t));
  auto* set = reinterpret_cast<vfio_irq_set*>(buffer.data());
  set->argsz = static_cast<uint32_t>(buffer.size());
  set->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
  set->index = index;
  set->count = static_cast<uint32_t>(events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    const int32_t file = events[i].get();
    std::memcpy(set->data + i * sizeof file, &file, sizeof file);
  }
  return ioctl(device_.file(), VFIO_DEVICE_SET_IRQS, set);
}

void Interrupts::disable(uint32_t index) const {
  vfio_irq_set set{};
  set.argsz = sizeof set;
  set.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER;
  set.index = index;
  ioctl(device_.file(), VFIO_DEVICE_SET_IRQS, &set);
}

FileDescriptor Interrupts::watch(uint32_t index) {
  const IrqKind kind = device_.irq_kind(index);
  if (kind.count == 0 || !kind.by_eventfd) return FileDescriptor();
  std::vector<FileDescriptor> events;
  events.push_back(make_event());
  if (set_trigger(index, events) != 0) return FileDescriptor();
  add_to_poll(events[0].get(), kRemoval);
  return std::move(events[0]);
}

void Interrupts::unmask(uint32_t vector) const {
  if (index_ != VFIO_PCI_INTX_IRQ_INDEX || vector >= vectors_.size()) return;
  vfio_irq_set set{};
  set.argsz = sizeof set;
  set.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK;
  set.index = index_;
  set.count = 1;
  ioctl(device_.file(), VFIO_DEVICE_SET_IRQS, &set);
}

void Interrupts::add_to_poll(int file, uint64_t what) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = what;
  epoll_ctl(poll_.get(), EPOLL_CTL_ADD, file, &event);
}

void Interrupts::run() {
  epoll_event events[16];
  while (true) {
    const int count = epoll_wait(poll_.get(), events, 16, -1);
    if (count < 0 && errno != EINTR) return;
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == kEnd) return;
      take(events[i].data.u64);
    }
  }
}

void Interrupts::take(uint64_t what) {
  if (what < kVectors) {
    const uint64_t count = drain(vectors_[what]);
    if (count > 0) sink_.interrupt(static_cast<uint32_t>(what), count);
    return;
  }
  if (what == kLog) return log_.drain(fault_);
  const bool removed = removal_ && drain(removal_) > 0;
  const bool broken = broken_ && drain(broken_) > 0;
  if (removed || broken) sink_.removal();
}

}  // namespace pinlab::vfio
