{
  # sanitized/binding.gyp builds the same with AddressSanitizer and UndefinedBehaviorSanitizer.
  'variables': { 'sanitize%': 0 },
  'targets': [
    {
      'target_name': 'pinlab',
      'sources': [
        'core/address_pool.cpp',
        'core/card.cpp',
        'core/checked_copy.cpp',
        'core/device_addresses.cpp',
        'core/existing_buffers.cpp',
        'core/host_memory.cpp',
        'core/interval_index.cpp',
        'core/lock_table.cpp',
        'core/memory_item.cpp',
        'core/options.cpp',
        'core/page_counts.cpp',
        'core/page_list.cpp',
        'core/page_tracker.cpp',
        'core/pattern.cpp',
        'core/prbs31.cpp',
        'core/projection.cpp',
        'core/register_list.cpp',
        'core/residency.cpp',
        'core/samples.cpp',
        'core/spectrum.cpp',
        'core/status.cpp',
        'core/write_trace.cpp',
        'buses/simulated/adc.cpp',
        'buses/simulated/adc_fifo.cpp',
        'buses/simulated/card_memory.cpp',
        'buses/simulated/config_space.cpp',
        'buses/simulated/engine.cpp',
        'buses/simulated/engine_faults.cpp',
        'buses/simulated/engine_registers.cpp',
        'buses/simulated/engine_walk.cpp',
        'buses/simulated/fault_block.cpp',
        'buses/simulated/fault_injector.cpp',
        'buses/simulated/fetch_control.cpp',
        'buses/simulated/iommu.cpp',
        'buses/simulated/irq_block.cpp',
        'buses/simulated/npy.cpp',
        'buses/simulated/performance.cpp',
        'buses/simulated/recording.cpp',
        'buses/simulated/signal.cpp',
        'buses/simulated/simulated_card.cpp',
        'buses/simulated/user_logic.cpp',
        'buses/simulated/wav.cpp',
        'buses/vfio/bar.cpp',
        'buses/vfio/bus_error.cpp',
        'buses/vfio/container.cpp',
        'buses/vfio/device.cpp',
        'buses/vfio/interrupts.cpp',
        'buses/vfio/iova_space.cpp',
        'buses/vfio/kernel_log.cpp',
        'buses/vfio/pci_device.cpp',
        'buses/vfio/vfio_card.cpp',
        'addon/addon.cpp',
        'addon/backing_store.cpp',
        'addon/card_functions.cpp',
        'addon/card_object.cpp',
        'addon/device_functions.cpp',
        'addon/errors.cpp',
        'addon/event_bridge.cpp',
        'addon/event_functions.cpp',
        'addon/lock_functions.cpp',
        'addon/memory_functions.cpp',
        'addon/open_card.cpp',
        'addon/projection_functions.cpp',
        'addon/register_functions.cpp',
        'addon/report_functions.cpp',
        'addon/simulated_functions.cpp',
        'addon/task.cpp',
        'addon/vfio_functions.cpp',
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
