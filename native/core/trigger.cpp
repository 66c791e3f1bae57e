#include "trigger.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "sample_lanes.h"
#include "vector_clones.h"

namespace pinlab {
namespace {

/// How a sample, or each lane of a vector, compares with a bound.
enum class Compare { below, at_least, above, at_most };

template <Compare kCompare, class Value>
inline __attribute__((always_inline)) auto holds(const Value& value, const Value& bound) {
  if constexpr (kCompare == Compare::below) return value < bound;
  else if constexpr (kCompare == Compare::at_least) return value >= bound;
  else if constexpr (kCompare == Compare::above) return value > bound;
  else return value <= bound;
}

constexpr uint64_t kGroupByteLength = 64;

/// Every how many samples of a group one is the channel's, the first being the first.
template <class T>
struct GroupShape {
  uint64_t groups;
  uint64_t every;  ///< divides the lanes of half a group
};

/// How many groups at the beginning have no sample of the channel for which the comparison holds.
template <Compare kCompare, class T, bool kSwap>
inline __attribute__((always_inline)) uint64_t skip_lanes(const std::byte* bytes,
                                                          GroupShape<T> shape, T bound) {
  typedef T Vector __attribute__((vector_size(kGroupByteLength / 2)));
  typedef Word<sizeof(T)> Words __attribute__((vector_size(kGroupByteLength / 2)));
  typedef uint64_t Quads __attribute__((vector_size(kGroupByteLength / 2)));
  Vector bounds;
  Words wanted;
  for (uint64_t lane = 0; lane < sizeof(Vector) / sizeof(T); ++lane) {
    bounds[lane] = bound;
    wanted[lane] = static_cast<Word<sizeof(T)>>(lane % shape.every == 0 ? -1 : 0);
  }
  for (uint64_t group = 0; group < shape.groups; ++group) {
    const std::byte* at = bytes + group * kGroupByteLength;
    Vector low, high;
    load_lanes<T, kSwap>(low, at);
    load_lanes<T, kSwap>(high, at + sizeof low);
    const auto found = (Quads)(((Words)holds<kCompare>(low, bounds) |
                                (Words)holds<kCompare>(high, bounds)) & wanted);
    if (found[0] | found[1] | found[2] | found[3]) return group;
  }
  return shape.groups;
}

/// One function for each type and order, because clones of a template's instances are not to be
/// had.
#define PINLAB_SKIP(T, Order)                                                                   \
  PINLAB_VECTOR_CLONES uint64_t skip(Order, Compare compare, const std::byte* bytes,            \
                                     GroupShape<T> shape, T bound) {                            \
    switch (compare) {                                                                          \
      case Compare::below:                                                                      \
        return skip_lanes<Compare::below, T, Order::value>(bytes, shape, bound);                \
      case Compare::at_least:                                                                   \
        return skip_lanes<Compare::at_least, T, Order::value>(bytes, shape, bound);             \
      case Compare::above:                                                                      \
        return skip_lanes<Compare::above, T, Order::value>(bytes, shape, bound);                \
      default: return skip_lanes<Compare::at_most, T, Order::value>(bytes, shape, bound);       \
    }                                                                                           \
  }
PINLAB_SKIP(int8_t, Plain)
PINLAB_SKIP(uint8_t, Plain)
PINLAB_SKIP(int16_t, Plain)
PINLAB_SKIP(int16_t, Swapped)
PINLAB_SKIP(uint16_t, Plain)
PINLAB_SKIP(uint16_t, Swapped)
PINLAB_SKIP(int32_t, Plain)
PINLAB_SKIP(int32_t, Swapped)
PINLAB_SKIP(uint32_t, Plain)
PINLAB_SKIP(uint32_t, Swapped)
PINLAB_SKIP(float, Plain)
PINLAB_SKIP(float, Swapped)
PINLAB_SKIP(double, Plain)
PINLAB_SKIP(double, Swapped)
#undef PINLAB_SKIP

/// The least number of type T that is not below `bound`; nothing if all are.
template <class T>
std::optional<T> least_from(double bound) {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_same_v<T, double>) {
    return bound;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (bound > Limits::max()) return Limits::infinity();
    if (bound < Limits::lowest()) return std::isinf(bound) ? -Limits::infinity() : Limits::lowest();
    const T near = static_cast<T>(bound);
    return near < bound ? std::nextafter(near, Limits::infinity()) : near;
  } else {
    const double whole = std::ceil(bound);
    if (whole > Limits::max()) return std::nullopt;
    return whole < Limits::lowest() ? Limits::lowest() : static_cast<T>(whole);
  }
}

/// The greatest number of type T that is not above `bound`; nothing if all are.
template <class T>
std::optional<T> greatest_to(double bound) {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_floating_point_v<T>) {
    return -*least_from<T>(-bound);
  } else {
    const double whole = std::floor(bound);
    if (whole < Limits::lowest()) return std::nullopt;
    return whole > Limits::max() ? Limits::max() : static_cast<T>(whole);
  }
}

/// The samples of one channel, of type T and in the byte order of the host or the other one.
template <class T, bool kSwap>
class Channel {
 public:
  explicit Channel(const TriggerRequest& request)
      : request_(request),
        count_(sample_count(request.byte_length, sizeof(T), request.stride)),
        every_(lane_distance(request.stride)) {}

  uint64_t count() const { return count_; }

  T sample(uint64_t index) const {
    return load_sample<T>(request_.bytes + index * request_.stride, kSwap);
  }

  /// The first sample from `at` on for which the comparison with `bound` holds; `count()` if none.
  template <Compare kCompare>
  uint64_t find(T bound, uint64_t at) const {
    while (at < count_) {
      // The next one is often near, and then not worth a vector.
      const uint64_t near = std::min(count_, at + kNear);
      for (; at < near; ++at) {
        if (holds<kCompare>(sample(at), bound)) return at;
      }
      if (every_ != 0 && at < count_) at += skip_from(kCompare, bound, at);
    }
    return count_;
  }

 private:
  static constexpr uint64_t kLanes = kGroupByteLength / sizeof(T);
  static constexpr uint64_t kNear = kLanes;

  /// 0 where samples of the channel do not share the lanes evenly.
  static uint64_t lane_distance(uint64_t stride) {
    const uint64_t distance = stride / sizeof(T);
    const bool is_even = stride % sizeof(T) == 0 && distance != 0 && kLanes / 2 % distance == 0;
    return is_even ? distance : 0;
  }

  /// Samples that can be passed by, in whole groups.
  uint64_t skip_from(Compare compare, T bound, uint64_t at) const {
    const uint64_t offset = at * request_.stride;
    const uint64_t groups = (request_.byte_length - offset) / kGroupByteLength;
    const uint64_t skipped = skip(std::bool_constant<kSwap>{}, compare, request_.bytes + offset,
                                  GroupShape<T>{groups, every_}, bound);
    return skipped * (kLanes / every_);
  }

  const TriggerRequest& request_;
  const uint64_t count_;
  const uint64_t every_;
};

/// The crossings in one direction, one after another.
template <class T, bool kSwap, Compare kArms, Compare kTriggers>
class Crossings {
 public:
  Crossings(const Channel<T, kSwap>& channel, std::optional<T> arming, std::optional<T> level)
      : channel_(channel), arming_(arming), level_(level) {
    advance();
  }

  /// The sample of the newest crossing found; the channel's count after the last one.
  uint64_t at() const { return at_; }

  void advance() { at_ = find(); }

 private:
  uint64_t find() const {
    if (!arming_ || !level_) return channel_.count();
    const uint64_t armed = channel_.template find<kArms>(*arming_, at_);
    return channel_.template find<kTriggers>(*level_, armed);
  }

  const Channel<T, kSwap>& channel_;
  const std::optional<T> arming_;
  const std::optional<T> level_;
  uint64_t at_ = 0;
};

/// `sample` is the first beyond the level.
double distance_ahead(double before, double sample, double level) {
  const double share = (sample - level) / (sample - before);
  constexpr double kSteps = 65536;
  return share >= 0 ? std::min(std::floor(share * kSteps), kSteps - 1) / kSteps : 0;
}

template <class T, bool kSwap>
std::optional<Trigger> search(const TriggerRequest& request) {
  const Channel<T, kSwap> channel(request);
  const double level = request.level;
  const uint64_t end = std::min(request.end, channel.count());
  const bool rises = request.edge != TriggerEdge::falling;
  const bool falls = request.edge != TriggerEdge::rising;
  Crossings<T, kSwap, Compare::below, Compare::at_least> rising(
      channel, rises ? least_from<T>(level - request.hysteresis) : std::nullopt,
      least_from<T>(level));
  Crossings<T, kSwap, Compare::above, Compare::at_most> falling(
      channel, falls ? greatest_to<T>(level + request.hysteresis) : std::nullopt,
      greatest_to<T>(level));
  std::optional<uint64_t> trigger;
  std::optional<uint64_t> found;
  for (;;) {
    const uint64_t at = std::min(rising.at(), falling.at());
    if (at >= end) break;
    if (!trigger || at - *trigger >= request.hold_off) {
      trigger = at;
      if (at >= request.first) found = at;
      if (found && !request.newest) break;
    }
    if (rising.at() == at) rising.advance();
    else falling.advance();
  }
  if (!found) return std::nullopt;
  const auto before = static_cast<double>(channel.sample(*found - 1));
  return Trigger{*found, distance_ahead(before, channel.sample(*found), level)};
}

}  // namespace

std::optional<Trigger> find_trigger(const TriggerRequest& request) {
  std::optional<Trigger> trigger;
  with_sample_type(request.format, [&]<class T, bool kSwap>() {
    trigger = search<T, kSwap>(request);
  });
  return trigger;
}

}  // namespace pinlab
