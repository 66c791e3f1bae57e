{
  # sanitized/binding.gyp builds the same with AddressSanitizer and UndefinedBehaviorSanitizer.
  'variables': { 'sanitize%': 0 },
  'targets': [
    {
      'target_name': 'pinlab',
      'sources': [
        'units/addon.cpp',
        'units/core.cpp',
        'units/simulated.cpp',
        'units/vfio.cpp',
        # PFFFT's own source, which this package of its WebAssembly build carries.
        '../node_modules/@echogarden/pffft-wasm/src/pffft.c'
      ],
      'include_dirs': [
        "<!@(node -p \"require('node-addon-api').include\")",
        '../node_modules/@echogarden/pffft-wasm/src'
      ],
      'defines': [
        'NAPI_VERSION=9',
        'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
        # In an environment that ends nothing can be thrown; that must not end the process.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'
      ],
      'cflags': ['-O3', '-fvisibility=hidden', '-Wall', '-Wextra'],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-fno-exceptions'],
      'cflags_cc': ['-std=c++20', '-Wno-psabi', '-Wno-cast-function-type'],
      'conditions': [
        ['sanitize==1', {
          'defines': ['PINLAB_SANITIZE'],
          'cflags!': ['-O3'],
          'cflags': ['-O1', '-g1', '-fno-omit-frame-pointer', '-fsanitize=address,undefined'],
          'ldflags': ['-fsanitize=address,undefined']
        }]
      ]
    }
  ]
}
