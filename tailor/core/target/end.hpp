// Ends what target/begin.hpp began. Templates of the standard library are compiled at the end of a
// file, for whatever target is then in force.
#pragma GCC pop_options
