#include "recording.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "npy.h"
#include "wav.h"

namespace pinlab::simulated {
namespace {

constexpr uint64_t kMaxFileByteLength = 1ull << 30;

/// Closes the file whichever way the function ends.
struct File {
  int descriptor;
  ~File() {
    if (descriptor >= 0) close(descriptor);
  }
};

Result<std::vector<uint8_t>> read_file(const std::string& path) {
  // Not blocking: a path that names a pipe must not hang the open.
  const File file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat found{};
  if (file.descriptor < 0 || fstat(file.descriptor, &found) != 0) {
    return Error{Status::invalid_parameter, "cannot be read", errno};
  }
  if (!S_ISREG(found.st_mode)) return invalid_parameter("is not a regular file");
  if (static_cast<uint64_t>(found.st_size) > kMaxFileByteLength) {
    return invalid_parameter("is larger than 1 GiB");
  }
  std::vector<uint8_t> bytes(static_cast<size_t>(found.st_size));
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t got = read(file.descriptor, bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Status::invalid_parameter, "cannot be read", errno};
    if (got == 0) return invalid_parameter("became shorter while it was read");
    done += static_cast<size_t>(got);
  }
  return bytes;
}

Result<Recording> take_raw(std::vector<uint8_t> file, const FrameFormat& format) {
  if (is_wav(file) || is_npy(file)) {
    return invalid_parameter("says its format itself; leave recordingFormat out");
  }
  const uint64_t frame = format.frame_byte_length();
  if (file.empty()) return invalid_parameter("is empty");
  if (file.size() % frame != 0) {
    return invalid_parameter("has " + std::to_string(file.size()) +
                             " bytes, which are not whole frames of " + std::to_string(frame));
  }
  Recording recording;
  static_cast<FrameFormat&>(recording) = format;
  recording.bytes = std::move(file);
  return recording;
}

Result<Recording> parse(std::vector<uint8_t> file, const std::optional<FrameFormat>& raw) {
  if (raw) return take_raw(std::move(file), *raw);
  if (is_wav(file)) return parse_wav(file);
  if (is_npy(file)) return parse_npy(file);
  return invalid_parameter(
      "is neither a WAV nor a .npy file; what a raw file holds is said by recordingFormat");
}

}  // namespace

std::optional<FrameFormat> frame_format_of(std::string_view name, uint32_t channels) {
  struct Named {
    std::string_view name;
    uint32_t bits;
    bool is_float, is_signed;
  };
  static constexpr Named kNamed[] = {
      {"i8", 8, false, true},     {"u8", 8, false, false},     {"i16le", 16, false, true},
      {"u16le", 16, false, false}, {"i32le", 32, false, true},  {"u32le", 32, false, false},
      {"f32le", 32, true, true},   {"f64le", 64, true, true},
  };
  for (const Named& one : kNamed) {
    if (one.name == name) return FrameFormat{channels, one.bits, one.is_float, one.is_signed};
  }
  return std::nullopt;
}

Result<std::shared_ptr<const Recording>> read_recording(const RecordingFile& file) {
  auto bytes = read_file(file.path);
  auto parsed = bytes.ok() ? parse(std::move(bytes.value()), file.raw)
                           : Result<Recording>(bytes.error());
  if (!parsed.ok()) {
    Error error = parsed.error();
    error.message = "recording " + file.path + " " + error.message;
    return error;
  }
  return std::shared_ptr<const Recording>(std::make_shared<Recording>(std::move(parsed.value())));
}

}  // namespace pinlab::simulated
