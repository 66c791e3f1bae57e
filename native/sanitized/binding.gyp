{
  # The addon of ../binding.gyp once more, with sanitizers, beside the one that is used.
  'includes': ['../binding.gyp'],
  'variables': { 'sanitize': 1 }
}
