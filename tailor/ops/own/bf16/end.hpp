// Closes the region that begin.hpp opens.
#pragma GCC diagnostic pop
#pragma GCC pop_options
