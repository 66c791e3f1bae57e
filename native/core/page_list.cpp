#include "page_list.h"

#include <algorithm>

#include "host_memory.h"

namespace pinlab {
namespace {

uint64_t cpu_pages(const Segment& segment) {
  const uint64_t begin = page_floor(segment.device_address);
  return (page_ceil(segment.device_address + segment.byte_length) - begin) / kPageByteLength;
}

uint64_t count_pages(const std::vector<Segment>& segments, bool merge_adjacent) {
  uint64_t count = 0;
  uint64_t end = 0;
  for (const Segment& segment : segments) {
    if (!merge_adjacent) {
      count += cpu_pages(segment);
    } else if (segment.device_address != end) {
      ++count;
    }
    end = segment.device_address + segment.byte_length;
  }
  return count;
}

void append_merged(std::vector<Page>& pages, const Segment& segment) {
  const auto byte_length = static_cast<uint32_t>(segment.byte_length);
  if (!pages.empty() && pages.back().address + pages.back().byte_length == segment.device_address) {
    pages.back().byte_length += byte_length;
  } else {
    pages.push_back({segment.device_address, byte_length});
  }
}

void append_each(std::vector<Page>& pages, const Segment& segment) {
  const uint64_t end = segment.device_address + segment.byte_length;
  for (uint64_t at = segment.device_address; at < end;) {
    const uint64_t next = std::min(page_floor(at) + kPageByteLength, end);
    pages.push_back({at, static_cast<uint32_t>(next - at)});
    at = next;
  }
}

}  // namespace

Result<std::vector<Page>> build_page_list(const std::vector<Segment>& segments, bool merge_adjacent,
                                          uint32_t capacity) {
  const uint64_t count = count_pages(segments, merge_adjacent);
  if (count > capacity) {
    Error error{Status::insufficient_resources, "the page list needs " + std::to_string(count) +
                                                    " entries and may have " +
                                                    std::to_string(capacity)};
    error.help = "lock with LARGE_BUFFER and maxPages, or lock less at a time";
    return error;
  }
  std::vector<Page> pages;
  pages.reserve(count);
  for (const Segment& segment : segments) {
    merge_adjacent ? append_merged(pages, segment) : append_each(pages, segment);
  }
  return pages;
}

}  // namespace pinlab
