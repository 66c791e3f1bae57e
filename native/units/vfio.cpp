// The VFIO bus, compiled as one: parsing the headers costs more than compiling a file.

#include "../buses/vfio/bar.cpp"
#include "../buses/vfio/bus_error.cpp"
#include "../buses/vfio/container.cpp"
#include "../buses/vfio/device.cpp"
#include "../buses/vfio/interrupts.cpp"
#include "../buses/vfio/iova_space.cpp"
#include "../buses/vfio/kernel_log.cpp"
#include "../buses/vfio/pci_device.cpp"
#include "../buses/vfio/vfio_card.cpp"
